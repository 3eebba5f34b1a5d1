"""*Placement* shows the product's curve and the record's points."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.placement import START

from normlib.experiments import trial
from normlib.experiments.layer_norm import stream
from normlib.experiments.layer_norm.depths import NETS

pytestmark = pytest.mark.browser
DEPTHS = [2, 4, 8, 16, 32]
CASES = [("behind", 8), ("outputs", 32), ("DeepNorm", 2),
         ("no norm, small branches", 16)]  # fmt: skip


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_shows_what_python_predicts_and_measured(hand, browser, base):
    depths = trial("layer_norm.depths")
    record = depths.record()
    with Explorable(browser, base, "placement") as it:
        for net, depth in CASES:
            it.choose("net", net, hand)
            it.slide("depth", DEPTHS.index(depth), hand)
            small = (2 * depth) ** -0.5 if "small" in net else 1.0
            place = NETS[net]["placement"]
            v, way = stream.predicted(place, depth, small)
            assert it.number("predicted") == pytest.approx(
                way[0], abs=0.006
            )
            assert it.number("stream") == pytest.approx(v[-1], abs=0.06)
            seen = depths.grows(record, net=net, depth=depth)
            told = re.findall(r"-?\d+\.\d+", it.read("measured"))
            assert list(map(float, told)) == pytest.approx(
                [seen.mean, seen.low, seen.high], abs=0.006
            )
            far = abs(seen.mean - way[0]) > 0.5
            assert far == ("far from" in it.read("told"))
            points(it, seen.mean, way, depth)
        assert "blocks" in it.heard()


def points(it, mean, way, depth):
    """The first point lies as far from the curve as it is measured."""
    path = it.figure.locator("[data-way]").get_attribute("points").split()
    assert len(path) == 2 * depth + 1
    heights = [float(p.split(",")[1]) for p in path]
    first = it.figure.locator("[data-point='0']").get_attribute("transform")
    shown = float(re.findall(r"-?[\d.]+", first)[1])
    end = it.figure.locator(f"[data-point='{2 * depth}']")
    at_end = re.findall(r"-?[\d.]+", end.get_attribute("transform"))[1]
    assert float(at_end) == pytest.approx(heights[-1], abs=0.1)
    decade = (heights[-1] - heights[0]) / way[0]
    assert heights[-1] - shown == pytest.approx(decade * mean, abs=0.5)


def test_it_begins_where_the_page_begins(browser, base):
    with Explorable(browser, base, "placement") as it:
        chosen = it.figure.locator("[data-control=net]:checked")
        assert chosen.get_attribute("value") == START["net"]
        way = stream.ratio("pre", START["depth"])
        assert it.number("predicted") == pytest.approx(way, abs=0.006)
