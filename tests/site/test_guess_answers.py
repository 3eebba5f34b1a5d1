"""What is made of an answer, and where it is kept."""

import re
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

sys.path.insert(0, str(Path(__file__).parent))
from guessing import (
    FIRST,
    MANY,
    TEST,
    answer,
    boxes,
    fields,
    inputs,
    submit,
)
from visit import THEME_FAULTS

pytestmark = pytest.mark.browser


def test_a_guess_of_an_older_edition_is_dropped(tab, base):
    tab.goto(base + FIRST)
    box = boxes(tab)[0]
    answer(box)
    submit(box)
    keys = tab.evaluate("Object.keys(localStorage)")
    key = next(k for k in keys if k.startswith("nl-guess/"))
    old = re.sub("/[0-9a-f]+$", "/00ff00ff00ff", key)
    tab.evaluate(
        "([key, old]) => { localStorage.setItem(old, localStorage"
        ".getItem(key)); localStorage.removeItem(key); }",
        [key, old],
    )
    tab.reload()
    assert boxes(tab)[0].locator("form").is_visible()
    assert old not in tab.evaluate("Object.keys(localStorage)")
    tab.evaluate("key => localStorage.setItem(key, '{no JSON')", key)
    tab.reload()
    assert boxes(tab)[0].locator("form").is_visible()


def test_a_wrong_guess_surprises(tab, base):
    tab.goto(base + MANY)
    box = boxes(tab)[0]
    answer(box)
    inputs(box, 0).fill("7")
    submit(box)
    field = fields(box)[0]
    assert box.locator(".nl-guess-result [data-grade=wrong]").is_visible()
    assert "your guess" in tab.locator(".nl-guess-star").inner_text()
    surprise = tab.locator(".nl-tally li[data-grade=wrong]")
    assert field["label"] in surprise.inner_text()
    assert field["shown"] in surprise.inner_text()
    told = tab.locator(".nl-tally-head").inner_text()
    assert told == "0 of 2 guesses right, and 1 surprised you."


NUMBERS = {
    "-3": -3, "−3": -3, "12,5": 12.5, "1e-5": 1e-5, " 40 % ": 40,
    "1/100": 0.01, "10^-3": 1e-3, "×8": 8, ".5": 0.5, "+2": 2,
    "many": None, "": None, "1,2,3": None, "3 or 4": None, "--3": None,
    "1e": None, "NaN": None,
}  # fmt: skip


def test_numbers_as_people_write_them(tab, base):
    tab.goto(base + FIRST)
    for said, want in NUMBERS.items():
        found = tab.evaluate(
            "s => { const n = nlJudge.number(s); "
            "return Number.isNaN(n) ? null : n; }",
            said,
        )
        near = None if want is None else pytest.approx(want)
        assert found == near, said


PLAIN = {"kind": "number", "truth": 8, "low": 6.5, "high": 9.3,
         "within": [1, 3], "scale": ""}  # fmt: skip
GRADES = [
    (PLAIN, "9.2", "right"),  # in the interval
    (PLAIN, "9.3001", "near"),
    (PLAIN, "11", "near"),
    (PLAIN, "12", "wrong"),
    (PLAIN | {"unit": "powers of ten"}, "10^8", "right"),
    (PLAIN | {"unit": "powers of ten"}, "1e8", "right"),
    (PLAIN | {"unit": "powers of ten"}, "8", "right"),
    (PLAIN | {"unit": "powers of ten"}, "10^-8", "wrong"),
    (PLAIN | {"scale": "factor", "within": [1.5, 2]}, "15", "near"),
    (PLAIN | {"scale": "factor", "within": [1.5, 2]}, "-8", "wrong"),
    ({"kind": "several", "right": [True, None, False]}, [0, 1], "right"),
    ({"kind": "several", "right": [True, None, False]}, [2], "wrong"),
    ({"kind": "several", "right": [True, False, False]}, [], "near"),
    ({"kind": "choice", "right": [False, True]}, 0, "wrong"),
]


def test_right_near_and_wrong(tab, base):
    tab.goto(base + FIRST)
    for field, said, want in GRADES:
        grade = "([f, s]) => nlJudge.grade(f, s)"
        assert tab.evaluate(grade, [field, said]) == want, (field, said)


def test_a_link_into_what_is_folded_opens_it(tab, base):
    tab.goto(base + FIRST)
    assert not tab.locator("#fig-live-gradients").is_visible()
    tab.goto(base + FIRST + "#fig-live-gradients")
    assert tab.locator("#fig-live-gradients").is_visible()


def test_formulas_that_were_folded_are_set(tab, base):
    tab.goto(base + FIRST)
    tab.wait_for_selector("mjx-container", state="attached")
    tab.evaluate("MathJax.startup.promise")
    for box in boxes(tab):
        answer(box)
        submit(box)
    sizes = tab.eval_on_selector_all(
        "details.nl-evidence mjx-container",
        "all => all.map(m => m.getBoundingClientRect().width)",
    )
    assert len(sizes) > 10 and min(sizes) > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", [FIRST, TEST, MANY])
def test_accessible_before_and_after(place, scheme, browser, base):
    context = browser.new_context(
        viewport={"width": 320, "height": 800}, color_scheme=scheme
    )
    tab = context.new_page()
    tab.goto(base + place)

    def look():
        found = Axe().run(tab).response["violations"]
        wrong = [v for v in found if v["id"] not in THEME_FAULTS]
        assert not [(v["id"], v["nodes"][0]["html"]) for v in wrong]
        wide = "document.documentElement.scrollWidth - window.innerWidth"
        assert tab.evaluate(wide) <= 0
        small = tab.eval_on_selector_all(
            ".nl-guess button, .nl-guess label:has(input), "
            "details.nl-evidence > summary, .nl-guess-code > summary",
            "all => all.map(e => e.getBoundingClientRect().height)"
            ".filter(h => h > 0 && h < 32)",
        )
        assert small == []

    look()
    for n, box in enumerate(boxes(tab)):
        answer(box)
        if n % 2 and fields(box)[0]["kind"] == "number":
            inputs(box, 0).fill("77777")
        submit(box)
    look()
    context.close()
