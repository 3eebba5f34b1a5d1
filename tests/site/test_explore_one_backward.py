"""*One backward* takes away what normlib.reference takes away."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.one_backward import G, X

from normlib import reference as ref
from normlib.figures.projection import PLANE

pytestmark = pytest.mark.browser
CASES = [  # g, the direction of x̂ in degrees, σ
    ((0.5, -1.0, 0.2), 40, 0.7),
    ((-0.3, 0.9, 1.0), 200, 3.1),
    ((0.1, 0.1, 0.1), 121, 1.0),
]


def row(it, name):
    return np.array([it.number(f"{name}{i}") for i in (1, 2, 3)])


def on_the_circle(degrees):
    turn = np.radians(degrees)
    return np.sqrt(3) * np.array([np.cos(turn), np.sin(turn)]) @ PLANE


def check(it, x, g):
    """Compare every row with the reference, for this x and g."""
    x_hat, cache = ref.standardize(np.array([x]), (1,), eps=0.0)
    dx = ref.standardize_backward(np.array([g]), cache)[0]
    want = {
        "xhat": x_hat[0],
        "g": g,
        "ones": np.full(3, np.mean(g)),
        "radial": x_hat[0] * np.mean(x_hat[0] * g),
        "passed": dx * cache.sigma[0],
        "dx": dx,
    }
    for name, values in want.items():
        assert row(it, name) == pytest.approx(values, abs=6e-4), name
    said = it.read("told")
    if "nothing to pass" not in said:
        share = 100 * np.square(want["passed"]).sum() / np.square(g).sum()
        assert f"{share:.0f} % passes" in said


def test_it_begins_with_the_example_by_hand(browser, base):
    with Explorable(browser, base, "one_backward") as it:
        check(it, np.array(X), np.array(G))
        it.control("shift").click()
        assert row(it, "passed") == pytest.approx(0, abs=1e-9)
        it.control("stretch").click()
        assert row(it, "passed") == pytest.approx(0, abs=1e-9)
        assert "dx is 0" in it.read("told")
        it.control("example").click()
        check(it, np.array(X), np.array(G))


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_sliders_show_what_python_computes(hand, browser, base):
    with Explorable(browser, base, "one_backward") as it:
        for g, degrees, sigma in CASES[hand == "keyboard" :]:
            g = [it.slide(f"g{i}", v, hand) for i, v in enumerate(g, 1)]
            degrees = it.slide("angle", degrees, hand)
            sigma = it.slide("sigma", sigma, hand)
            check(it, 3 + sigma * on_the_circle(degrees), np.array(g))
        assert it.heard()


def test_handles_show_what_python_computes(browser, base):
    with Explorable(browser, base, "one_backward") as it:
        sigma = it.slide("sigma", 2.0, "keyboard")
        for name, path in (("xhat", (60, -70)), ("g", (-20, 35))):
            handle = it.figure.locator(f"[data-handle={name}]")
            before = row(it, name)
            handle.scroll_into_view_if_needed()
            box = handle.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            it.tab.mouse.move(x, y)
            it.tab.mouse.down()
            it.tab.mouse.move(x + path[0], y + path[1], steps=3)
            it.tab.mouse.up()
            assert np.abs(row(it, name) - before).max() > 0.1
            compare(it, sigma)
            before = row(it, name)
            for key in ("ArrowUp", "ArrowLeft", "ArrowDown", "ArrowLeft"):
                it.tab.keyboard.press(key)
            assert np.abs(row(it, name) - before).max() > 0.1
            compare(it, sigma)


def compare(it, sigma):
    hat = it.figure.locator("[data-handle=xhat]")
    x_hat = on_the_circle(int(hat.get_attribute("aria-valuenow")))
    g = row(it, "g")
    assert np.abs(g).max() <= 1
    check(it, 3 + sigma * x_hat, g)
    tip = it.figure.locator("[data-handle=g]")
    assert tip.get_attribute("aria-valuetext") == "g = ({})".format(
        ", ".join(f"{v:.2f}".replace("-", "−") for v in g)
    )
