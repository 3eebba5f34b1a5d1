"""*What is a norm for?* shows the theory's curves, the record's points."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.what_for import START

from normlib.experiments import trial
from normlib.experiments.introduction.learning import HEALTHY
from normlib.experiments.introduction.mean_field import predicted

pytestmark = pytest.mark.browser
DEPTH = 50
CASES = [  # activation, initialization, the norm, layers back
    ("relu", "scaled", "batch", 49),
    ("sigmoid", "default", "layer", 28),
    ("tanh", "default", "none", 7),
    ("sigmoid", "scaled", "rms", 42),
]


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_shows_what_python_predicts_and_measured(hand, browser, base):
    gradients = trial("introduction.gradients")
    record = gradients.record()
    with Explorable(browser, base, "what_for") as it:
        for act, init, norm, back in CASES:
            it.choose("act", act, hand)
            it.choose("init", init, hand)
            it.choose("norm", norm, hand)
            it.slide("back", back // 7 - 1, hand)
            for each in ("none", "batch", "layer", "rms"):
                arm = {"norm": each, "act": act, "init": init}
                want = predicted(depth=DEPTH, **arm)
                want -= predicted(depth=DEPTH - back, **arm)
                got = it.number(f"predicted-{each}")
                assert got == pytest.approx(want, abs=0.006)
                seen = gradients.change(record, layer=DEPTH - back, **arm)
                told = re.findall(
                    r"-?\d+\.\d+", it.read(f"measured-{each}")
                )
                assert list(map(float, told)) == pytest.approx(
                    [seen.mean, seen.low, seen.high], abs=0.006
                )
                if each == norm:
                    fate = "survives" if abs(want) <= HEALTHY else (
                        "vanishes" if want < 0 else "explodes"
                    )  # fmt: skip
                    assert fate in it.read("told")
            straight(it, act, init, gradients, record)
        assert "layers back" in it.heard()


def straight(it, act, init, gradients, record):
    """Curves and points lie where one linear axis puts all numbers."""
    shown, true = [], []
    for norm in ("none", "batch", "layer", "rms"):
        arm = {"norm": norm, "act": act, "init": init}
        path = it.figure.locator(f"[data-way={norm}]").get_attribute(
            "points"
        )
        shown += [float(p.split(",")[1]) for p in path.split()]
        whole = predicted(depth=DEPTH, **arm)
        true += [
            whole - predicted(depth=layer, **arm)
            for layer in range(DEPTH, 0, -1)
        ]
        for back in (49, 21):
            point = it.figure.locator(
                f"[data-point={norm}][data-back='{back}']"
            )
            move = re.findall(r"-?[\d.]+", point.get_attribute("transform"))
            shown.append(float(move[1]))
            layer = DEPTH - back
            true.append(gradients.change(record, layer=layer, **arm).mean)
    line = np.polyfit(true, shown, 1)
    assert line[0] < 0  # up is more
    assert np.polyval(line, true) == pytest.approx(shown, abs=0.1)


def test_it_begins_where_the_page_begins(browser, base):
    with Explorable(browser, base, "what_for") as it:
        for name, value in START.items():
            chosen = it.figure.locator(f"[data-control={name}]:checked")
            assert chosen.get_attribute("value") == value
        assert it.number("predicted-none") == pytest.approx(
            49 * np.log10(6**-0.5), abs=0.006
        )
