"""*Group norm* shows what normlib.reference computes of a change."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.groups import (
    EPS,
    FACTORS,
    POSITIONS,
    START,
    C,
    array,
    changed,
    normalized,
)

pytestmark = pytest.mark.browser
CASES = [  # groups, who, the channel, contrast, brightness
    (2, "one", 5, 4, 0),
    (1, "one", 0, 0.25, -3),
    (4, "one", 7, 1, 6),
    (8, "one", 3, 2, 8),
    (2, "all", 3, 2, -8),
    (4, "one", 2, 1, 0),
]


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_shows_what_python_computes(hand, browser, base):
    with Explorable(browser, base, "groups") as it:
        for G, who, channel, factor, shift in CASES:
            it.choose("who", "one", hand)  # else no channel is chosen
            it.slide("G", [1, 2, 4, 8].index(G), hand)
            it.slide("channel", channel + 1, hand)
            it.slide("factor", FACTORS.index(factor), hand)
            it.slide("shift", shift, hand)
            it.choose("who", who, hand)
            check(it, G, who, channel, factor, shift)
        assert it.heard() == it.read("told").replace("-", "−")


def check(it, G, who, channel, factor, shift):
    x = changed(array(), who, channel, factor, shift)
    before, after = normalized(array(), G), normalized(x, G)
    size = C // G
    mates = slice(channel // size * size, channel // size * size + size)
    assert it.number("m") == size * POSITIONS
    assert it.number("mu") == pytest.approx(x[mates].mean(), abs=6e-3)
    sigma = np.sqrt(x[mates].var() + EPS)
    assert it.number("sigma") == pytest.approx(sigma, abs=6e-3)
    largest = np.abs(after[mates]).max()
    assert it.number("largest") == pytest.approx(largest, abs=6e-3)
    moved = np.abs(after - before).max(1) > 0.005
    assert it.number("moved") == moved.sum()
    changes = (factor, shift) != (1, 0)
    if who == "all" or G == C or not changes:
        assert not moved.any()
    else:
        assert moved[mates].all() and moved.sum() == size
    words = "moved." if moved.any() else "nothing moves"
    assert (words if changes else "Nothing is changed") in it.read("told")
    places = it.figure.locator("[data-out]").evaluate_all(
        "all => all.map(e => [e.dataset.out, Number(e.getAttribute('cy'))])"
    )
    shown = {at: y for at, y in places}
    y = [shown[f"{c},{p}"] for c in range(C) for p in range(POSITIONS)]
    scale = np.polyfit(after.ravel(), y, 1)
    assert scale[0] < 0
    assert np.polyval(scale, after.ravel()) == pytest.approx(y, abs=0.05)


def test_a_finger_chooses_a_channel(browser, base):
    with Explorable(browser, base, "groups", has_touch=True) as it:
        box = it.figure.locator(".nl-stage svg").bounding_box()
        it.figure.locator(".nl-stage svg").tap(
            position={"x": box["width"] - 20, "y": 90}
        )
        assert it.control("channel").input_value() == str(C)
        check(it, START["G"], "one", C - 1, START["factor"], 0)


def test_the_picture_is_the_first_state(browser, base, site):
    with Explorable(browser, base, "groups") as it:
        check(it, START["G"], START["who"], START["channel"],
              START["factor"], START["shift"])  # fmt: skip
    html = (site / it.page).read_text(encoding="utf-8")
    picture = html.split('data-explore="groups"')[1].split("</svg>")[0]
    assert picture.count("<circle") == 2 * C * POSITIONS
