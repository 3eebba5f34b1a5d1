"""Rules read made-up records that favour, contradict and are too noisy."""

import pytest
from made_up import made_up

from normlib.experiments import trials
from normlib.experiments.introduction import mean_field
from normlib.experiments.trial import Decision, Rule, Trial
from normlib.ledger import decide


def wobble(cell, size):
    """A deterministic spread over the seeds, of the given size."""
    return size * ((cell["seed"] * 7) % 6 - 2.5)


def depth_record(none, batch, layer=None, rms=None, noise=0.1, **changes):
    """Errors of each norm; each is a number or a function of the cell."""
    layer = batch if layer is None else layer
    rms = layer if rms is None else rms
    errors = {"none": none, "batch": batch, "layer": layer, "rms": rms}

    def value(cell):
        error = errors[cell["norm"]]
        error = error(cell) if callable(error) else error
        spread = wobble(cell, noise)
        # Independent over the norms, so that pairs do not cancel it.
        shift = 1 if cell["norm"] in ("none", "layer") else -1
        error = error + shift * spread
        return {
            "val_error": error,
            "test_error": error,
            "trained_at": 100 if error <= 10 else None,
        }

    return made_up("introduction.depth", value, **changes)


def test_building_block_favoured_everywhere():
    record = depth_record(none=60.0, batch=3.0)
    assert decide("intro.building-block", record).verdict == "holds"


def test_building_block_favoured_at_depth():
    deep = depth_record(
        none=lambda c: 60.0 if c["depth"] > 10 else 3.0, batch=3.0
    )
    decision = decide("intro.building-block", deep)
    assert decision.verdict == "holds when"
    assert "20 and 50 layers with skips" in decision.when
    assert "4" not in decision.when


def test_building_block_contradicted():
    record = depth_record(none=3.0, batch=3.0)
    assert decide("intro.building-block", record).verdict == "does not hold"


def test_building_block_too_noisy():
    record = depth_record(none=9.0, batch=3.0, noise=4.0)
    assert decide("intro.building-block", record).verdict == "open"


def test_building_block_where_nothing_trains():
    lost = depth_record(none=90.0, batch=60.0)
    decision = decide("intro.building-block", lost)
    assert decision.verdict != "holds"
    assert "Nothing trains" in decision.because


def test_choice_favoured_everywhere():
    def layer(cell):  # works at two rates only
        return 8.0 if cell["rate"] < 0.01 else 60.0

    record = depth_record(60.0, 2.0, layer, 2.0)
    for row in record.rows:
        if row["norm"] != "layer":
            row["trained_at"] = 20
    decision = decide("intro.choice-matters", record)
    assert decision.verdict == "holds", decision


def test_choice_favoured_at_one_depth():
    record = depth_record(
        60.0, lambda c: 2.0, lambda c: 8.0 if c["depth"] == 50 else 2.0
    )
    decision = decide("intro.choice-matters", record)
    assert decision.verdict == "holds when"
    assert decision.when.startswith(
        "you choose between BatchNorm and LayerNorm for 50 plain layers"
    )
    assert "LayerNorm and RMSNorm for" not in decision.when


def test_choice_contradicted():
    record = depth_record(60.0, 3.0, noise=0.01)
    assert decide("intro.choice-matters", record).verdict == "does not hold"


def test_choice_too_noisy():
    record = depth_record(60.0, 3.0, noise=1.2)
    assert decide("intro.choice-matters", record).verdict == "open"


def gradients_record(decades, noise=0.05):
    """`decades(cell)` is the change from the last layer to the first."""

    def value(cell):
        change = decades(cell) if cell["layer"] == 1 else 0.0
        spread = wobble(cell, noise) if cell["layer"] == 1 else 0.0
        return {"log10_grad": change + spread}

    return made_up("introduction.gradients", value)


def test_the_farthest_from_theory():
    """All as predicted but one net, which is two decades off."""

    def decades(cell):
        net = cell["norm"], cell["act"], cell["init"]
        off = 2.0 if net == ("layer", "relu", "scaled") else 0.0
        return mean_field.predicted(*net, 50) + off

    record = gradients_record(decades, noise=0.0)
    assert mean_field.farthest(record) == pytest.approx(2.0)


def test_vanishing_favoured():
    record = gradients_record(lambda c: -20 if c["norm"] == "none" else 0)
    decision = decide("intro.vanishing", record)
    assert decision.verdict == "holds"
    assert "6 of 6" in decision.because


def test_vanishing_favoured_for_one_norm():
    record = gradients_record(lambda c: 0 if c["norm"] == "layer" else -20)
    decision = decide("intro.vanishing", record)
    assert decision.verdict == "holds when"
    assert "LayerNorm with ReLU or tanh or sigmoid" in decision.when
    assert "BatchNorm with" not in decision.when


def test_vanishing_contradicted():
    record = gradients_record(lambda c: -20)
    assert decide("intro.vanishing", record).verdict == "does not hold"


def test_vanishing_counts_explosion_as_sick():
    record = gradients_record(lambda c: -20 if c["norm"] == "none" else 9)
    assert decide("intro.vanishing", record).verdict == "does not hold"


def test_vanishing_too_noisy():
    record = gradients_record(
        lambda c: -40 if c["norm"] == "none" else -3.5, noise=3.0
    )
    assert decide("intro.vanishing", record).verdict == "open"


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.name)
def test_four_seeds_leave_every_claim_open(trial):
    rows = [{"seed": seed} for seed in range(4)]
    record = trial.record("cpu", trial.presets["cpu"], rows, {})
    for rule in trial.rules.values():
        decision = rule(record)
        assert decision.verdict == "open"
        assert "4 seeds" in decision.because


def test_a_rule_refuses_a_record_of_another_trial():
    with pytest.raises(
        ValueError, match=r"is decided by introduction\.depth"
    ):
        decide("intro.building-block", gradients_record(lambda c: 0))


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.name)
def test_cpu_and_gpu_presets_have_seeds_for_a_verdict(trial: Trial):
    for preset in ("cpu", "gpu"):
        config = trial.presets[preset]
        assert config.get("seeds", config.get("rounds", 0)) >= 5


def _threshold(record):
    return Decision("holds", "one") if LIMIT < 2 else None


def _said(record):
    """A docstring."""
    return Decision("holds", "one")  # a comment


def _said_again(record):
    """Another docstring."""

    return Decision("holds", "one")


LIMIT = 1


def test_hash_changes_with_sentence_code_and_constants(monkeypatch):
    assert Rule("a", _said).hash == Rule("a", _said).hash
    assert Rule("a", _said).hash != Rule("b", _said).hash
    assert Rule("a", _said).hash != Rule("a", _threshold).hash
    before = Rule("a", _threshold).hash
    monkeypatch.setitem(globals(), "LIMIT", 1.5)
    assert Rule("a", _threshold).hash != before


def test_hash_ignores_comments_docstrings_and_layout():
    from normlib.experiments.trial import _code

    one, two = _code(_said, set()), _code(_said_again, set())
    assert one[0] == two[0].replace("_said_again", "_said")


def test_hash_sees_the_functions_a_rule_calls(monkeypatch):
    from normlib.experiments.introduction import gradients

    rule = gradients.trial.rules["intro.vanishing"]
    before = rule.hash
    monkeypatch.setattr(gradients, "HEALTHY", 5.0)
    assert rule.hash != before


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
