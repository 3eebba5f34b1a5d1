"""*Why it works* shows what the record says of each noise."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable

from normlib.experiments import trial
from normlib.experiments.batch_norm import why_ics

pytestmark = pytest.mark.browser
ARM = {  # what the page calls it, and what the record does
    "channel": ("batch", "channel"),
    "sample": ("batch", "sample"),
    "none": ("none", "channel"),
}
CASES = [  # start, who is shaken, noise, and its place on the slider
    ("default", "channel", 0.1, 1),
    ("default", "sample", 0.3, 1),
    ("scaled", "none", 0.3, 1),
    ("scaled", "channel", 0.9, 3),
    ("scaled", "channel", 0.0, 0),
]


def values(noisy, column, init, norm="none", kind="channel", noise=0.0):
    arm = {"init": init, "norm": norm, "kind": kind, "noise": noise}
    return np.array(noisy.at_quickest(noisy.record(), column, **arm))


def numbers(text):
    return [float(found) for found in re.findall(r"-?\d+\.?\d*", text)]


def about(value):
    """Two decimals are shown, one from ten on."""
    return pytest.approx(value, abs=0.0051 if value < 10 else 0.051)


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_shows_what_the_record_says(hand, browser, base):
    noisy = trial("batch_norm.noisy")
    with Explorable(browser, base, "why_it_works") as it:
        for init, who, noise, place in CASES:
            it.choose("init", init, hand)
            it.choose("kind", who, hand)
            it.slide("noise", place, hand)
            norm, kind = ARM[who]
            arm = init, norm, kind if noise else "channel", noise
            more = values(noisy, "log10_shift", *arm)
            more -= values(noisy, "log10_shift", init)
            own = values(noisy, "log10_steps", *arm)
            plain = values(noisy, "log10_steps", init)
            shift, ahead = 10 ** more.mean(), 10 ** (plain - own).mean()
            assert numbers(it.read("shift"))[0] == about(shift)
            end = own.max() == np.log10(noisy.record().config["steps"])
            shown = it.read("quick")
            assert shown.startswith("at most") == end
            if not end:
                assert numbers(shown)[0] == about(ahead)
            if norm == "batch":
                clean = values(noisy, "log10_steps", init, "batch")
                lead = (plain - clean).mean()
                left = 100 * (plain - own).mean() / lead
                told = f"{left:.0f} % of the lead is left"
                gone = "The lead is gone"
                assert (told if left >= 50 else gone) in it.read("told")
                if not end:
                    assert numbers(it.read("left"))[0] == pytest.approx(
                        left, abs=0.6
                    )
            else:
                assert it.read("left") == "–"
            straight(it, more, plain - own)
        assert "BatchNorm without noise" in it.heard()


def straight(it, *true):
    """The nets lie where two linear axes put their decades."""
    moves = it.figure.locator("[data-net]").evaluate_all(
        "all => all.map(e => e.getAttribute('transform'))"
    )
    shown = np.array([numbers(move) for move in moves])  # (seeds, 2)
    for axis, sign in ((0, 1), (1, -1)):  # up is quicker
        line = np.polyfit(true[axis], shown[:, axis], 1)
        assert sign * line[0] > 0
        off = np.polyval(line, true[axis]) - shown[:, axis]
        assert np.abs(off).max() < 0.5


def test_the_shift_is_back_and_the_lead_is_there(browser, base):
    """The page's own example is what it opens with."""
    noisy = trial("batch_norm.noisy")
    took = why_ics.lost(noisy.record(), "scaled", "channel", why_ics.DOSE)
    low, high = 100 - took.interval().high, 100 - took.interval().low
    with Explorable(browser, base, "why_it_works") as it:
        assert it.control("noise").get_attribute("aria-valuetext") == "0.3"
        assert "the shift is back" in it.read("told")
        assert numbers(it.read("left"))[1:] == [
            pytest.approx(low, abs=0.6),
            pytest.approx(high, abs=0.6),
        ]
