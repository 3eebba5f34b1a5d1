"""The loops as contenders, and what they are to reach on a CPU.

The goals were set before these races: copies of x at most, where x does
not fit the cache, and nowhere slower than the faster of torch.nn eager and
compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from ...records import Record, describe
from ...table import Table
from ..intervals import Interval
from ..protocol import Unit
from . import contenders, costs, race

EPS = contenders.EPS
GOALS = {  # copies of x: forward, and with backward
    **dict.fromkeys(("layer", "rms"), (1.3, 3.0)),
    **dict.fromkeys(("batch", "instance", "group"), (2.0, 5.0)),
}
PHASES = ("forward", "both")
PEERS = ("eager", "compiled")
LARGE = 16 * 2**20  # bytes of x, from which on no cache holds x and y


def loops(norm: str) -> contenders.Function | None:
    """Return the norm by normlib.loops; None where there is none."""
    from ... import loops

    return {
        "layer": lambda x, w, b: loops.layer_norm(x, w.shape, w, b, EPS),
        "rms": lambda x, w: loops.rms_norm(x, w.shape, w, EPS),
        "batch": lambda x, w, b: loops.batch_norm(
            x, None, None, w, b, True, 0.1, EPS
        ),
        "instance": lambda x, w, b: loops.instance_norm(
            x, None, None, w, b, True, 0.1, EPS
        ),
        "group": lambda x, w, b: loops.group_norm(
            x, contenders.GROUPS, w, b, EPS
        ),
    }.get(norm)


def makers(norm: str) -> dict[str, Callable]:
    """Return what makes each contender, the loops among them."""
    return contenders.makers(norm) | {"loops": lambda: loops(norm)}


def over_faster(record: Record, unit: Unit, phase: str) -> Interval:
    """Return the loops' time over that of the faster of their peers."""
    own, *others = (
        record.values("seconds", contender=name, phase=phase, **unit)
        for name in ("loops", *PEERS)
    )
    ratios = [race.in_units(own, other) for other in others if other]
    return max(ratios, key=lambda found: found.mean)


def goals(record: Record, threads: int = 0) -> Table:
    """Return copies of x where x is large, and whether a goal is met.

    On so many threads, or on any.
    """
    rows = []
    for unit in costs.races(record):
        if threads not in (0, unit["threads"]):
            continue
        arm = unit | {"contender": "loops"}
        if costs.size(unit, record) < LARGE or not record.where(**arm):
            continue
        cells = []
        for phase, goal in zip(PHASES, GOALS[unit["norm"]], strict=True):
            found = costs.copies(record, phase, **arm)
            peers = over_faster(record, unit, phase)
            cells += [f"{found.mean:.1f}", said(found.mean, goal),
                      f"{peers.mean:.2f}"]  # fmt: skip
        name = f"{costs.NAMES[unit['norm']]} {unit['shape']}"
        name += f", {unit['threads']} threads" * (unit["threads"] > 1)
        rows.append((name, *cells))
    head = ("copies of x", "forward", "goal", "/ peer",
            "with backward", "goal", "/ peer")  # fmt: skip
    return Table(head, rows, describe(record))


def said(found: float, goal: float) -> str:
    """Print a goal, and whether a number is at most that, as printed."""
    return f"{goal} met" if round(found, 1) <= goal else f"{goal}"


def behind(record: Record) -> Table:
    """Return where the loops are slower than a peer, by their medians."""
    rows = []
    for unit in costs.races(record):
        if not record.where(contender="loops", **unit):
            continue
        slower = {p: over_faster(record, unit, p) for p in PHASES}
        if any(found.mean > 1 for found in slower.values()):
            name = f"{costs.NAMES[unit['norm']]} {unit['shape']}"
            rows.append((name, unit["threads"], *(
                str(found) for found in slower.values()
            )))  # fmt: skip
    head = ("over the faster peer", "threads", "forward", "with backward")
    return Table(head, rows, describe(record))


def raced(record: Record) -> int:
    """Return how many races the loops are in, each with both phases."""
    return len([
        unit for unit in costs.races(record)
        if record.where(contender="loops", **unit)
    ])  # fmt: skip


def smallest(record: Record) -> str:
    """Say how long a LayerNorm of the fewest numbers takes."""
    units = [u for u in costs.races(record) if u["norm"] == "layer"]
    unit = min(units, key=lambda u: costs.size(u, record))
    took = []
    for name in ("loops", *PEERS):
        arm = unit | {"contender": name, "phase": "forward"}
        found = median(record.values("seconds", **arm))
        took.append(f"{costs.LIBRARIES[name][0]} {1e6 * found:.0f} µs")
    return f"LayerNorm {unit['shape']}, forward: {', '.join(took)}"
