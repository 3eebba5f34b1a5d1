"""Every explorable is sound: on all widths, without JavaScript, by axe."""

import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

sys.path.insert(0, str(Path(__file__).parent))
from explorable import PAGES, Explorable
from visit import THEME_FAULTS, Visit

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


def test_none_is_forgotten(site):
    there = {f.stem for f in (ROOT / "_ext/explore").glob("*.js")}
    assert there - {"explore"} == set(PAGES)
    for name, page in PAGES.items():
        html = (site / page).read_text(encoding="utf-8")
        assert html.count(f'data-explore="{name}"') == 1


def test_pages_without_one_load_nothing(page, site):
    html = (site / page).read_text(encoding="utf-8")
    assert ("_static/explore/" in html) == (page in PAGES.values())


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_it_fits(name, width, browser, base):
    with Explorable(browser, base, name, width, whole=True) as it:
        facts = it.seen.facts
        assert facts["overflow"] <= 0
        targets = "input, button, label:has(input)"
        for box in it.figure.locator(targets).evaluate_all(
            "all => all.filter(e => e.type != 'radio')"
            ".map(e => e.getBoundingClientRect().height)"
        ):
            assert box >= 32
        smallest = it.figure.locator("text, p, label, dd").evaluate_all(
            "all => Math.min(...all.map(e => "
            "parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert smallest >= 12


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(name, scheme, browser, base):
    with Explorable(browser, base, name, scheme=scheme, whole=True) as it:
        assert it.seen.console == []
        wrong = Axe().run(it.tab, context=".nl-explore").response
        it.seen = Visit()  # axe itself asks for a file that is not there
        ids = {v["id"] for v in wrong["violations"]} - THEME_FAULTS
        assert ids == set(), wrong["violations"]


@pytest.mark.parametrize("name", PAGES)
def test_without_javascript_there_is_a_picture(name, browser, base):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(base + PAGES[name])
    # It may stand behind a guess: then a reader opens the fold by hand.
    for fold in tab.locator(f"details:has([data-explore={name}])").all():
        fold.locator("> summary").click()
    picture = tab.locator(f"[data-explore={name}] svg[role=img]")
    assert picture.bounding_box()["height"] > 100
    assert len(picture.get_attribute("aria-label")) > 40
    context.close()
