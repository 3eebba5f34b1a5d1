"""What the record of `noisy` holds of a planned arm, from He's start."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ... import records
from ..answers import Unusable

Arm = dict[str, Any]
VALUES: Arm = {
    "norm": ("none", "batch"),
    "noise": (0.0, 0.1, 0.3, 0.9),
    "rate": ("quickest", "plain's"),
    "weights": ("same", "other"),
}
PLAIN = {
    "norm": "none",
    "noise": 0.0,
    "rate": "quickest",
    "weights": "same",
}
STRONG = 0.9  # noise that no net withstands
MORE = 1.5  # times the plain net's shift: surely more


def arm_of(value: Any) -> Arm:
    """Return an arm that the record holds, or say what it has."""
    if not isinstance(value, dict) or value.keys() != VALUES.keys():
        raise Unusable(f"An arm is a dict with {', '.join(VALUES)}.")
    for key, known in VALUES.items():
        if value[key] not in known:
            told = ", ".join(map(repr, known))
            raise Unusable(f"{key} is {value[key]!r}; it is one of {told}.")
    if not rows(value["norm"], value["noise"], value["weights"]):
        raise Unusable(
            f"No such nets were trained: {value}. With other weights it "
            "must be BatchNorm without noise; without a norm, noise is 0.0 "
            "or 0.3."
        )
    return value


@cache
def rows(norm: str, noise: float, weights: str) -> list[records.Row]:
    """Return the rows of an arm, of all its rates."""
    kind = "weights" if weights == "other" else "channel"
    return records.load("batch_norm.noisy").where(
        init="scaled", norm=norm, noise=noise, kind=kind
    )


def means(arm: Arm) -> tuple[float, float]:
    """Return log10 of steps to 10 % error, and of the shift.

    At the arm's quickest rate or at the plain net's.
    """
    chooser = arm if arm["rate"] == "quickest" else PLAIN
    by_rate = _by_rate(
        chooser["norm"], chooser["noise"], chooser["weights"]
    )
    rate = min(by_rate, key=by_rate.get)
    return by_rate_of(arm, rate)


def by_rate_of(arm: Arm, rate: float) -> tuple[float, float]:
    """Return both means at a rate; a net that never got there counts."""
    own = rows(arm["norm"], arm["noise"], arm["weights"])
    own = [row for row in own if row["rate"] == rate]
    steps = np.log10([row["trained_at"] or 300 for row in own]).mean()
    return steps, np.mean([row["log10_shift"] for row in own])


@cache
def _by_rate(norm: str, noise: float, weights: str) -> dict[float, float]:
    arm = {"norm": norm, "noise": noise, "weights": weights}
    rates = {row["rate"] for row in rows(norm, noise, weights)}
    return {rate: by_rate_of(arm, rate)[0] for rate in rates}


def more_shift(arm: Arm) -> float:
    """Return an arm's shift in units of the plain net's."""
    return float(10 ** (means(arm)[1] - means(PLAIN)[1]))


def lost(clean: Arm, changed: Arm) -> float:
    """Return the share of the lead over the plain net, in per cent."""
    p, c, t = (means(arm)[0] for arm in (PLAIN, clean, changed))
    return float(100 * (t - c) / (p - c))
