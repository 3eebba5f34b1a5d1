"""Every page of the built site, in Chromium; and that a fault is seen."""

import json
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

sys.path.insert(0, str(Path(__file__).parent))
from visit import THEME_FAULTS, broken_links, complaints, visit

from tools import address
from tools.browser import serve

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


def expected_figures(page):
    """Count the figures that the page's notebook stores."""
    source = ROOT / page.replace(".html", ".ipynb")
    if not source.exists():
        return 0
    cells = json.loads(source.read_text())["cells"]
    return sum(
        "image/png" in out.get("data", {})
        for cell in cells
        if cell["cell_type"] == "code"
        for out in cell["outputs"]
    )


def test_the_toc_is_built(site):
    text = (ROOT / "_toc.yml").read_text()
    files = [
        line.split(":")[1].strip()
        for line in text.splitlines()
        if "file:" in line or "root:" in line
    ]
    assert len(files) >= 6
    for file in files:
        assert (site / f"{file}.html").exists()


def inaccessible(tab):
    """Return what axe finds on the page, by rule."""
    return {
        found["id"]: [node["html"][:90] for node in found["nodes"][:3]]
        for found in Axe().run(tab).response["violations"]
        if found["id"] not in THEME_FAULTS
    }


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (390, "dark")]
)
def test_a_page_is_whole(page, width, scheme, browser, base, site):
    """One visit for all: opening a page is what takes the time."""
    seen, tab = visit(browser, base, page, width, scheme)
    assert complaints(seen, figures=expected_figures(page)) == []
    assert broken_links(seen, site, base) == []
    assert inaccessible(tab) == {}
    notebook = ROOT / page.replace(".html", ".ipynb")
    if notebook.exists():
        want = f"/github/{address.current()}/blob/main/"
        name = notebook.relative_to(ROOT).as_posix()
        assert any(
            want in link and link.endswith(name)
            for link in seen.facts["colab"]
        )
    tab.context.close()


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "dark"), (390, "light")]
)
@pytest.mark.parametrize(
    "name", ["chapters/index.html", "chapters/ledger.html"]
)
def test_the_other_pairs_are_accessible(name, width, scheme, browser, base):
    """What stands around every page: sidebar, header, footer."""
    _, tab = visit(browser, base, name, width, scheme)
    assert inaccessible(tab) == {}
    tab.context.close()


@pytest.mark.parametrize(
    ("name", "count"), [("what_for", 1), ("deep_nets", 2)]
)
def test_verdicts_show(name, count, browser, base):
    seen, tab = visit(
        browser, base, f"chapters/01_introduction/{name}.html"
    )
    assert seen.facts["verdicts"] == count
    tab.context.close()


PAGE = """<!doctype html><html lang="en"><head><title>A</title></head><body>
<article><h1>A</h1><p>{words}</p>{fault}</article></body></html>"""
WORDS = "word " * 60
FAULTS = {
    "a request leaves": '<img alt="a b" src="http://example.org/a.png">',
    "not found": '<link rel="stylesheet" href="gone.css">',
    "console error": "<script>console.error('no')</script>",
    "h1 headings": "<h1>B</h1>",
    "sideways": '<div style="width:3000px">x</div>',
    "not there": '<img alt="a b" src="data:image/png;base64,xx">',
    "no alt text": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "mathematics": "<mjx-merror>x</mjx-merror>",
    "unresolved": "{cite:p}`x`",
}


@pytest.mark.parametrize("fault", [*FAULTS, "none", "words"])
def test_a_fault_is_seen(fault, tmp_path, browser):
    words = "few" if fault == "words" else WORDS
    html = PAGE.format(words=words, fault=FAULTS.get(fault, ""))
    (tmp_path / "a.html").write_text(html)
    (tmp_path / "favicon.ico").write_text("")
    with serve(tmp_path) as base:
        seen, tab = visit(browser, base, "a.html")
        wrong = complaints(seen)
        tab.context.close()
    assert bool(wrong) == (fault != "none")
    assert fault == "none" or any(fault in w for w in wrong)


def test_a_broken_link_is_seen(tmp_path, browser):
    links = '<a href="b.html">b</a><a href="a.html#no">c</a>'
    (tmp_path / "a.html").write_text(PAGE.format(words=WORDS, fault=links))
    (tmp_path / "favicon.ico").write_text("")
    with serve(tmp_path) as base:
        seen, tab = visit(browser, base, "a.html")
        assert len(broken_links(seen, tmp_path, base)) == 2
        tab.context.close()
