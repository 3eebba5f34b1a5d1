"""From intervals to a verdict."""

import pytest
from made_up import made_up

from normlib.experiments import trials
from normlib.experiments.decisions import (
    MIN_SEEDS,
    Decision,
    Rule,
    State,
    above,
    apart,
    below,
    every,
    settle,
    within,
)
from normlib.experiments.intervals import Interval
from normlib.ledger import decide

HIGH, LOW, WIDE = (
    Interval(m, m - w, m + w) for m, w in ((5, 1), (-5, 1), (0, 9))
)
C, R, U = State.CLEAR, State.REFUTED, State.UNCLEAR


@pytest.mark.parametrize(
    ("judge", "states"),
    [
        (above, (C, R, U)),
        (below, (R, C, U)),
        (within, (R, R, U)),
        (apart, (C, C, U)),
    ],
)
def test_an_interval_is_clear_refuted_or_unclear(judge, states):
    assert tuple(judge(i, 2.0) for i in (HIGH, LOW, WIDE)) == states
    inside = Interval(0, -1, 1)
    assert within(inside, 2.0) is C and apart(inside, 2.0) is R


@pytest.mark.parametrize(
    ("states", "joint"),
    [((C, C), C), ((C, R), R), ((U, R), R), ((C, U), U), ((), U)],
)
def test_an_arm_of_several(states, joint):
    assert every(states) is joint


@pytest.mark.parametrize(
    ("arms", "verdict", "when"),
    [
        ({"a": HIGH, "b": HIGH}, "holds", ""),
        ({"a": LOW, "b": [LOW, WIDE]}, "does not hold", ""),
        ({"a": HIGH, "b": LOW, "c": HIGH}, "holds when", "at a or c"),
        ({"a": HIGH, "b": WIDE}, "holds when", "at a"),
        ({"a": LOW, "b": WIDE}, "open", ""),
        ({"a": [HIGH, WIDE]}, "open", ""),
        ({"a": []}, "open", ""),
        ({}, "open", ""),
    ],
)
def test_settle(arms, verdict, when):
    found = settle(arms, above, 2.0, when="at {arms}", last="or")
    assert (found.verdict, found.when) == (verdict, when)
    assert found.arms == arms and found.margin == 2.0


def test_settle_tells_the_numbers():
    arms = {"a": HIGH, "b": [LOW, HIGH]}
    because = settle(arms, above, 0.0, because="Points: {arms}.").because
    assert because == (
        "Points: a 5.0 [4.0, 6.0]; b −5.0 [−6.0, −4.0] and 5.0 [4.0, 6.0]."
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("maybe", "x"), "verdict: got 'maybe'"),
        (("holds", "x", "at 4"), "when: got 'at 4'"),
        (("holds when", "x"), "when: got ''"),
    ],
)
def test_a_decision_is_one_of_four(args, words):
    with pytest.raises(ValueError, match=words):
        Decision(*args)


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.name)
def test_too_few_seeds_leave_every_claim_open(trial):
    rows = [{"seed": seed} for seed in range(MIN_SEEDS - 1)]
    record = trial.seal("cpu", trial.presets["cpu"], rows, {})
    for rule in trial.rules.values():
        decision = rule(record)
        assert decision.verdict == "open"
        assert f"{MIN_SEEDS - 1} seeds" in decision.because


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.name)
def test_cpu_and_gpu_presets_have_seeds_for_a_verdict(trial):
    for preset in ("cpu", "gpu"):
        config = trial.presets[preset]
        assert config.get("seeds", config.get("rounds", 0)) >= MIN_SEEDS


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.name)
def test_a_rule_says_what_it_does(trial):
    """Its docstring, with the constants put in."""
    for rule in trial.rules.values():
        assert len(rule.says.split()) > 15 and rule.says.endswith(".")
        assert "holds" in rule.says.lower() and "{" not in rule.says


def test_a_rule_takes_what_its_claim_gives():
    rule = Rule("", lambda record, side: Decision("holds", str(side)), {
        "side": 4
    })  # fmt: skip
    record = made_up(
        "batch_norm.exact", lambda c: {"quantity": "", "value": 0}
    )
    assert rule(record).because == "4"


def test_a_rule_refuses_a_record_of_another_trial():
    record = made_up(
        "batch_norm.exact", lambda c: {"quantity": "", "value": 0}
    )
    with pytest.raises(
        ValueError, match=r"is decided by introduction\.dep"
    ):
        decide("intro.building-block", record)
