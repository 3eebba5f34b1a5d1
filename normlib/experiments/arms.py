"""Arms of a record, and contrasts of two: what a verdict rests on.

An arm is what stays fixed while seeds change, as norm="batch", depth=8.
Where learning rates were swept, the arm is read at the rate with the
lowest mean validation error. That choice was made on the same seeds, so
it belongs inside the interval: the bootstrap draws seeds, and chooses
again each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from ..records import Record
from .intervals import Interval, by_error

DRAWS = 2000  # of the bootstrap: its error is known within 2 %
Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Arm:
    """One number a seed, for every rate that may be chosen.

    values, criterion (R, n): the rate with the lowest mean criterion is
    chosen; R = 1 where nothing was swept. Where `censored` (R, n) the
    value is a bound: the quantity is that large, or larger.
    """

    values: Array
    criterion: Array
    censored: Array
    rates: tuple[float, ...] = ()

    @property
    def seeds(self) -> int:
        """How many seeds there are."""
        return self.values.shape[1]

    @cached_property
    def chosen(self) -> int:
        """The place of the chosen rate on the grid."""
        return int(self.criterion.sum(1).argmin())

    @property
    def at_best(self) -> Array:
        """The values (n,) at the chosen rate."""
        return self.values[self.chosen]

    @property
    def bounded(self) -> bool:
        """Whether a value at the chosen rate is a bound."""
        return bool(self.censored[self.chosen].any())

    @property
    def on_edge(self) -> str:
        """Say so if the chosen rate is the lowest or highest tried."""
        ends = {0: "lowest", len(self.rates) - 1: "highest"}
        if len(self.rates) < 2 or self.chosen not in ends:
            return ""
        rate = self.rates[self.chosen]
        return f"its rate, {rate:g}, is the {ends[self.chosen]} tried"

    def means(self, counts: Array) -> Array:
        """Mean (B,) of each draw, at the rate that the draw chooses.

        counts (B, n): how often a draw holds each seed.
        """
        # In whole thousandths, so that ties are ties on every machine.
        scores = counts @ np.rint(1000 * self.criterion.T).astype(np.int64)
        drawn = counts @ self.values.T / self.seeds  # (B, R)
        return drawn[np.arange(len(counts)), scores.argmin(1)]

    def interval(self, comparisons: int = 1) -> Interval:
        """Return the mean at the chosen rate and its interval."""
        return Contrast(self).interval(comparisons)


def of(values: Sequence[float]) -> Arm:
    """Make an arm of one value a seed, where no rate was chosen."""
    row = np.array([values], float)
    return Arm(row, np.zeros_like(row), np.zeros_like(row, bool))


def read(
    record: Record,
    column: str = "test_error",
    *,
    by: str = "val_error",
    log: bool = False,
    **arm: Any,
) -> Arm:
    """Read an arm: of a sweep all rates, chosen among by a column.

    A None is a value that was not reached when the run ended: "steps" of
    the configuration stand for it, as a bound. With `log` the values and
    the criterion are log10 of the columns.
    """
    swept = "rates" in record.config and "rate" not in arm
    rates = tuple(record.config["rates"]) if swept else ()
    places = [arm | {"rate": rate} for rate in rates] or [arm]

    def table(name: str) -> Array:
        found = [record.values(name, **place) for place in places]
        if not all(found) or len({len(row) for row in found}) != 1:
            raise ValueError(f"arm: got {arm}, which has not been measured")
        return np.array(found, object)

    def filled(table: Array) -> Array:
        end = record.config.get("steps")
        numbers = np.where(table == None, end, table)  # noqa: E711
        return np.log10(numbers.astype(float)) if log else numbers * 1.0

    values = table(column)
    criterion = filled(table(by)) if swept else np.zeros(values.shape)
    censored = values == None  # noqa: E711
    return Arm(filled(values).astype(float), criterion.astype(float),
               censored.astype(bool), rates)  # fmt: skip


@cache
def draws(n: int) -> Array:
    """Draw n seeds out of n, with replacement: counts (DRAWS, n)."""
    picks = np.random.default_rng(0).integers(0, n, (DRAWS, n))
    return (picks[:, :, None] == np.arange(n)).sum(1)


@dataclass(frozen=True, eq=False)
class Contrast:
    """An arm, minus another where there is one, paired by seed.

    Divided by `unit`, where metrics with other units stand beside each
    other. `dead` says why the number would mean nothing, as that an arm
    never learnt.
    """

    own: Arm
    peer: Arm | None = None
    unit: float = 1.0
    dead: str = ""

    @property
    def arms(self) -> list[Arm]:
        """One arm or two."""
        return [self.own] if self.peer is None else [self.own, self.peer]

    @property
    def blocked(self) -> str:
        """Say why no verdict may rest on this, or ""."""
        edges = (arm.on_edge for arm in self.arms)
        return self.dead or next(filter(None, edges), "")

    @property
    def bound(self) -> str:
        """Say "at least" or "at most" where an arm's values are bounds."""
        below, above = (
            self.own.bounded,
            any(arm.bounded for arm in self.arms[1:]),
        )
        if below and above:
            return "not known"
        return "at least" if below else "at most" if above else ""

    def interval(self, comparisons: int = 1) -> Interval:
        """Interval d ± t·e of the mean difference, of many at 95 %.

        t is Student's for n − 1 degrees of freedom and 0.05 / (2
        comparisons), e the standard error: s/√n where no rate was
        chosen, else the bootstrap's deviation times √(n/(n − 1)). Where
        values are bounds it is open on that side.
        """
        n = self.own.seeds
        difference = self.own.at_best / self.unit
        for peer in self.arms[1:]:
            difference = difference - peer.at_best / self.unit
        if n < 2:
            error = np.inf
        elif max(len(arm.values) for arm in self.arms) == 1:
            error = difference.std(ddof=1) / np.sqrt(n)
        else:
            drawn = [arm.means(draws(n)) / self.unit for arm in self.arms]
            spread = (drawn[0] - sum(drawn[1:])).std()
            error = spread * np.sqrt(n / (n - 1))
        found = by_error(float(difference.mean()), error, n, comparisons)
        if self.bound in ("at least", "not known"):
            found = found._replace(high=np.inf)
        if self.bound in ("at most", "not known"):
            found = found._replace(low=-np.inf)
        return found


@dataclass(frozen=True, eq=False)
class Extremes:
    """Of a trial that computes: the values of all seeds, not their mean.

    In units of a tolerance. What is exact must be so for every seed.
    """

    values: Sequence[float]
    unit: float = 1.0
    blocked: str = ""
    bound: str = ""

    def interval(self, comparisons: int = 1) -> Interval:
        """Return the median, the smallest and the largest of |values|."""
        found = np.abs(np.asarray(self.values, float)) / self.unit
        return Interval(
            float(np.median(found)), float(found.min()), float(found.max())
        )
