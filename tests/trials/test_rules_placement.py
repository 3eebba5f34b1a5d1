"""The rule of placement on made-up records, and what a net's norms are."""

import pytest
from made_up import made_up, spread
from test_rules_rms_norm import decide

from normlib.experiments.decisions import WORDS
from normlib.experiments.layer_norm.placements import fewer_over_rates


def nets(gain=None, wider=None, best=0.01, later=0.5, again=0.0):
    """Bits of 3.5 at the best rate and 5 at others, less a net's gains:
    `gain` at the best rate, `wider` at the others.
    """

    def value(cell):
        net, rate = cell["net"], cell["rate"]
        base = net.split(", other")[0].split(", fewer")[0]
        bits = 3.5 if rate == best else 5.0
        bits -= ((gain if rate == best else wider) or {}).get(base, 0.0)
        bits += again * (net == "both sides, other weights")
        bits += later * (net == "before, fewer steps")
        bits += spread(cell | {"rate": 0}, 0.005)
        return {
            "val_bits": bits,
            "test_bits": bits,
            "score": 1.0,
            "table_bits": TABLE,
        }

    return made_up("layer_norm.placement", value)


TABLE = 6.0
ALL = ("before", "behind", "both sides", "queries and keys")
HELPED = {net: 0.5 for net in ALL[:3]} | {"queries and keys": 1.0}


def test_all_four_verdicts():
    at_best = decide("ln.transformers", nets(HELPED))
    over_rates = decide("ln.transformers", nets(wider=HELPED))
    one = decide("ln.transformers", nets({"both sides": 0.5}))
    assert [at_best.verdict, over_rates.verdict] == ["holds"] * 2
    assert one.verdict == "holds when"
    assert one.when == "its place is both sides"
    assert decide("ln.transformers", nets()).verdict == "does not hold"
    near = decide("ln.transformers", nets({"behind": 0.105}))
    assert near.verdict == "open"
    for decision in (at_best, one, decide("ln.transformers", nets())):
        assert 0 < len(decision.headline.split()) <= WORDS


@pytest.mark.parametrize(
    "blind", [{"again": 0.3}, {"again": -0.3}, {"later": 0.0}]
)
def test_controls_that_fail_decide_nothing(blind):
    found = decide("ln.transformers", nets({"both sides": 0.5}, **blind))
    assert found.verdict == "open"
    assert "insensitive" in found.headline


@pytest.mark.parametrize("edge", [0.0003, 0.3])
def test_a_rate_at_the_edge_decides_nothing(edge):
    assert decide("ln.transformers", nets(best=edge)).verdict == "open"


def test_the_average_is_over_one_window_and_a_lost_net_is_the_table():
    """Five rates of seven: 4.7 without, of which four are 5."""
    for gain, saved in ((0.47, 0.47), (-9.0, 3.5 - TABLE)):
        record = nets({"behind": gain})
        found = fewer_over_rates(record, "behind", "no norm").interval()
        assert found.mean == pytest.approx(100 * saved / 5 / 4.7, abs=1e-6)
