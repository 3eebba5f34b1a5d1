"""The front door in a browser: its guess, buttons, bar, figure, map."""

import json
import re
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

sys.path.insert(0, str(Path(__file__).parents[2] / "_ext"))
import front_map
from facts import guess

from normlib import ledger
from normlib.cards import slug
from normlib.chapters import place

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
PAGE = "chapters/index.html"
FIRST = "chapters/01_introduction/what_for.html"


@pytest.fixture(scope="module")
def table():
    return ledger.table()


@pytest.fixture(scope="module")
def truth():
    return guess()["alive"]


@pytest.fixture
def tab(browser, base):
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.goto(base + PAGE)
    yield tab
    context.close()


def test_nothing_is_told_before_a_guess(tab, truth):
    told = tab.locator("article").inner_text()
    assert "Guess first" in told and "Measured:" not in told
    tab.get_by_role("button", name="Commit").click()
    assert "Choose one first." in tab.get_by_role("alert").inner_text()
    assert "Measured:" not in tab.locator("article").inner_text()


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_every_guess_is_answered(by, tab, truth):
    words = ["none", "one", "two", "three", "four"]
    for n, word in enumerate(words):
        choice = tab.get_by_role("radio", name=word, exact=True)
        if by == "mouse":
            choice.click()
            tab.get_by_role("button", name="Commit").click()
        else:
            if n == 0:
                choice.focus()
                tab.keyboard.press("Space")
            else:
                tab.keyboard.press("ArrowRight")
            assert choice.is_checked()
            tab.keyboard.press("Enter")
        told = tab.locator(".nl-front-guess [role=status]").inner_text()
        assert f"You said {word}." in told
        assert ("★ Right." in told) == (n == truth)
        assert f"Measured: {words[truth]} of four" in told
        assert ledger.verdict("intro.vanishing").verdict in told


def test_a_guess_is_kept_until_the_record_says_else(tab, truth):
    tab.get_by_role("radio", name="four").click()
    tab.get_by_role("button", name="Commit").click()
    tab.reload()
    assert tab.get_by_role("radio", name="four").is_checked()
    assert "You said four." in tab.locator("article").inner_text()
    for stored in (
        json.dumps({"guess": 4, "truth": truth + 1}),
        json.dumps({"guess": "x", "truth": truth}),
        "{",
        "7",
    ):
        tab.evaluate(
            "s => localStorage.setItem('nl-front-guess', s)", stored
        )
        tab.reload()
        assert "You said" not in tab.locator("article").inner_text()
        assert tab.locator("input:checked").count() == 0


def test_the_answer_leads_to_why(tab, base):
    tab.get_by_role("radio", name="one", exact=True).click()
    tab.get_by_role("button", name="Commit").click()
    status = tab.locator(".nl-front-guess [role=status]")
    status.get_by_role("link", name="What is a norm for?").click()
    assert tab.url == base + FIRST


@pytest.mark.parametrize(
    ("name", "leads"),
    [("Start", "what_for"), ("Test yourself", "self_test")],
)
def test_buttons_lead_there(name, leads, tab, base):
    button = tab.locator("article").get_by_role(
        "link", name=name, exact=True
    )
    assert button.bounding_box()["height"] >= 32
    assert button.bounding_box()["y"] < 700
    button.click()
    assert tab.url == f"{base}chapters/01_introduction/{leads}.html"


def test_the_bar_leads_to_the_verdicts(tab, table, base):
    for verdict, n in table.counts().items():
        link = tab.locator(".nl-legend").get_by_role(
            "link", name=f"{n} {verdict}", exact=True
        )
        query = f"ledger.html?verdict={slug(verdict)}"
        assert link.get_attribute("href") == query
    link.click()
    said = f"{n} of {len(table.cards)} claims"
    assert tab.locator(".nl-count").inner_text() == said


def test_the_map_has_every_page_and_what_is_to_come(tab, table):
    shown = tab.locator(".nl-map").inner_text()
    pages = [p for ps in front_map.chapters(ROOT).values() for p in ps]
    assert len(pages) >= 15
    for page in pages:
        line = tab.locator(f'.nl-map a[href="{page.file}.html"]')
        assert line.inner_text() == page.title
        row = line.locator("xpath=..")
        assert f"{page.minutes} min" in row.inner_text()
    whole = sum(page.minutes for page in pages)
    assert f"{len(pages)} pages stand, {front_map.hours(whole)}" in shown
    rows = table.rows()
    files = [page.file for page in pages]
    there = [row for row in rows if place(row["page"]) in files]
    assert tab.locator(".nl-map ol .nl-mark").count() == len(there) > 9
    link = tab.locator('.nl-map a[href*="chapter=future"]')
    link.click()
    assert "chapter=future" in tab.url
    tab.locator(".nl-count").wait_for()  # the filter is there
    want = [
        row
        for row in rows
        if row["section"].startswith("Future")
        and row["verdict"] == "untried"
    ]
    assert tab.locator(".nl-claims > li:visible").count() == len(want)


def test_without_javascript_the_answer_is_folded(browser, base):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(base + PAGE)
    assert not tab.locator(".nl-front-guess form").is_visible()
    answer = tab.locator(".nl-answer")
    assert not answer.is_visible()
    tab.locator(".nl-front-guess summary").click()
    assert "Measured:" in answer.inner_text()
    assert tab.locator(".nl-set svg").count() == 5
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_answered_page_is_accessible(scheme, browser, base):
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    tab.goto(base + PAGE)
    tab.get_by_role("radio", name="two").click()
    tab.get_by_role("button", name="Commit").click()
    found = Axe().run(tab, context="article").response["violations"]
    wrong = {v["id"]: [n["html"] for n in v["nodes"]] for v in found}
    assert wrong == {}
    context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits(width, scheme, browser, base):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    tab = context.new_page()
    tab.goto(base + PAGE)
    tab.get_by_role("radio", name="two").click()
    tab.get_by_role("button", name="Commit").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    lit = tab.locator(".nl-lit").first
    fills = lit.evaluate(
        "e => [getComputedStyle(e).fill, getComputedStyle(e).stroke,"
        "getComputedStyle(document.body).backgroundColor]"
    )
    assert len(set(fills)) == 3
    context.close()


def test_scripts_stay_where_they_are_used(site):
    """Other pages load neither the ledger's nor the front door's."""
    for page, want in (
        (PAGE, {"front.js", "front.css"}),
        ("chapters/ledger.html", {"ledger.js"}),
        (FIRST, set()),
    ):
        html = (site / page).read_text("utf-8")
        parts = [
            part
            for name in re.findall(r"site-\w+\.(?:css|js)", html)
            for part in (site / "_static" / f"{name}.parts")
            .read_text("utf-8")
            .split()
        ]
        ours = {"front.js", "front.css", "ledger.js"}
        assert set(parts) & ours == want, page
        assert "ledger.css" in parts
