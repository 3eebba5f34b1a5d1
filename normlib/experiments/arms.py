"""Read sweeps: an arm is judged at the learning rate that suits it."""

from __future__ import annotations

from typing import Any

from ..records import Record
from .intervals import mean_interval


def best_rate(record: Record, **arm: Any) -> float:
    """Return the rate with the lowest mean validation error."""

    def mean(rate: float) -> float:
        errors = record.values("val_error", rate=rate, **arm)
        return mean_interval(errors).mean

    return min(record.config["rates"], key=mean)


def at_best(record: Record, column: str, **arm: Any) -> list[Any]:
    """Return one value a seed, at the arm's best rate."""
    return record.values(column, rate=best_rate(record, **arm), **arm)


def join(words: list[str], last: str = "and") -> str:
    """Join as "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
