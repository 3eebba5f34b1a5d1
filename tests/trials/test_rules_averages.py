"""The rules of drift and shift, and their controls."""

import pytest
from made_up import MACHINE, made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.batch_norm import shift, strays
from normlib.experiments.decisions import WORDS
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
INSENSITIVE = "Open: insensitive. The {} control failed."


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = [decide(claim, record) for record in records]
    assert tuple(d.verdict for d in found) == VERDICTS
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS
    return found


def drift(more, *, noise=0.02, other=3.0, forgotten=60.0):
    """Evaluation errs by `more(step, momentum)` points beyond 3."""

    def value(cell):
        statistics = cell["statistics"]
        fixed = {"batch": 3.0, "other": other, "forgotten": forgotten}
        if statistics in fixed:
            found = fixed[statistics]
        else:
            found = 3.0 + more(cell["step"], cell["momentum"])
        return {"differ": 3.0, "test_error": found + spread(cell, noise)}

    trial = find_trial("batch_norm.drift")
    every = made_up(
        "batch_norm.drift", value, step=list(strays.LOOKS),
        statistics=["batch", "other", "forgotten", "0.1", "0.01"],
    )  # fmt: skip
    rows = [
        row for row in every.rows
        if row["statistics"] in (row["momentum"], "batch")
        or (row["momentum"] == "0.1" and row["statistics"] != "0.01")
    ]  # fmt: skip
    return trial.seal("cpu", every.config, rows, MACHINE)


def test_the_modes_differ():
    def young(step, momentum):
        return 40.0 if step < 100 else 0.0

    _, found, *_ = check(
        "bn.train-eval", drift(lambda *_: -2.0), drift(young),
        drift(lambda *_: 0.1), drift(lambda *_: 0.7, noise=1.0),
    )  # fmt: skip
    assert found.when == (
        "one looks after 1 step at 0.1, 10 steps at 0.1, 1 step at 0.01 or "
        "10 steps at 0.01"
    )


def test_better_early_and_worse_late_is_different_too():
    found = drift(lambda k, _: 40.0 if k < 100 else -1.0)
    headline = decide("bn.train-eval", found).headline
    assert "+40.0 points after 10 steps, −1.0 after 1000" in headline


def test_an_arm_between_leaves_it_open():
    """One look that cannot be told, and a difference at the margin."""
    between = drift(lambda k, _: 40.0 if k < 1000 else 0.5)
    assert decide("bn.train-eval", between).verdict == "open"
    near = drift(lambda k, m: 0.55, noise=0.001)
    assert "fragile" in decide("bn.train-eval", near).headline


@pytest.mark.parametrize(
    ("kind", "blind"),
    [("null", {"other": 5.0}), ("positive", {"forgotten": 3.0})],
)
def test_a_blind_drift_decides_nothing(kind, blind):
    record = drift(lambda *_: 20.0, **blind)
    found = decide("bn.train-eval", record)
    assert found.headline == INSENSITIVE.format(kind)


def shifted(brightness, contrast, own=20, *, noise=0.05, alike=0, **base):
    """Points that mismatches cost BatchNorm more; others pay 10.

    LayerNorm pays `alike` per cent of BatchNorm's surplus.
    """
    more = {
        "brightness": brightness, "contrast": contrast, "each its own": own,
    }  # fmt: skip
    pays = {"batch": 1.0, "layer": alike / 100}
    base = {"none": 3.0, "layer": 3.0, "running": 3.0} | base

    def value(cell):
        norm, statistics = cell["norm"], cell["statistics"]
        e = spread(cell, noise) + base.get(norm, 3.0)
        if cell["kind"] == "other images":
            e += {"running": base["running"] - 3.0}.get(
                statistics, base.get("forgotten", 60.0) - 3.0
            ) * (norm == "batch")
        elif statistics == "running":
            cost = more[cell["kind"]] * pays.get(norm, 0)
            e += cell["shift"] * (10 + cost)
        return {"test_error": e}

    every = made_up(
        "batch_norm.shift", value, kind=[*shift.KINDS, "other images"],
        shift=[0.0, 0.5, 1.0], statistics=["running", "forgotten"],
    )  # fmt: skip
    rows = [row for row in every.rows if not absent(row)]
    trial = find_trial("batch_norm.shift")
    return trial.seal("cpu", every.config, rows, MACHINE)


def absent(row):
    """Other images come as they are, and nothing else forgot."""
    if row["kind"] == "other images":
        return bool(row["shift"])
    return row["statistics"] == "forgotten"


def test_data_must_match():
    _, found, *_ = check(
        "bn.matched-data", shifted(20, 20), shifted(20, 0),
        shifted(0, 0, 0), shifted(20, 20, 1, noise=1.0),
    )  # fmt: skip
    assert found.when == (
        "test images come all one deviation brighter or each with its own "
        "brightness"
    )


def test_what_layer_norm_pays_too_is_no_need_of_batch_norm():
    found = decide("bn.matched-data", shifted(20, 20, alike=100))
    assert found.verdict == "does not hold"


def test_an_arm_that_cannot_be_told_is_not_harmless():
    """Once brightness at 10 [3.2, 16.9] counted as if it cost nothing."""
    record = shifted(1.1, 23, noise=0.3)
    assert decide("bn.matched-data", record).verdict == "open"


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_a_net_that_did_not_learn_is_no_comparison(norm):
    record = shifted(20, 20, **{norm: 90.0})
    assert decide("bn.matched-data", record).verdict == "open"


@pytest.mark.parametrize(
    ("kind", "blind"),
    [("null", {"running": 6.0}), ("positive", {"forgotten": 3.0})],
)
def test_a_blind_shift_decides_nothing(kind, blind):
    record = shifted(20, 20, **blind)
    found = decide("bn.matched-data", record)
    assert found.headline == INSENSITIVE.format(kind)
