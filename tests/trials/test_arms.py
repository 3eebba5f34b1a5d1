"""Arms read from records, and what their intervals cover."""

import numpy as np
import pytest

from normlib.experiments.arms import Arm, Contrast, draws, of, read
from normlib.experiments.intervals import paired_interval
from normlib.records import Record

RATES = [0.1, 0.3, 1.0]


def record(value, seeds=8):
    rows = [
        {"seed": seed, "rate": rate, "norm": "a"} | value(rate, seed)
        for rate in RATES
        for seed in range(seeds)
    ]
    config = {"rates": RATES, "steps": 600}
    return Record("made.up", "cpu", config, {}, {}, {}, rows)


def test_an_arm_is_read_at_the_rate_that_validation_chooses():
    found = record(lambda rate, seed: {
        "val_error": abs(rate - 0.3), "test_error": rate * 10 + seed
    })  # fmt: skip
    arm = read(found, norm="a")
    assert arm.chosen == 1 and arm.on_edge == ""
    assert list(arm.at_best) == [3.0 + seed for seed in range(8)]
    assert list(read(found, rate=1.0, norm="a").at_best) == [
        10.0 + seed for seed in range(8)
    ]


@pytest.mark.parametrize(
    ("best", "word"), [(0.1, "lowest"), (1, "highest")]
)
def test_a_rate_at_an_end_is_told(best, word):
    found = record(lambda rate, seed: {
        "val_error": abs(rate - best), "test_error": 1.0
    })  # fmt: skip
    assert word in read(found, norm="a").on_edge


def test_what_was_not_reached_is_a_bound_and_not_a_number():
    found = record(lambda rate, seed: {
        "trained_at": 100 if rate == 0.3 and seed else None
    })  # fmt: skip
    arm = read(found, "trained_at", by="trained_at", log=True)
    assert arm.chosen == 1 and arm.bounded
    assert arm.at_best[0] == pytest.approx(np.log10(600))
    assert Contrast(arm).bound == "at least"
    assert Contrast(arm).interval().high == np.inf
    assert Contrast(of([1.0] * 8), arm).interval().low == -np.inf
    assert not read(found, "trained_at", by="trained_at", rate=0.3).rates


def test_an_arm_that_was_not_measured_raises():
    found = record(lambda rate, seed: {"val_error": 1, "test_error": 1})
    with pytest.raises(ValueError, match="has not been measured"):
        read(found, norm="b")


def test_where_nothing_was_chosen_it_is_students_interval():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 9))
    found = Contrast(of(a), of(b)).interval(3)
    assert found == pytest.approx(paired_interval(a, b, comparisons=3))
    halves = Contrast(of(a), of(b), unit=2.0).interval(3)
    assert halves == pytest.approx([end / 2 for end in found])


def test_draws_are_of_as_many_seeds():
    counts = draws(8)
    assert (counts.sum(1) == 8).all()
    assert counts.mean(0) == pytest.approx(1.0, abs=0.1)


def test_the_interval_covers_the_choice_of_a_rate():
    """Four rates as good as each other: the best of them is luck.

    Validation and test errors are of the same nets, with a correlation
    of 0.7, so that some luck of the choice shows in the test errors.
    600 experiments: one σ of the share is 0.9 %.
    """
    rng, n, caught = np.random.default_rng(1), 10, 0
    for _ in range(600):
        values = rng.normal(size=(4, n))
        none = np.zeros((4, n), bool)
        criterion = values + rng.normal(size=(4, n))
        arm = Arm(values, criterion, none, (0.1, 0.3, 1.0, 3.0))
        peer = of(rng.normal(size=n))
        # The chosen rate's true mean is 0, and the peer's as well.
        found = Contrast(arm, peer).interval()
        caught += found.low < 0 < found.high
    assert 0.93 < caught / 600 < 0.985
