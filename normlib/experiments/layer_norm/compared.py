"""The nets that learn values, and what is read of them."""

from __future__ import annotations

import numpy as np

from ...records import Record
from ..arms import Arm, Contrast
from ..intervals import Interval, mean_interval
from ..protocol import Pilot
from .learner import CAP
from .transitions import TASKS

PEERS = ("rms", "batch", "layer, decay", "none, target net")  # offline
AGAIN, KNOWN = "layer, other weights", "none, true values"  # controls
PLACES = {"none": list(TASKS), "layer": list(TASKS)}
PLACES |= {arm: ["offline"] for arm in PEERS}
PLACES |= {AGAIN: ["online"], KNOWN: ["off-policy"]}
PILOTS = [Pilot(
    range(900, 908),
    "4 to 8 seeds an arm. Mazes of 7×7 took too many steps. At discount "
    "0.95, 2000 steps and a drift of 0.4 in the given moves no gain at "
    "the best rates; LayerNorm bears more of them. SGD, there: gains of "
    "0.9, 0.6, 3.6 and 1.1, most with a rate at an edge, so Adam. At a "
    "drift of 0.6 and 1200 steps gains of 1.1, 1.7, 2 and 1.3, in the "
    "order of the tasks; offline errors of 0.80 plain, 0.40 LayerNorm, "
    "0.34 with decay, 0.49 RMSNorm, 0.87 BatchNorm, 0.43 target net. At "
    "0.99 nets diverge offline with LayerNorm too. At 0.97 gains of 1.1, "
    "2.4, 2.8 and 1.2, with deviations of 0.05, 0.3, 0.25 and 0.2 decades "
    "a seed. A margin of 2 would leave some unclear: 1.5 was taken, and "
    "36 seeds.",
), Pilot(
    range(2000, 2036),
    "The first record: gains of 1.2, 1.3, 1.9 and 1.1; offline the plain "
    "net chose the lowest rate, 0.0002, so a lower one is tried. Arms that "
    "are not judged had 12 seeds and have all now",
)]  # fmt: skip


def read(record: Record, task: str, arm: str) -> Arm:
    """Read log10 of the error; where it is None it is CAP or more."""
    rates = tuple(record.config["rates"])
    found = [
        record.values("error", task=task, arm=arm, rate=r) for r in rates
    ]
    bounds = np.array([[e is None for e in row] for row in found])
    errors = np.log10([[e or CAP for e in row] for row in found])
    return Arm(errors, errors, bounds, rates)


def gain(record: Record, task: str, own: str, peer: str) -> Contrast:
    """Compare: decades by which `own` errs less than `peer`.

    Dead where both err by more than the values' spread, as a constant.
    """
    better, other = (read(record, task, arm) for arm in (own, peer))
    lost = min(arm.at_best.mean() for arm in (better, other)) > 0
    return Contrast(other, better, dead="neither learns" * bool(lost))


def told(record: Record) -> str:
    """Tell the offline errors of the arms that are not judged."""
    arms = ("none", "layer", *PEERS)
    return "; ".join(
        f"{a} {best_error(record, 'offline', a)}" for a in arms
    )


def error(record: Record, **arm: float | str) -> Interval | None:
    """Return the geometric mean of the error at a rate, CAP at most."""
    errors = [e or CAP for e in record.values("error", **arm)]
    return mean_interval(np.log10(errors)).powers() if errors else None


def best_error(record: Record, task: str, arm: str) -> str:
    """Print an arm's error at its best rate, – where there is none."""
    if not record.where(task=task, arm=arm):
        return "–"
    return read(record, task, arm).interval().factors()
