"""95 % intervals for the mean over seeds, by Student's t."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit


class Interval(NamedTuple):
    """A mean and the ends of its interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        text = f"{self.mean:.1f} [{self.low:.1f}, {self.high:.1f}]"
        return text.replace("-", "−")


def signed(x: float) -> str:
    """Print +4.1 or −20.0, with a true minus."""
    return f"{x:+.1f}".replace("-", "−")


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
    if n < 2:
        return Interval(mean, -np.inf, np.inf)
    tail = (1 - level) / (2 * comparisons)
    half = float(-stdtrit(n - 1, tail) * x.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half)


def paired_interval(
    a: Sequence[float], b: Sequence[float], *, comparisons: int = 1
) -> Interval:
    """Interval of the mean of a − b, seed by seed."""
    difference = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    return mean_interval(difference, comparisons=comparisons)


def factors(decades: Interval) -> str:
    """Print an interval of decades as factors: "10 [8.1, 130]"."""
    shown = [f"{10**x:.2g}" if x < 2 else f"{10**x:.0f}" for x in decades]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"
