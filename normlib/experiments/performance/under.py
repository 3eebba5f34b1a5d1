"""Reading the roof: what a step moves, what it does, how long it took."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ... import figures
from ...records import Record, describe
from ...table import Table
from ..intervals import Interval
from . import contenders, race, rungs

SIDE = 1024  # of the matrices whose product is the arithmetic's best
# Operations a number, forward and with backward: x² and its sum, r, w; then
# x̂, g, g x̂ and its sum, two for what is subtracted, r, dy x̂ and its sum.
OPERATIONS = {"forward": 4, "both": 13}
STEPS = rungs.STEPS | {"loops": ("a loop (Numba)", 1.0, 2.5)}
MARKERS = "ovs^Dd<>P"


def counted(record: Record, step: str, phase: str) -> float:
    """Return the copies that a program counted, or else a person."""
    found = record.values("copies", step=step, phase=phase)
    _, *by_hand = STEPS[step]
    known = dict(zip(OPERATIONS, by_hand, strict=True))
    return next((c for c in found if c is not None), known[phase])


def timed(record: Record, step: str, phase: str) -> list[float]:
    """Return the seconds of the rounds."""
    found = record.values("seconds", step=step, phase=phase)
    return [s for s in found if s is not None]


def raced(record: Record) -> list[str]:
    """Return the steps that ran, in the ladder's order."""
    return [s for s in record.config["steps"] if timed(record, s, "both")]


def measured(record: Record, step: str) -> Interval:
    """Return the time with the backward, in copies of x."""
    copy = timed(record, "copy", "forward")
    return race.in_units(timed(record, step, "both"), copy)


def table(record: Record) -> Table:
    """Return counted and measured copies of x, and how far apart."""
    rows = []
    for step in raced(record):
        found = measured(record, step)
        count = counted(record, step, "both")
        beyond = f"{found.mean / count:.1f}"
        rows.append((STEPS[step][0], f"{count:.1f}", found, beyond))
    head = ("copies of x", "counted", "measured", "measured / counted")
    return Table(head, rows, describe(record))


def ridge(record: Record) -> str:
    """Say how many operations fit in the time of a byte, and are asked."""
    flops, memory = roofs(record)
    least = {p: intensity(record, "compiled", p) for p in OPERATIONS}
    return (
        f"operations in the time of a byte: {flops / memory:.1f}\n"
        f"RMSNorm asks, a byte: {least['forward']:.2f} forward, "
        f"{least['both']:.2f} with its backward"
    )


def in_time(record: Record, operations: float, copies: float) -> str:
    """Say how long the products and the traffic of a number of x take."""
    M, N = record.config["shape"]
    flops, memory = roofs(record)
    moved = 2 * copies * size(record) / (M * N)
    return (
        f"{operations:,} operations: {1e9 * operations / flops:.0f} ns\n"
        f"{copies:g} copies: {1e9 * moved / memory:.1f} ns"
    )


def roofs(record: Record) -> tuple[float, float]:
    """Return operations a second of a product, bytes a second of a copy."""
    product, copy = (
        np.median(timed(record, step, "forward"))
        for step in ("product", "copy")
    )
    return 2 * SIDE**3 / product, 2 * size(record) / copy


def size(record: Record) -> int:
    """Return the bytes of x."""
    M, N = record.config["shape"]
    return M * N * contenders.DTYPES[record.config["dtype"]].itemsize


def intensity(record: Record, step: str, phase: str) -> float:
    """Return operations a byte that is moved, as it was counted."""
    M, N = record.config["shape"]
    moved = 2 * size(record) * counted(record, step, phase)
    return OPERATIONS[phase] * M * N / moved


def plot(record: Record) -> Figure:
    """Draw each step, with its backward, under the roof."""
    fig, (ax,) = figures.panels(1, height=5)
    (flops, memory), (M, N) = roofs(record), record.config["shape"]
    at = np.geomspace(0.04, 400, 200)
    ax.plot(at, np.minimum(memory * at, flops) / 1e9, color="black")
    ax.annotate("memory", (0.07, 0.115 * memory / 1e9), rotation=42)
    ax.annotate("arithmetic", (12, 1.15 * flops / 1e9))
    color = figures.STYLES["rms"][1]
    for step, marker in zip(raced(record), MARKERS, strict=False):
        took = measured(record, step).mean * 2 * size(record) / memory
        does = OPERATIONS["both"] * M * N / took / 1e9
        ax.plot(
            intensity(record, step, "both"), does, marker, color=color,
            ms=9, mec="black", ls="", label=STEPS[step][0],
        )  # fmt: skip
    bytes_of = size(record) / (M * N)  # two matrices read, one written
    ax.plot(2 * SIDE / (3 * bytes_of), flops / 1e9, "k*", ms=12,
            label="a product of matrices")  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="operations a byte moved",
           ylabel="10⁹ operations a second")  # fmt: skip
    ax.set_ylim(0.5, 2 * flops / 1e9)
    return figures.finish(fig, record)
