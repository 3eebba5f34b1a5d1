"""Every guess of every page, by mouse and by keyboard, in Chromium."""

import json
import re
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

sys.path.insert(0, str(Path(__file__).parent))
from visit import THEME_FAULTS

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


def guessed():
    """Return the pages with a guess, as paths below the site's root."""
    return [
        file.relative_to(ROOT).with_suffix(".html").as_posix()
        for file in sorted(ROOT.glob("chapters/*/*.ipynb"))
        if '"guess": {' in file.read_text("utf-8")
    ]


PAGES = guessed()
MANY = "chapters/02_batch_normalization/running_statistics.html"
TEST = "chapters/01_introduction/self_test.html"
FIRST = "chapters/01_introduction/what_for.html"


@pytest.fixture
def tab(browser):
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def boxes(tab):
    found = tab.locator(".nl-guess").all()
    assert found
    return found


def fields(box):
    return json.loads(box.get_attribute("data-fields"))


def folds(tab, box):
    name = box.get_attribute("data-guess")
    return tab.locator(f'details.nl-evidence[data-guess="{name}"]').all()


def evidence_in_sight(tab, box):
    inner = [fold.locator("> div") for fold in folds(tab, box)]
    assert inner, "a guess without evidence"
    return [div.is_visible() for div in inner]


def inputs(box, i):
    return box.locator(f'[name="{box.get_attribute("data-guess")}-{i}"]')


def answer(box):
    """Fill in what is right, as a reader with a mouse would."""
    for i, field in enumerate(fields(box)):
        found = inputs(box, i)
        if field["kind"] == "choice":
            found.nth(field["right"].index(True)).check()
        elif field["kind"] == "several":
            for k, right in enumerate(field["right"]):
                if right:
                    found.nth(k).check()
        else:
            found.fill(str(field.get("truth", "it switches the layers")))


def told(box):
    return box.locator(".nl-guess-result").inner_text()


def submit(box):
    box.locator("button[type=submit]").click()


@pytest.mark.parametrize("place", PAGES)
def test_by_mouse_and_again_after_a_reload(place, tab, base):
    tab.goto(base + place)
    for box in boxes(tab):
        assert not any(evidence_in_sight(tab, box))
        answer(box)
        submit(box)
        assert all(evidence_in_sight(tab, box))
        if fields(box)[0]["kind"] == "self":
            box.get_by_role("button", name="I had it").click()
        for field in fields(box):
            assert field.get("shown", "") in told(box)
        assert box.locator("[data-grade=right]").is_visible()
    before = [told(box) for box in boxes(tab)]
    stars = tab.locator(".nl-guess-star").count()
    own = sum(fields(b)[0]["kind"] == "self" for b in boxes(tab))
    assert stars == len(before) - own
    tab.reload()
    assert [told(box) for box in boxes(tab)] == before
    assert all(all(evidence_in_sight(tab, box)) for box in boxes(tab))
    head = tab.locator(".nl-tally-head").inner_text()
    assert head.startswith(f"{len(before)} of {len(before)} guess")
    links = tab.locator(".nl-tally a")
    assert links.count() == len(before)
    for link in links.all():
        assert tab.locator(link.get_attribute("href")).count() == 1


@pytest.mark.parametrize("place", PAGES)
def test_by_keyboard(place, tab, base):
    """From the first field on: Tab, Space, letters and Enter alone."""
    tab.goto(base + place)
    for box in boxes(tab):
        box.locator("input, textarea").first.focus()
        for _ in range(30):
            kind = tab.evaluate("document.activeElement.type")
            if kind in ("radio", "checkbox"):
                tab.keyboard.press("Space")
            elif kind in ("text", "textarea"):
                tab.keyboard.type("1e-5")
            elif kind == "submit":
                tab.keyboard.press("Enter")
                break
            tab.keyboard.press("Tab")
        assert all(evidence_in_sight(tab, box))
        focus = "e => e.contains(document.activeElement)"
        assert box.locator(".nl-guess-result").evaluate(focus)
        if fields(box)[0]["kind"] == "self":
            tab.keyboard.press("Tab")
            tab.keyboard.press("Tab")
            tab.keyboard.press("Enter")
            assert box.locator("[data-grade=wrong]").is_visible()
        else:
            assert box.locator(".nl-guess-result [data-grade]").count() == 1


@pytest.mark.parametrize("place", PAGES)
def test_skip_and_guess_again(place, tab, base):
    tab.goto(base + place)
    for box in boxes(tab):
        box.get_by_role("button", name="Skip").click()
        assert "Skipped" in told(box)
        assert all(evidence_in_sight(tab, box))
        box.get_by_role("button", name="Guess again").click()
        assert not any(evidence_in_sight(tab, box))
        assert box.locator("form").is_visible()
    tab.reload()
    assert not any(any(evidence_in_sight(tab, b)) for b in boxes(tab))


@pytest.mark.parametrize("place", PAGES)
def test_what_is_missing_or_no_number_is_told(place, tab, base):
    tab.goto(base + place)
    for box in boxes(tab):
        error = box.locator(".nl-guess-error")
        kinds = [field["kind"] for field in fields(box)]
        if kinds[0] != "several":  # nothing ticked is an answer
            submit(box)
            assert "or skip" in error.inner_text()
        if "number" in kinds:
            answer(box)
            field = inputs(box, kinds.index("number"))
            field.fill("about <b>many</b>")
            submit(box)
            assert "“about <b>many</b>” is not a number" in (
                error.inner_text()
            )
            assert field.input_value() == "about <b>many</b>"
            assert field.get_attribute("aria-invalid") == "true"
        assert not any(evidence_in_sight(tab, box))


@pytest.mark.parametrize("place", PAGES)
def test_without_javascript_the_evidence_opens(place, browser, base):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(base + place)
    for box in boxes(tab):
        assert not box.locator("form").is_visible()
        assert not any(evidence_in_sight(tab, box))
        for fold in folds(tab, box):
            assert (
                "Show the evidence"
                in fold.locator("> summary").inner_text()
            )
            fold.locator("> summary").click()
        assert all(evidence_in_sight(tab, box))
    context.close()


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
