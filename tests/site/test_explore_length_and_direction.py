"""*Length and direction* makes the steps that normlib.reference makes."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.length_and_direction import START, stepped

pytestmark = pytest.mark.browser
NAME = "length_and_direction"
CASES = [
    {"length": 1.5, "angle": 200, "g": 1.5, "turn": 15, "rate": 1.0},
    {"length": 3.5, "angle": 75, "g": 0.6, "turn": 180, "rate": 0.3},
    {"length": 2.2, "angle": 300, "g": 1.4, "turn": 300, "rate": 0.7},
]


def row(it, name):
    return np.array([it.number(f"{name}{i}") for i in (1, 2)])


def check(it, **state):
    """Compare all that is read with the reference."""
    found = stepped(**state)
    for name in ("v", "w", "dw", "dv", "after", "wafter"):
        assert row(it, name) == pytest.approx(found[name], abs=6e-4), name
    long = np.hypot(*found["after"])
    assert it.number("before") == pytest.approx(state["length"], abs=6e-4)
    assert it.number("long") == pytest.approx(long, abs=6e-4)
    assert it.number("gafter") == pytest.approx(found["gafter"], abs=6e-4)
    assert it.number("right") == 0
    turned = np.degrees(np.arccos(
        min(1, found["v"] @ found["after"] / state["length"] / long)
    ))  # fmt: skip
    shown = float(it.read("angle").rstrip("°"))
    assert shown == pytest.approx(turned, abs=0.06)
    # Pythagoras: never shorter.
    step = state["rate"] * np.hypot(*found["dv"])
    assert long == pytest.approx(np.hypot(state["length"], step))
    said = it.read("told")
    if np.hypot(*found["dv"]) < 5e-3:
        assert "Nothing is left for v" in said
    elif state["rate"]:
        assert f"{long - state['length']:.2f} longer" in said


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_sliders_show_what_python_computes(hand, browser, base):
    with Explorable(browser, base, NAME) as it:
        check(it, **START)
        for case in CASES[hand == "keyboard" :]:
            state = {k: it.slide(k, v, hand) for k, v in case.items()}
            check(it, **state)
        assert it.heard()
        it.slide("rate", 0, "keyboard")
        assert "nothing moves" in it.read("told")


def test_steps_lengthen_until_the_gradient_lies_along(browser, base):
    with Explorable(browser, base, NAME) as it:
        state = dict(START)
        for _ in range(6):
            check(it, **state)
            after = stepped(**state)["after"]
            it.control("step").click()
            state["length"] = np.hypot(*after)
            state["angle"] = np.degrees(np.arctan2(after[1], after[0]))
        assert state["length"] > START["length"]
        it.control("again").click()
        check(it, **START)


def test_handles_show_what_python_computes(browser, base):
    with Explorable(browser, base, NAME) as it:
        state = dict(START)
        for name, path in (("v", (-50, 40)), ("gradient", (45, -20))):
            handle = it.figure.locator(f"[data-handle={name}]")
            handle.scroll_into_view_if_needed()
            for keys in ((), ("ArrowUp", "ArrowLeft", "ArrowLeft")):
                before = row(it, "dv")
                if keys:
                    for key in keys:
                        it.tab.keyboard.press(key)
                else:
                    box = handle.bounding_box()
                    x = box["x"] + box["width"] / 2
                    y = box["y"] + box["height"] / 2
                    it.tab.mouse.move(x, y)
                    it.tab.mouse.down()
                    it.tab.mouse.move(x + path[0], y + path[1], steps=3)
                    it.tab.mouse.up()
                for key in state:
                    value = it.control(key).input_value()
                    state[key] = float(value)
                assert np.abs(row(it, "dv") - before).max() > 0.01
                check(it, **state)
            assert handle.get_attribute("aria-valuetext")


def test_a_step_that_would_leave_the_plane_is_not_offered(browser, base):
    with Explorable(browser, base, NAME) as it:
        for key, value in (("length", 3.5), ("g", 1.5)):
            it.slide(key, value, "keyboard")
        assert it.control("step").is_disabled()
