"""What our kernels are to reach on a GPU, set before they were timed.

Arrays are counted as large as x: a copy moves two, a forward reads x and
writes y, a backward reads x and dy and writes dx; a residual adds one in
and one out, or one in. Weights and their gradients are counted as nothing
and timed. The copy is the faster of two: torch's own, and a kernel that
multiplies by 1.
"""

from __future__ import annotations

import numpy as np

from ...records import Record, describe
from ...table import Table
from ..intervals import Interval
from ..protocol import Unit
from . import contenders, race

MOVED = {
    "layer": {"forward": 2, "backward": 3},
    "rms": {"forward": 2, "backward": 3},
    "residual": {"forward": 4, "backward": 4},
}
# A share of the copy's speed, up to so many features of a row.
SHARES = {
    "forward": {16384: 0.95, 131072: 0.88},
    "backward": {16384: 0.85},  # longer rows are not held, and have none
}
# How many times as fast as another, at least; None: whatever it is.
TIMES = {
    "forward": {"liger": 1.0, "quack": 0.97, "compiled": None},
    "backward": {"liger": 1.5, "liger kept": 1.5, "compiled": None},
}


def seconds(record: Record, unit: Unit, name: str, phase: str) -> list:
    """Return the seconds of the rounds; none where it was not timed."""
    return record.values("seconds", contender=name, phase=phase, **unit)


def copy(record: Record, unit: Unit) -> list:
    """Return the seconds of the copy that is faster by its median."""
    both = (seconds(record, unit, c, "forward") for c in contenders.COPIES)
    return min(filter(None, both), key=np.median)


def share(record: Record, unit: Unit, phase: str) -> Interval | None:
    """Return the kernel's share of the copy's bytes a second."""
    own = seconds(record, unit, "kernels", phase)
    if not own:
        return None
    moved = MOVED[unit["norm"]][phase] / 2
    return race.in_units(copy(record, unit), own).times(moved)


def times(
    record: Record, unit: Unit, phase: str, peer: str
) -> Interval | None:
    """Return how many times as fast as a peer the kernel is."""
    own, other = (
        seconds(record, unit, n, phase) for n in ("kernels", peer)
    )
    return race.in_units(other, own) if own and other else None


def said(found: Interval | None, goal: float | None) -> str:
    """Print a median, and whether the quartiles reach the goal."""
    if found is None:
        return "–"
    how = ""
    if goal is not None:
        met, missed = found.low >= goal, found.high < goal
        how = " met" if met else " missed" if missed else " unclear"
    return f"{found.mean:.2f}{how}"


def goals(record: Record) -> Table:
    """Return each shape: shares of a copy, and times as fast as peers."""
    keys = ("norm", "shape", "dtype", "threads")
    units = dict.fromkeys(tuple(r[k] for k in keys) for r in record.rows)
    rows = []
    for values in units:
        unit = dict(zip(keys, values, strict=True))
        if unit["norm"] not in MOVED or "kernels" not in record.distinct(
            "contender", **unit
        ):
            continue
        features = int(unit["shape"].split("×")[1])
        cells = []
        for phase, at_most in SHARES.items():
            goal = next(
                (g for n, g in at_most.items() if features <= n), None
            )
            cells.append(said(share(record, unit, phase), goal))
            for peer, goal in TIMES[phase].items():
                cells.append(said(times(record, unit, phase, peer), goal))
        rows.append((" ".join(values[:3]), *cells))
    head = ["of our kernels"]
    for phase in SHARES:
        head.append(f"{phase}, of a copy")
        head += [f"× {peer}" for peer in TIMES[phase]]
    return Table(tuple(head), rows, describe(record))
