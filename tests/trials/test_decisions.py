"""From intervals to a verdict."""

import numpy as np
import pytest
from made_up import made_up

from normlib.experiments import trials
from normlib.experiments.arms import Arm, Contrast, of
from normlib.experiments.decisions import (
    WORDS,
    Decision,
    Estimate,
    State,
    above,
    apart,
    below,
    every,
    margins,
    settle,
    some,
    within,
)
from normlib.experiments.intervals import Interval
from normlib.experiments.rules import MIN_SEEDS, Rule
from normlib.ledger import decide
from normlib.records import Record

ENDS = [Interval(m, m - w, m + w) for m, w in ((5, 1), (-5, 1), (0, 9))]
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
    assert tuple(judge(i, 2.0) for i in ENDS) == states
    inside = Interval(0, -1, 1)
    assert within(inside, 2.0) is C and apart(inside, 2.0) is R


@pytest.mark.parametrize(
    ("states", "joint"),
    [((C, C), C), ((C, R), R), ((U, R), R), ((C, U), U), ((), U)],
)
def test_an_arm_of_several(states, joint):
    assert every(states) is joint


def test_an_arm_of_which_one_suffices():
    assert some([C, R, U]) is C and some([R, R]) is R
    assert some([R, U]) is U and some([]) is U


def contrast(mean, spread=0.1, **options):
    """Eight seeds about a mean."""
    rows = [mean + spread * k for k in (-3, -2, -1, 0, 0, 1, 2, 3)]
    return Contrast(of(rows), **options)


HIGH, LOW, WIDE = contrast(5), contrast(-5), contrast(0, 9)
SAYS = {
    "holds": "Use it.", "does not hold": "Leave it.",
    "holds when": "Use it at {clear}, not at {refuted}.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("arms", "verdict", "when", "headline"),
    [
        ({"a": HIGH, "b": HIGH}, "holds", "", "Use it."),
        ({"a": LOW, "b": [LOW, WIDE]}, "does not hold", "", "Leave it."),
        (
            {"a": HIGH, "b": LOW, "c": HIGH},
            "holds when",
            "at a or c",
            "Use it at a or c, not at b.",
        ),
        # An arm that cannot be told is not counted as harmless.
        (
            {"a": HIGH, "b": WIDE, "c": LOW},
            "open",
            "",
            "Open: 1 of 3 comparisons cannot be told.",
        ),
        ({"a": HIGH, "b": WIDE}, "open", "", None),
        ({"a": LOW, "b": WIDE}, "open", "", None),
        ({"a": [HIGH, WIDE]}, "open", "", None),
        ({"a": []}, "open", "", None),
        ({}, "open", "", None),
    ],
)
def test_settle(arms, verdict, when, headline):
    found = settle(arms, above, 2.0, when="at {arms}", last="or", says=SAYS)
    assert (found.verdict, found.when) == (verdict, when)
    assert headline in (None, found.headline)
    assert len(found.headline.split()) <= WORDS and found.margin == 2.0


def test_the_family_is_counted_and_widens():
    one = settle({"a": HIGH}, above, 2.0, says=SAYS).estimates[0].interval
    both = settle(
        {"a": HIGH, "b": [HIGH, LOW]}, above, 2.0, says=SAYS
    ).estimates
    assert len(both) == 3
    assert both[0].interval == HIGH.interval(3)
    assert both[0].interval.low < one.low


def test_settle_tells_the_numbers():
    arms = {"a": contrast(5, 0), "b": [contrast(-5, 0), contrast(4, 0)]}
    because = settle(
        arms, above, 0.0, because="Points: {arms}.", says=SAYS
    ).because
    assert because == (
        "Points: a 5.0 [5.0, 5.0]; b −5.0 [−5.0, −5.0] and 4.0 [4.0, 4.0]."
    )


def swept(best, edge=False, censored=False):
    """Eight seeds at three rates; the chosen one is `best`."""
    error = [[9.0] * 8, [best] * 8, [9.0] * 8]
    order = [1, 0, 2] if edge else [0, 1, 2]
    error = np.array([error[k] for k in order])
    bounds = np.full(error.shape, censored)
    return Arm(error, error, bounds, (0.1, 0.3, 1.0))


def test_a_rate_at_the_edge_blocks_the_verdict():
    fine = settle({"a": Contrast(swept(5.0))}, above, 2.0, says=SAYS)
    assert fine.verdict == "holds"
    edge = settle(
        {"a": Contrast(swept(5.0, edge=True))}, above, 2.0, says=SAYS
    )
    assert edge.verdict == "open"
    assert "its rate, 0.1, is the lowest tried" in edge.because


def test_a_dead_comparator_says_nothing():
    dead = contrast(5, dead="without a norm nothing trains")
    found = settle({"a": dead}, above, 2.0, says=SAYS)
    assert found.verdict == "open"
    assert "without a norm nothing trains" in found.because


def test_a_bound_decides_on_one_side_only():
    """Never trained in 600 steps: 600, or more."""
    late, soon = swept(5.0, censored=True), swept(1.0)
    slower, faster = Contrast(late, soon), Contrast(soon, late)
    assert settle({"a": slower}, above, 2.0, says=SAYS).verdict == "holds"
    assert settle({"a": slower}, above, 9.0, says=SAYS).verdict == "open"
    assert settle({"a": slower}, below, 9.0, says=SAYS).verdict == "open"
    assert settle({"a": faster}, below, -2.0, says=SAYS).verdict == "holds"
    assert settle({"a": faster}, above, -9.0, says=SAYS).verdict == "open"
    neither = Contrast(late, swept(1.0, censored=True))
    assert settle({"a": neither}, above, -99.0, says=SAYS).verdict == "open"


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


def rule(margin=4.0, spread=0.1, **controls):
    """A rule on one column, with controls that come out or not."""

    def decide(record):
        return settle(
            {"a": Contrast(of(record.values("x")))},
            above,
            margin,
            says=SAYS,
        )

    def control(state):
        return lambda record: Estimate("twice", ENDS[0], state)

    controls = {kind: control(s) for kind, s in controls.items()}
    return Rule("", decide, {}, controls)


def seen(*values):
    rows = [{"seed": seed, "x": x} for seed, x in enumerate(values)]
    return Record("made.up", "cpu", {}, {}, {}, {}, rows)


EIGHT = seen(4.8, 4.9, 5.0, 5.0, 5.0, 5.0, 5.1, 5.2)


BOTH = {"null": C, "positive": C}


@pytest.mark.parametrize("kind", ["null", "positive"])
@pytest.mark.parametrize("state", [R, U])
def test_a_control_that_fails_leaves_it_open(kind, state):
    assert rule(**BOTH)(EIGHT).verdict == "holds"
    found = rule(**(BOTH | {kind: state}))(EIGHT)
    assert found.verdict == "open"
    assert found.headline == (
        f"Open: insensitive. The {kind} control failed."
    )


def test_a_verdict_that_a_margin_makes_is_fragile():
    assert rule(4.0, **BOTH)(EIGHT).verdict == "holds"
    found = rule(4.5, **BOTH)(EIGHT)
    assert found.verdict == "open"
    assert found.headline == (
        "Open: fragile. The verdict flips with a margin a fifth larger."
    )
    assert "By the rule it holds; with a margin" in found.because


def test_a_verdict_that_one_seed_makes_is_fragile():
    odd = seen(0.1, 0.2, 0.3, 0.2, 0.4, 1.8, 1.9, 2.0)
    bare = rule(0.0)
    assert bare.decide(odd).verdict == "holds"
    flips = bare.flips(odd, bare.decide(odd))
    assert flips == dict.fromkeys(
        [f"without seed {seed}" for seed in (5, 6, 7)], "open"
    )
    found = rule(0.0, **BOTH)(odd)
    assert found.verdict == "open"
    assert found.headline == (
        "Open: fragile. The verdict flips without seed 5."
    )


def test_margins_are_restored_after_an_error():
    with pytest.raises(KeyError), margins(1.2):
        raise KeyError
    assert rule(4.0, **BOTH)(EIGHT).verdict == "holds"
