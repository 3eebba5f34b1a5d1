"""Intervals over seeds, and arms: what rules and plots read in a record.

An arm is what stays fixed while seeds change, as norm="batch", depth=8.
Where learning rates were swept, it is judged at the rate that suits it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from ..records import Record, Row


class Interval(NamedTuple):
    """A mean and the ends of its interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isinf(self.low) and np.isinf(self.high):
            return "not to be told"
        size = max(abs(end) for end in self if np.isfinite(end))
        form = ".1f" if 0.01 <= size < 1e5 else ".0e" if size else ".0f"
        mean, low, high = (f"{end:{form}}" for end in self)
        return f"{mean} [{low}, {high}]".replace("-", "−")

    def plus(self, x: float) -> Interval:
        """Return the interval moved by x."""
        return Interval(*(end + x for end in self))

    def times(self, x: float) -> Interval:
        """Return the interval of x times the quantity."""
        low, high = sorted((self.low * x, self.high * x))
        return Interval(self.mean * x, low, high)

    def powers(self) -> Interval:
        """Return the interval of 10ˣ where this is one of x."""
        return Interval(*(10**x for x in self))

    def factors(self) -> str:
        """Print an interval of decades as factors: "10 [8.1, 130]"."""
        shown = [f"{10**x:.2g}" if x < 2 else f"{10**x:.0f}" for x in self]
        return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def mean_interval(
    values: Sequence[float], *, level: float = 0.95, comparisons: int = 1
) -> Interval:
    """Interval x̄ ± t·s/√n; s is the unbiased deviation, n the seeds.

    `comparisons` > 1 widens it by Bonferroni, so that all of that many
    intervals hold together at `level`. Fewer than two values leave the
    mean unbounded: (x̄, −∞, ∞).
    """
    x = np.asarray(values, dtype=float)
    n, mean = len(x), float(np.mean(x))
    error = float(x.std(ddof=1) / np.sqrt(n)) if n > 1 else np.inf
    return by_error(mean, error, n, comparisons, level)


def by_error(
    mean: float, error: float, n: int, comparisons: int, level: float = 0.95
) -> Interval:
    """Interval mean ± t·error, t of Student's with n − 1 degrees."""
    if n < 2:
        return Interval(mean, -np.inf, np.inf)
    tail = (1 - level) / (2 * comparisons)
    half = float(-stdtrit(n - 1, tail)) * float(error)
    return Interval(mean, mean - half, mean + half)


def paired_interval(
    a: Sequence[float], b: Sequence[float], *, comparisons: int = 1
) -> Interval:
    """Interval of the mean of a − b, seed by seed."""
    difference = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    return mean_interval(difference, comparisons=comparisons)


def best_rate(record: Record, **arm: Any) -> float:
    """Return the rate with the lowest mean validation error."""

    def mean(rate: float) -> float:
        return float(np.mean(record.values("val_error", rate=rate, **arm)))

    return min(record.config["rates"], key=mean)


def at_best(record: Record, column: str, **arm: Any) -> list[Any]:
    """Return one value a seed, at the arm's best rate."""
    return record.values(column, rate=best_rate(record, **arm), **arm)


def best(
    record: Record, column: str = "test_error", **arm: Any
) -> Interval:
    """Return the interval of a column at the arm's best rate."""
    return mean_interval(at_best(record, column, **arm))


def excess(
    record: Record,
    own: dict[str, Any],
    peer: dict[str, Any],
    *,
    column: str = "test_error",
    comparisons: int = 1,
) -> Interval:
    """How much more one arm has than another, paired by seed.

    Each is read at its own best rate.
    """
    values = (at_best(record, column, **arm) for arm in (own, peer))
    return paired_interval(*values, comparisons=comparisons)


def mean_of(
    record: Record, column: str = "test_error", **arm: Any
) -> Interval:
    """Return the interval of a column."""
    return mean_interval(record.values(column, **arm))


def highest_rate(record: Record, trained: float, **arm: Any) -> list[float]:
    """Log10, seed by seed, of the highest rate at which the net trained.

    A net that never trained counts as half a decade below the grid.
    """
    lowest = np.log10(min(record.config["rates"])) - 0.5
    highest: dict[int, float] = {}
    for row in record.where(**arm):
        works = row["val_error"] <= trained
        rate = np.log10(row["rate"]) if works else lowest
        highest[row["seed"]] = max(rate, highest.get(row["seed"], lowest))
    return [highest[seed] for seed in sorted(highest)]


def log_steps(record: Record, **arm: Any) -> list[float]:
    """Log10 of the steps until trained; never counts as twice the run.

    At the arm's best rate, or at the rate that it names.
    """
    never = 2 * record.config["steps"]
    read = record.values if "rate" in arm else partial(at_best, record)
    return [float(np.log10(s or never)) for s in read("trained_at", **arm)]


def decades(record: Record, layer: int, **arm: Any) -> list[float]:
    """Gradient at a layer over that at the last one, as log10, by seed.

    Nothing where that layer was not looked at.
    """
    last = max(record.distinct("layer", **arm), default=layer)
    here, there = (
        record.values("log10_grad", layer=l, **arm) for l in (layer, last)
    )
    pairs = zip(here, there, strict=True) if here else ()
    return [a - b for a, b in pairs]


def count_trained(rows: list[Row], trained: float) -> list[int]:
    """Count, seed by seed, the rows whose net trained.

    Trained is a validation error of `trained` per cent or less.
    """
    counts: dict[int, int] = {}
    for row in rows:
        works = row["val_error"] <= trained
        counts[row["seed"]] = counts.get(row["seed"], 0) + works
    return [counts[seed] for seed in sorted(counts)]


def signed(x: float) -> str:
    """Print +4.1 or −20.0, with a true minus."""
    return f"{x:+.1f}".replace("-", "−")


def join(words: Sequence[object], last: str = "and") -> str:
    """Join as "a, b and c"."""
    *others, final = [str(word) for word in words] or [""]
    return f"{', '.join(others)} {last} {final}" if others else final
