"""What a reader finds who types a word into the search."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "_ext"))
from docutils import nodes
from findable import mend, unindexed

pytestmark = pytest.mark.browser


def results(tab, base, word):
    tab.goto(f"{base}search.html?q={word}")
    tab.wait_for_selector(".search-summary:has-text('found')")
    tab.wait_for_timeout(1500)  # excerpts are fetched page by page
    return [
        [one.locator("a").first.inner_text(), one.inner_text()]
        for one in tab.locator("ul.search li").all()
    ]


@pytest.mark.parametrize("word", ["vanishing", "fragile"])
def test_a_page_is_found_once_and_reads_well(word, tab, base):
    found = results(tab, base, word)
    titles = [title for title, _ in found]
    assert "The ledger" in titles and len({*titles}) == len(titles)
    for _, text in found:  # as in "whenCures" and "vanish◐ holds"
        assert not re.search(r"[a-z.](?:Holds|Cures|Open|Use)\b", text)
        assert not re.search(r"\w[◐✓✗]", text)


def test_a_list_that_repeats_the_ledger_is_not_indexed():
    document = nodes.section()
    for html in ("<p>a</p><p>b</p>", '<div class="nl-compact">c</div>'):
        document += nodes.raw("", html, format="html")

    class App:
        class builder:
            format = "html"

    mend(App, document, "page")
    assert document[0].astext() == "<p>a</p>\n<p>b</p>"
    assert isinstance(document[1], unindexed)
