"""Races: who is trained after fewer steps, and what takes the lead away.

Every net runs at its quickest learning rate. The rate is chosen inside
the interval, as in `arms`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..records import Record
from .arms import Arm, Contrast, draws, of, read
from .intervals import Interval, by_error


def steps(record: Record, **arm: Any) -> Arm:
    """Read log10 of the steps until trained, at the quickest rate."""
    return read(record, "trained_at", by="trained_at", log=True, **arm)


def at_quickest(record: Record, column: str, **arm: Any) -> Arm:
    """Read another column, at the rate with the fewest steps."""
    values = read(record, column, by=column, **arm).values
    return replace(
        steps(record, **arm), values=values,
        censored=np.zeros(values.shape, bool),
    )  # fmt: skip


def compare(arms: Callable[[], Iterable[Arm]]) -> Contrast:
    """Compare two arms; dead where the record lacks one.

    As one of an earlier version does.
    """
    try:
        return Contrast(*arms())
    except ValueError as lack:
        return Contrast(of([0.0]), dead=str(lack).partition(": ")[2])


@dataclass(frozen=True, eq=False)
class Lost:
    """The share of a lead over `plain` that is lost, in per cent.

    Of decades of steps: (changed − clean) / (plain − clean). 0: all of
    the lead is left. 100: none is.
    """

    changed: Arm
    clean: Arm
    plain: Arm
    dead: str = ""

    @property
    def blocked(self) -> str:
        """Say why no verdict may rest on this, or ""."""
        arms = (self.changed, self.clean, self.plain)
        edges = [arm.on_edge for arm in arms]
        never = "a net to compare with did not train"
        bounded = never * (self.clean.bounded or self.plain.bounded)
        return next(filter(None, (self.dead, bounded, *edges)), "")

    @property
    def bound(self) -> str:
        """Say "at least" where the changed net did not train."""
        return "at least" if self.changed.bounded else ""

    def interval(self, comparisons: int = 1) -> Interval:
        """Fieller's interval of the ratio of two means.

        Their covariance is the bootstrap's, which chooses the rates
        again in each draw, times n/(n − 1). No bound, where the lead
        itself may be 0.
        """
        n, clean = self.clean.seeds, self.clean
        if n != self.changed.seeds:  # one was not measured
            return Interval(0.0, -np.inf, np.inf)

        def less(values: Any) -> list:
            own, base, peer = map(values, (self.changed, clean, self.plain))
            return [own - base, peer - base]

        a, b = less(lambda arm: arm.at_best.mean())
        counts = draws(n)
        drawn = less(lambda arm: arm.means(counts))
        cov = np.cov(drawn, bias=True) * n / max(n - 1, 1)
        t = by_error(0.0, 1.0, n, comparisons).high
        A = b * b - t * t * cov[1, 1] if n > 1 else 0.0
        if A <= 0:
            return Interval(100 * a / b if b else np.nan, -np.inf, np.inf)
        B = a * b - t * t * cov[0, 1]
        C = a * a - t * t * cov[0, 0]
        root = np.sqrt(max(B * B - A * C, 0.0))
        low, high = 100 * (B - root) / A, 100 * (B + root) / A
        return Interval(
            100 * a / b, low, np.inf if self.changed.bounded else high
        )
