"""The recurrent nets that are compared, and what is read of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...records import Record
from ..arms import Arm, Contrast, read
from ..races import compare, steps

STEPS = {"3": 200, "5": 500}  # by the number of symbols
STARTS = {"torch.nn": "torch.nn's start", "wide": "a wide start"}
CONTROLS = ("other weights", "few units")  # of the plain LSTM
FEW, AT = 6, 0.06  # units, and the rate of that control
ROUNDS = -5.0  # log10 of what rounding may move, of a logit
MAIN = {"cell": "LSTM", "norm": "none", "arm": "main"}
RACED = MAIN | {"symbols": "3", "start": "wide"}
LAYER = {"norm": "layer"}
Place = dict[str, Any]


def form(unit: Place, hidden: int) -> Place:
    """Return the options of a unit's nets."""
    few = unit["arm"] == "few units"
    found = {key: unit[key] for key in ("cell", "norm")}
    return found | {"hidden": FEW if few else hidden}


def later(unit: Place) -> int:
    """Return what is added to a seed, for other weights."""
    return 5000 * (unit["arm"] == "other weights")


def lead(record: Record, own: Place, peer: Place) -> Contrast:
    """Decades of steps that one arm takes fewer than another."""
    own, peer = (RACED | place for place in (own, peer))
    return compare(lambda: (taken(record, **peer), taken(record, **own)))


def taken(record: Record, **place: Any) -> Arm:
    """Read log10 of the steps until trained; never is the run's length.

    That one is a bound.
    """
    arm, most = steps(record, **place), np.log10(STEPS[place["symbols"]])
    values = np.minimum(arm.values, most)
    return replace(
        arm, values=values, criterion=np.minimum(arm.criterion, most)
    )


def loss(record: Record, column: str = "test_loss", **place: Any) -> Arm:
    """Read log10 of the loss, or another column, where lengths mix."""
    return read(record, column, by="val_loss", **(MAIN | place))


def less(record: Record, own: Place, peer: Place) -> Contrast:
    """Decades by which the test loss of one arm is below another's."""
    return Contrast(loss(record, **peer), loss(record, **own))
