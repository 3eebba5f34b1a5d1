"""The ledger in a browser: filters, address, links, files, no script."""

import csv
import io
import json
import re

import pytest

from normlib import ledger
from normlib.card_tables import anchor
from normlib.cards import slug
from normlib.chapters import place

pytestmark = pytest.mark.browser
PAGE = "chapters/ledger.html"
SHOWN = """() => [...document.querySelectorAll('.nl-claims > li')]
    .filter(li => li.checkVisibility()).map(li => li.id)"""


@pytest.fixture(scope="module")
def table():
    return ledger.table()


@pytest.fixture(scope="module")
def rows(table):
    return table.rows()


@pytest.fixture
def tab(browser):
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def opened(tab, base):
    tab.goto(base + PAGE)
    return tab


def ids(rows, want):
    """Return rows in the page's order: a section's untried come last."""
    sections = list(dict.fromkeys(row["section"] for row in rows))
    ordered = sorted(
        rows, key=lambda r: (sections.index(r["section"]), not tried(r))
    )
    return [anchor(row["id"]) for row in ordered if want(row)]


def chip(tab, group, value):
    """Return a filter's button, by the words that a reader sees."""
    box = tab.get_by_role("group", name=group, exact=True)
    name = re.compile(rf"^\W*{re.escape(value)} \d+$")
    return box.get_by_role("button", name=name)


def tried(row):
    return row["verdict"] != "untried"


def test_the_bar_and_the_count_are_the_ledgers(opened, rows, table):
    parts = opened.eval_on_selector_all(
        ".nl-bar > span",
        "s => s.map(x => [x.dataset.verdict, x.style.flex])",
    )
    counted = {v: n for v, n in table.counts().items() if n}
    assert [(v, int(flex.split()[0])) for v, flex in parts] == [
        (slug(v), n) for v, n in counted.items()
    ]
    assert opened.locator(".nl-count").inner_text() == f"{len(rows)} claims"
    assert opened.evaluate(SHOWN) == ids(rows, tried)


FIELDS = {
    "Verdict": "verdict",
    "Kind": "kind",
    "Section of the guide": "section",
}


@pytest.mark.parametrize("by", ["mouse", "Enter", "Space"])
def test_every_chip_filters(by, opened, rows):
    for group, field in FIELDS.items():
        for value in sorted({row[field] for row in rows}):
            button = chip(opened, group, value)

            def press(button=button):
                if by == "mouse":
                    button.click()
                else:
                    button.focus()
                    opened.keyboard.press(by)

            press()
            want = ids(rows, lambda r, f=field, v=value: r[f] == v)
            assert want and opened.evaluate(SHOWN) == want, value
            assert button.get_attribute("aria-pressed") == "true"
            said = f"{len(want)} of {len(rows)} claims"
            assert opened.locator(".nl-count").inner_text() == said
            press()
            assert opened.evaluate(SHOWN) == ids(rows, tried)
            assert "?" not in opened.url


def test_filters_combine(opened, rows):
    for group, value in (
        ("Verdict", "holds"),
        ("Verdict", "open"),
        ("Kind", "measured"),
    ):
        chip(opened, group, value).click()
    want = ids(
        rows,
        lambda r: (
            r["verdict"] in ("holds", "open") and r["kind"] == "measured"
        ),
    )
    assert want and opened.evaluate(SHOWN) == want
    opened.get_by_role("button", name="Show all").click()
    assert opened.evaluate(SHOWN) == ids(rows, tried)


def test_words_filter_and_say_when_nothing_is_left(opened, rows):
    field = opened.get_by_label("Words")
    field.press_sequentially("LEARNING rate")
    shown = opened.evaluate(SHOWN)
    both = [
        r
        for r in rows
        if "learning" in r["says"].lower() and "rate" in r["says"].lower()
    ]
    assert both and {anchor(r["id"]) for r in both} <= set(shown)
    for one in shown:
        text = opened.locator(f"#{one}").text_content().lower()
        assert "learning" in text and "rate" in text
    field.fill("zebra")
    assert opened.evaluate(SHOWN) == []
    said = opened.locator(".nl-count").inner_text()
    assert said.startswith(f"0 of {len(rows)} claims")
    status = opened.locator(".nl-count").get_attribute("role")
    assert status == "status"


def test_the_address_keeps_the_state_and_back_restores_it(opened, rows):
    chip(opened, "Verdict", "holds").click()
    first = opened.evaluate(SHOWN)
    chip(opened, "Kind", "exact").click()
    opened.get_by_label("Words").press_sequentially("mean")
    last, address = opened.evaluate(SHOWN), opened.url
    assert "verdict=holds&kind=exact&words=mean" in address
    opened.go_back()
    assert opened.get_by_label("Words").input_value() == ""
    opened.go_back()
    assert opened.evaluate(SHOWN) == first
    assert (
        chip(opened, "Kind", "exact").get_attribute("aria-pressed")
        == "false"
    )
    opened.go_forward()
    opened.go_forward()
    assert opened.evaluate(SHOWN) == last
    opened.goto("about:blank")
    opened.goto(address)
    assert opened.evaluate(SHOWN) == last
    assert opened.get_by_label("Words").input_value() == "mean"


def test_an_address_of_nonsense_shows_everything(tab, base, rows):
    tab.goto(base + PAGE + "?verdict=guilty&kind=%00&page=2#no-such-row")
    assert tab.evaluate(SHOWN) == ids(rows, tried)


@pytest.mark.parametrize("query", ["", "?verdict=holds"])
def test_a_link_finds_a_claim_folded_or_filtered(query, tab, base, rows):
    untried = ids(rows, lambda r: not tried(r))[-1]
    does_not = ids(rows, lambda r: r["verdict"] == "does not hold")[0]
    for name in (untried, does_not):
        tab.goto("about:blank")
        tab.goto(f"{base}{PAGE}{query}#{name}")
        row = tab.locator(f"#{name}")
        assert row.is_visible()
        tab.wait_for_function(
            "n => { const y = document.getElementById(n)"
            ".getBoundingClientRect().top; return y >= 0 && y < 800; }",
            arg=name,
        )
        here = row.get_by_role("link", name="in the ledger")
        assert here.get_attribute("href") == f"#{name}"


def test_a_claim_leads_to_its_verdict_on_its_page(opened, rows, site):
    """And the file it leads to has that place, once."""
    for row in filter(tried, rows):
        name = anchor(row["id"])
        link = opened.locator(f"#{name} .nl-name a").first
        file = f"{place(row['page'])}.html"
        href = link.get_attribute("href")
        assert href == f"./{file}#verdict-{name}"
        text = (site / "chapters" / file).read_text()
        assert text.count(f'id="verdict-{name}"') == 1, href


def test_a_list_on_a_page_leads_back(tab, base):
    tab.goto(base + "chapters/02_batch_normalization/one_backward.html")
    tab.locator("#bn-mean .nl-name a").click()
    tab.locator("#bn-mean .nl-here").wait_for(state="visible")
    assert tab.url == base + PAGE + "#bn-mean"
    tab.locator("#bn-mean .nl-name a").first.click()
    assert tab.url.endswith("one_backward.html#verdict-bn-mean")


def test_the_files_are_what_the_ledger_says(opened, rows):
    texts = {}
    for kind in ("JSON", "CSV"):
        with opened.expect_download() as waits:
            opened.get_by_role("link", name=kind, exact=True).click()
        texts[kind] = waits.value.path().read_text("utf-8")
    assert json.loads(texts["JSON"]) == rows
    assert list(csv.DictReader(io.StringIO(texts["CSV"]))) == rows
    columns = "id section says kind verdict when headline page trial"
    assert " ".join(rows[0]) == columns


def test_without_javascript_all_is_there(browser, base, rows, table):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(base + PAGE)
    assert table.summary() in tab.locator(".nl-sum").inner_text()
    for row in rows:
        claim = tab.locator(f"#{anchor(row['id'])}")
        assert claim.count() == 1
        assert claim.is_visible() == tried(row)
    for summary in tab.locator(".nl-untried > summary").all():
        summary.click()
    for row in rows:
        assert tab.locator(f"#{anchor(row['id'])}").is_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 390, 700, 768, 1024, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits(width, scheme, browser, base):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    tab = context.new_page()
    tab.goto(base + PAGE)
    tab.evaluate(
        "document.querySelectorAll('details').forEach(d => d.open = true)"
    )
    wide = "document.documentElement.scrollWidth"
    assert tab.evaluate(wide) <= width
    small = tab.evaluate(
        """() => [...document.querySelectorAll('.nl-filter button,'
        + '.nl-filter input, .nl-filter summary')]
        .filter(x => x.checkVisibility())
        .filter(x => x.getBoundingClientRect().height < 32)
        .map(x => x.textContent)"""
    )
    assert small == []
    if width < 700:
        tab.reload()
        # As a table it was 19,242 px at 390; a smaller phone breaks lines.
        height = tab.evaluate("document.body.scrollHeight")
        assert height < (12_400 if width >= 390 else 14_800)
    context.close()
