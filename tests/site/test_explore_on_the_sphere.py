"""*On the sphere* shows what normlib.reference computes."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.on_the_sphere import X, basis

from normlib import reference as ref

pytestmark = pytest.mark.browser
CASES = [((4, -2, 1), 120), ((-3, -3, 0), 30), ((5, 0, -5), 200)]


def numbers(text):
    return [float(v) for v in re.findall(r"-?\d+\.\d+", text)]


def norms(x):
    x = np.array([x], float)
    rms = ref.rms_norm_forward(x, None, eps=0.0)[0][0]
    return rms, ref.layer_norm_forward(x, None, None, eps=0.0)[0][0]


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_shows_what_python_computes(hand, browser, base):
    with Explorable(browser, base, "on_the_sphere") as it:
        for x, turn in CASES:
            for i, value in enumerate(x):
                it.slide(f"x{i}", value, hand)
            turn = it.slide("turn", turn, hand)
            rms, layer = norms(x)
            assert numbers(it.read("rms")) == pytest.approx(rms, abs=6e-3)
            shown = numbers(it.read("layer"))
            assert shown == pytest.approx(layer, abs=6e-3)
            cos = rms @ layer / 3
            assert it.number("cos") == pytest.approx(cos, abs=6e-4)
            ratio = it.number("ratio")
            law = 1 / np.sqrt(1 + (np.mean(x) / np.std(x)) ** 2)
            assert ratio == pytest.approx(np.mean(x) / np.std(x), abs=6e-3)
            assert cos == pytest.approx(law)
            drawn(it, turn, rms=rms, layer=layer)
        assert "both norms give the same" in it.heard()


def drawn(it, turn, **points):
    """Both marks lie where the view of the sphere puts them."""
    places = {}
    for name in points:
        mark = it.figure.locator(f"[data-point={name}]")
        move = mark.get_attribute("transform")
        places[name] = np.array(numbers(move))
    step = places["rms"] - places["layer"]
    seen = basis(turn)[:2] @ (points["rms"] - points["layer"])
    want = seen * [1, -1]
    if np.abs(want).max() > 1e-6:
        size = np.linalg.norm(step) / np.linalg.norm(want)
        assert step == pytest.approx(size * want, abs=0.05)


def test_what_has_no_direction(browser, base):
    with Explorable(browser, base, "on_the_sphere") as it:
        assert numbers(it.read("rms")) == pytest.approx(
            norms(X)[0], abs=6e-3
        )
        for i in range(3):
            it.slide(f"x{i}", 2, "keyboard")
        assert it.read("layer") == "0/0"
        assert numbers(it.read("rms")) == [1.0, 1.0, 1.0]
        for i in range(3):
            it.slide(f"x{i}", 0, "keyboard")
        assert it.read("rms") == it.read("layer") == "0/0"
        assert "row of zeros" in it.read("told")
