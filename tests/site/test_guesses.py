"""Every guess of every page by mouse, some by keyboard, in Chromium."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from guessing import (
    PAGES,
    SOME,
    TEST,
    answer,
    boxes,
    evidence_in_sight,
    fields,
    folds,
    inputs,
    submit,
    told,
)

pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize("place", SOME)
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
        for field in fields(box):  # what the evidence says is said
            assert field.get("shown", "Skipped") in told(box)
            assert field.get("card", "Skipped") in told(box)
        box.get_by_role("button", name="Guess now").click()
        assert not any(evidence_in_sight(tab, box))
        assert box.locator("form").is_visible()
    tab.reload()
    assert not any(any(evidence_in_sight(tab, b)) for b in boxes(tab))
    # The page's summary answers them all: it waits for the last.
    summary = tab.locator("details.nl-short > div")
    assert summary.count() == (place != TEST)
    for box in boxes(tab):
        assert not any(div.is_visible() for div in summary.all())
        box.get_by_role("button", name="Skip").click()
    assert all(div.is_visible() for div in summary.all())
    box.get_by_role("button", name="Guess now").click()
    assert not any(div.is_visible() for div in summary.all())


@pytest.mark.parametrize("place", SOME)
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
            field.fill("1e999")
            submit(box)
            assert "“1e999” is not a number" in error.inner_text()
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
