"""*Instance norm* shows what normlib.reference computes."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
from explorable import PAGES, Explorable
from explore.instance import CHANNELS, SHRINK, data
from visit import visit

from normlib.data.photos import photo
from normlib.reference import instance_norm_forward

pytestmark = pytest.mark.browser
# A click on the thumb moves nothing: values lie away from those before.
CASES = [((0.3, 0.4, 0.7), (0.1, 0.2, 0.3)), ((0.8, 0.2, 0.4), (0.3,) * 3)]


def python(mean, spread):
    """Return the pavilion with these moments: (3, H, W), cut to 0 … 1."""
    x = photo("china", SHRINK)[None]
    y, _ = instance_norm_forward(
        x, np.float32(spread), np.float32(mean), eps=0
    )
    return y[0].clip(0, 1)


def clicked(it, name, value):
    """Click on a range near a value; there are fewer pixels than steps."""
    control = it.control(name)
    most = float(control.get_attribute("max"))
    box = control.bounding_box()
    x = 8 + value / most * (box["width"] - 16)
    control.click(position={"x": x, "y": box["height"] / 2})
    got = float(control.input_value())
    assert abs(got - value) < 0.05
    return got


def moved(it, mean, spread, hand):
    for kind, values in (("mean", mean), ("spread", spread)):
        yield [
            clicked(it, f"{kind}-{channel}", value)
            if hand == "mouse"
            else it.slide(f"{kind}-{channel}", value, hand)
            for channel, value in zip(CHANNELS, values, strict=True)
        ]


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_shows_what_python_computes(hand, browser, base):
    own_mean, own_spread = map(np.array, data()["own"])
    with Explorable(browser, base, "instance") as it:
        for mean, spread in CASES:
            mean, spread = moved(it, mean, spread, hand)
            slope = np.array(spread) / own_spread
            for c, channel in enumerate(CHANNELS):
                read = it.number(f"slope-{channel}")
                assert read == pytest.approx(slope[c], abs=6e-3)
                read = it.number(f"shift-{channel}")
                want = mean[c] - slope[c] * own_mean[c]
                assert read == pytest.approx(want, abs=6e-3)
        assert "The x̂ of every channel is what it was" in it.heard()


def test_the_pixels_are_those_of_python(browser, base):
    with Explorable(browser, base, "instance", width=1280) as it:
        mean, spread = moved(it, *CASES[0], "keyboard")
        drawn = it.figure.locator(".nl-stage image").screenshot()
        shown = Image.open(io.BytesIO(drawn)).convert("RGB")
        want = python(mean, spread)
        small = shown.resize(want.shape[:0:-1], Image.Resampling.BOX)
        off = np.asarray(small).transpose(2, 0, 1) / 255 - want
        assert np.abs(off).mean() < 0.03  # a JPEG, drawn larger


def test_presets(browser, base):
    with Explorable(browser, base, "instance") as it:
        it.control("flower").click()
        assert "the flower's" in it.read("told")
        it.control("own").click()
        assert it.read("told") == "As it was taken."
        assert it.number("slope-red") == 1 and it.number("shift-red") == 0


def test_a_photograph_is_not_turned_over_in_the_dark(browser, base):
    """Figures are: what is white becomes the page."""
    _, tab = visit(browser, base, PAGES["instance"], 1280, "dark")
    filters = {
        kind: tab.locator(f".cell_output img{kind}").first.evaluate(
            "e => getComputedStyle(e).filter"
        )
        for kind in (".nl-photo", ":not(.nl-photo, .only-dark)")
    }
    tab.context.close()
    photograph, figure = filters.values()
    assert photograph == "none" and "invert" in figure
