"""The rule of placement on made-up records, and what a net's norms are."""

import pytest
from made_up import made_up, spread
from test_rules_rms_norm import decide

from normlib.experiments.decisions import WORDS
from normlib.experiments.layer_norm.placements import fewer_around


def nets(gain=None, wider=None, best=0.01, full=6.0, again=0.0):
    """Bits of 3.5 at the best rate and 5 at others, less a net's gains:
    `gain` at the best rate, `wider` at the others.
    """

    def value(cell):
        net, rate = cell["net"], cell["rate"]
        bits = 3.5 if rate == best else 5.0
        bits -= ((gain if rate == best else wider) or {}).get(net, 0.0)
        bits += again * (net == "before, other weights")
        if net == "no norm, full branches":
            bits = full
        bits += spread(cell | {"rate": 0}, 0.005)
        return {"val_bits": bits, "test_bits": bits, "score": 1.0}

    return made_up("layer_norm.placement", value)


ALL = ("before", "behind", "both sides", "queries and keys")
HELPED = {net: 0.5 for net in ALL[:3]} | {"queries and keys": 1.0}
OVER = {"before, other weights": 0.5}


def test_all_four_verdicts():
    at_best = decide("ln.transformers", nets(HELPED | OVER))
    over_rates = decide("ln.transformers", nets(wider=HELPED | OVER))
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
    "blind", [{"again": 0.3}, {"again": -0.3}, {"full": 3.0}]
)
def test_controls_that_fail_decide_nothing(blind):
    found = decide("ln.transformers", nets({"both sides": 0.5}, **blind))
    assert found.verdict == "open"
    assert "insensitive" in found.headline


@pytest.mark.parametrize("edge", [0.0003, 0.3])
def test_a_rate_at_the_edge_decides_nothing(edge):
    assert decide("ln.transformers", nets(best=edge)).verdict == "open"


def test_the_average_is_over_a_decade_to_each_side_of_the_peers_rate():
    """Five rates: 4.7 without, of which four are 5; a gain at one."""
    record = nets({"behind": 0.47})
    found = fewer_around(record, "behind", "no norm").interval()
    assert found.mean == pytest.approx(100 * 0.47 / 5 / 4.7, abs=1e-6)
