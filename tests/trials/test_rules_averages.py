"""The rules of drift and shift, and their controls."""

import pytest
from made_up import MACHINE, made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.batch_norm import mismatch, shift, strays
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


def shifted(brightness, contrast, order, *, noise=0.05, **controls):
    """Points that a mismatch costs BatchNorm more; brightness costs 10."""
    more = {"brightness": brightness, "contrast": contrast}
    base = {"plain": 3.0, "running": 3.0, "forgotten": 60.0} | controls

    def value(cell):
        own = cell["norm"] == "batch"
        e = (3.0 if own else base["plain"]) + spread(cell, noise)
        if cell["kind"] == "other images":
            e = (
                base["plain"]
                if not own
                else base.get(cell["statistics"], 3.0)
            )
            return {"test_error": e + spread(cell, noise)}
        if cell["statistics"] == "running":
            cost = more.get(cell["kind"], 0) * own
            e += cell["shift"] * (10 + cost)
        return {"test_error": e + order * (
            cell["statistics"] == "sorted batch"
        )}  # fmt: skip

    every = made_up(
        "batch_norm.shift", value, kind=[*shift.KINDS, "other images"],
        shift=[0.0, 1.0],
        statistics=["running", "test batch", "sorted batch", "forgotten"],
    )  # fmt: skip
    rows = [row for row in every.rows if not absent(row)]
    trial = find_trial("batch_norm.shift")
    return trial.seal("cpu", every.config, rows, MACHINE)


def absent(row):
    """Other images come as they are, and nothing else forgot."""
    forgot = row["statistics"] == "forgotten"
    if row["kind"] == "other images":
        return row["shift"] or not (
            forgot or row["statistics"] == "running"
        )
    return forgot


def test_data_must_match():
    _, found, *_ = check(
        "bn.matched-data", shifted(20, 20, 50), shifted(20, 0, 50),
        shifted(0, 0, 0), shifted(20, 20, 5, noise=1.0),
    )  # fmt: skip
    assert "another brightness or a batch" in found.when
    assert mismatch.HURT == 5.0


def test_an_arm_that_cannot_be_told_is_not_harmless():
    """Once brightness at 10 [3.2, 16.9] counted as if it cost nothing."""
    record = shifted(5.2, 23, 54, noise=0.3)
    assert decide("bn.matched-data", record).verdict == "open"


def test_a_net_that_did_not_learn_is_no_comparison():
    record = shifted(20, 20, 50, plain=90.0)
    assert decide("bn.matched-data", record).verdict == "open"


@pytest.mark.parametrize(
    ("kind", "blind"),
    [("null", {"running": 6.0}), ("positive", {"forgotten": 3.0})],
)
def test_a_blind_shift_decides_nothing(kind, blind):
    record = shifted(20, 20, 50, **blind)
    found = decide("bn.matched-data", record)
    assert found.headline == INSENSITIVE.format(kind)
