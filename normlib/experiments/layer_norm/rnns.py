"""The recurrent nets that are compared, and what is read of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...records import Record
from ..arms import Arm, Contrast, of, read
from ..races import compare, steps

TASKS = {  # how many symbols, from … to, and how many steps of training
    "3": ((3, 3), 200), "5": ((5, 5), 500), "mixed": ((3, 6), 400),
}  # fmt: skip
STARTS = {"torch.nn": "torch.nn's start", "wide": "a wide start"}
CONTROLS = ("other weights", "few units")  # of the plain LSTM
FEW, AT = 6, 0.06  # units, and the rate of that control
PAD = -5.0  # log10 of what padding may move, of a logit: rounding
PLAIN = {"cell": "LSTM", "norm": "none", "start": "wide", "arm": "main"}
Place = dict[str, Any]


def wanted(unit: Place) -> bool:
    """Keep what is read: lengths are mixed for the wide start alone."""
    mixed = unit["task"] == "mixed"
    if unit["arm"] != "main":  # a control
        return (
            unit | PLAIN == unit | {"arm": "main"} and unit["task"] != "5"
        )
    if mixed:
        return unit["start"] == "wide"
    return unit["norm"] != "batch"


def lead(record: Record, own: Place, peer: Place) -> Contrast:
    """Decades of steps that one arm takes fewer than another."""
    own, peer = (PLAIN | {"task": "3"} | place for place in (own, peer))
    return compare(lambda: (taken(record, **peer), taken(record, **own)))


def taken(record: Record, **place: Any) -> Arm:
    """Read log10 of the steps until trained; never is the run's length.

    That one is a bound.
    """
    arm, most = steps(record, **place), np.log10(TASKS[place["task"]][1])
    values = np.minimum(arm.values, most)
    return replace(
        arm, values=values, criterion=np.minimum(arm.criterion, most)
    )


def loss(record: Record, column: str = "test_loss", **place: Any) -> Arm:
    """Read log10 of the loss, or another column, where lengths mix."""
    place = PLAIN | {"task": "mixed"} | place
    return read(record, column, by="val_loss", **place)


def less(record: Record, own: Place, peer: Place) -> Contrast:
    """Decades by which the test loss of one arm is below another's."""
    return Contrast(loss(record, **peer), loss(record, **own))


def still(record: Record, **place: Any) -> Contrast:
    """Decades by which padding moves less than it may."""
    moved = loss(record, "moved", **place)
    return Contrast(of([PAD] * moved.seeds), moved)
