"""Readings of the shift in a record of `landscape`, and its controls."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

from ...records import Record
from ..arms import Arm, Contrast, read
from ..decisions import Estimate, above, estimate, within
from ..races import at_quickest, compare

TRAINED = 10.0  # per cent validation error: by it a rate is the quickest
LESS = math.log10(1.2)  # decades of shift: a fifth is a difference
READINGS = {
    "log10_moments": "inputs",
    "log10_relative": "gradients",
    "log10_whole": "gradients by Santurkar's count",
}
INITS = {"scaled": "He's start", "default": "PyTorch's start"}
# From PyTorch's start the two nets are quickest at the same rate.
RACES = {
    ("scaled", "own"): "He's start, own rates",
    ("scaled", "same"): "He's start, the plain net's rate",
    ("default", "own"): "PyTorch's start, own rates",
}
INPUTS, PAIRS = "log10_moments", len(READINGS) * len(INITS)
SLOW, QUICK = 0.1, 1.6  # rates: BatchNorm trains at both


def less(
    record: Record, reading: str, init: str, rates: str, norm: str = "batch"
) -> Contrast:
    """Decades of shift that the plain net has more than a norm."""
    net = {"init": init, "noise": 0.0, "other": False}

    def arms() -> tuple[Arm, Arm]:
        own, plain = (
            at_quickest(record, reading, norm=n, **net)
            for n in (norm, "none")
        )
        if rates == "same":  # the bootstrap too gives both one rate
            own = replace(own, criterion=plain.criterion)
        return plain, own

    return compare(arms)


def fixed(
    record: Record, reading: str, init: str, *arms: tuple[float, bool]
) -> Contrast:
    """Compare BatchNorm's shift at fixed rates, or from other weights."""
    net = {"init": init, "norm": "batch", "noise": 0.0}
    return compare(lambda: (
        read(record, reading, rate=rate, other=other, **net)
        for rate, other in arms
    ))  # fmt: skip


def other_weights(record: Record) -> Estimate:
    """From other weights BatchNorm's shift at one rate is the same."""
    found = [
        estimate(
            f"decades of shift from other weights by {READINGS[reading]}, "
            f"{INITS[init]}",
            fixed(record, reading, init, (SLOW, True), (SLOW, False)),
            within, LESS, PAIRS,
        )
        for reading, init in product(READINGS, INITS)
    ]  # fmt: skip
    return max(found, key=lambda e: max(-e.interval.low, e.interval.high))


def larger_rate(record: Record) -> Estimate:
    """A larger learning rate shifts more, however the shift is read."""
    found = [
        estimate(
            f"decades of shift from rate {SLOW} to {QUICK} by "
            f"{READINGS[reading]}, {INITS[init]}",
            fixed(record, reading, init, (QUICK, False), (SLOW, False)),
            above, LESS, PAIRS,
        )
        for reading, init in product(READINGS, INITS)
    ]  # fmt: skip
    return min(found, key=lambda e: e.interval.low)
