"""Intervals against closed forms; arms at their best rate."""

import math

import numpy as np
import pytest
from made_up import made_up

from normlib.experiments import intervals
from normlib.experiments.intervals import (
    Interval,
    join,
    mean_interval,
    paired_interval,
)


def test_two_values_by_hand():
    """s = √2/2·|a − b|, n = 2, t(1; 0.975) = tan(0.475 π)."""
    found = mean_interval([1.0, 3.0])
    half = math.tan(0.475 * math.pi)
    assert found == pytest.approx((2, 2 - half, 2 + half))


def test_bonferroni_is_a_smaller_tail():
    values = [1.0, 2.0, 4.0, 8.0]
    assert mean_interval(values, comparisons=5) == pytest.approx(
        mean_interval(values, level=0.99)
    )


def test_it_covers_95_of_100():
    rng = np.random.default_rng(0)
    draws = rng.normal(3, 2, size=(2000, 8))
    hits = sum(low < 3 < high for _, low, high in map(mean_interval, draws))
    # Binomial: 1900 ± 3·√(2000·0.95·0.05) = 1900 ± 29
    assert 1871 <= hits <= 1929


def test_one_value_is_unbounded_and_says_so():
    found = mean_interval([2.0])
    assert found == (2.0, -math.inf, math.inf)
    assert str(found) == "not to be told"


def test_pairs_are_taken_seed_by_seed():
    assert paired_interval([1, 2, 3], [0, 1, 2]) == (1, 1, 1)


def test_an_interval_is_moved_scaled_and_printed():
    i = Interval(1.0, -0.5, 2.0)
    assert str(i) == "1.0 [−0.5, 2.0]"
    assert i.plus(1) == (2, 0.5, 3) and i.times(-2) == (-2, -4, 1)
    assert i.powers().mean == 10 and i.factors() == "10 [0.32, 100]"


def test_joining():
    assert [join(w) for w in ([], ["a"], "ab", "abc")] == [
        "", "a", "a and b", "a, b and c"
    ]  # fmt: skip
    assert join(["a", "b"], "or") == "a or b"


@pytest.fixture
def swept():
    """Trains at 0.003 and 0.01 alone; validation prefers the second."""

    def value(cell):
        val = {0.003: 6.0, 0.01: 5.0}.get(cell["rate"], 80.0)
        plus = cell["norm"] == "batch"
        return {
            "val_error": val, "test_error": val + 2 + plus + cell["seed"],
            "trained_at": 100 if val < 10 else None,
        }  # fmt: skip

    return made_up("introduction.depth", value)


ARM = {"net": "skip", "depth": 10}


def test_an_arm_is_read_at_its_best_rate(swept):
    none = ARM | {"norm": "none"}
    assert intervals.best_rate(swept, **none) == 0.01
    assert intervals.at_best(swept, "test_error", **none) == [*range(7, 15)]
    assert intervals.best(swept, **none).mean == 10.5
    batch = ARM | {"norm": "batch"}
    assert intervals.excess(swept, batch, none) == (1, 1, 1)


def test_rates_and_steps_are_counted(swept):
    none = ARM | {"norm": "none"}
    rows = swept.where(**none)
    assert intervals.count_trained(rows, 10.0) == [2] * 8
    assert intervals.highest_rate(swept, 10.0, **none) == [-2.0] * 8
    assert intervals.highest_rate(swept, 1.0, **none) == [-4.5] * 8
    assert intervals.log_steps(swept, **none) == [2.0] * 8
    never = math.log10(2 * swept.config["steps"])
    assert intervals.log_steps(swept, rate=0.3, **none) == [never] * 8
