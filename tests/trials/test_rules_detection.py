"""The rules of group norm in dense prediction: all verdicts can be had."""

import pytest
from made_up import made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.decisions import WORDS
from normlib.experiments.other_techniques.scenes_read import (
    AGAIN,
    NEIGHBOURS,
    NETS,
    PEERS,
    SHORT,
    WIDE,
    error,
    more,
)
from normlib.ledger import decide

VERDICTS = ["holds", "holds when", "does not hold", "open"]
CONTROLS = {SHORT: 26.0, AGAIN: 20.0}


def scenes(error, noise=0.05, best=0.02, **controls):
    """`error(net, norm)` at the best rate, elsewhere nothing is learnt."""
    known = CONTROLS | controls

    def value(cell):
        net, norm = cell["net"], cell["norm"]
        e = known.get(norm) or error(net, norm)
        e += spread(cell | {"rate": 0}, noise)
        e = e if cell["rate"] == best else 60.0
        return {"val_error": e, "test_error": e}

    return made_up("other_techniques.detection", value)


def others(norms, nets=tuple(NETS), by=6.0, **made):
    """The norms err more by points in these nets, else as GroupNorm."""
    return scenes(
        lambda net, norm: 20.0 + by * (norm in norms and net in nets),
        **made,
    )  # fmt: skip


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = [decide(claim, record) for record in records]
    assert [d.verdict for d in found] == VERDICTS
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS


def test_group_norm_at_few_scenes():
    some = others([*PEERS], ["pooled"])
    check(
        "gn.detection", others([*PEERS]), some, others([]),
        others([*PEERS], by=2.2, noise=0.5),
    )  # fmt: skip
    found = decide("gn.detection", some)
    assert found.when == f"the net has {NETS['pooled']}"
    assert "6 points" in found.headline


@pytest.mark.parametrize("peer", PEERS)
def test_one_that_does_as_well_is_enough(peer):
    record = others([p for p in PEERS if p != peer])
    assert decide("gn.detection", record).verdict == "does not hold"


def test_a_norm_to_use():
    better = [*PEERS, *NEIGHBOURS]
    check(
        "guide.det-gn", others([*PEERS]),
        others(["frozen"], ["maps"], by=-6.0), others(better, by=-6.0),
        others(better, by=-2.2, noise=0.5),
    )  # fmt: skip


@pytest.mark.parametrize("better", NEIGHBOURS)
def test_a_neighbour_that_errs_less_refutes_the_guide(better):
    record = others([better], by=-6.0)
    assert decide("guide.det-gn", record).verdict == "does not hold"


@pytest.mark.parametrize("claim", ["gn.detection", "guide.det-gn"])
@pytest.mark.parametrize(
    "kind", [("null", {AGAIN: 26.0}), ("positive", {SHORT: 20.0})]
)
def test_blind_controls_decide_nothing(claim, kind):
    kind, control = kind
    found = decide(claim, others([*PEERS], **control))
    assert (
        found.headline == f"Open: insensitive. The {kind} control failed."
    )


@pytest.mark.parametrize("rate", ["lowest", "highest"])
def test_a_rate_at_the_edge_leaves_it_open(rate):
    record = others([*PEERS])
    rates = record.config["rates"]
    edge = {"lowest": rates[0], "highest": rates[-1]}[rate]
    for row in record.rows:
        if row["norm"] in PEERS:
            e = 26.0 if row["rate"] == edge else 60.0
            row["val_error"] = row["test_error"] = e
    found = decide("gn.detection", record)
    assert found.verdict == "open"
    assert f"its rate, {edge:g}, is the {rate}" in found.because


def test_a_comparator_that_learnt_nothing_says_nothing():
    found = decide("gn.detection", others([*PEERS], by=25.0))
    assert found.verdict == "open" and "finds nothing" in found.because


def test_sixteen_scenes_are_told_and_not_judged():
    record, worse = others([*PEERS]), others([*PEERS, WIDE], by=6.0)
    for claim in ("gn.detection", "guide.det-gn"):
        assert decide(claim, record) == decide(claim, worse)


def test_what_the_page_says_of_the_record():
    """2.5 points on maps; 2.3 behind a mean; one value a set."""
    record = find_trial("other_techniques.detection").record()
    found = decide("gn.detection", record).estimates
    maps, behind = found[0].interval, found[4].interval
    assert round(maps.mean, 1) == -2.5 and maps.high < 0
    assert round(behind.high, 1) == 2.3
    for net in NETS:  # "cannot tell one group, four and C apart"
        for norm in NEIGHBOURS:
            between = more(record, net, "group", norm).interval(4)
            assert between.low < 0 < between.high
    single = error(record, "pooled", "instance")
    assert single.mean < error(record, "pooled", "group").mean
