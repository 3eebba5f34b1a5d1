"""Reading the ladder's record: copies of x, a figure."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ... import figures
from ...records import Record, describe
from ...table import Table
from ..intervals import Interval
from . import race

# A step, what it is called, and the copies of x that its reads and writes
# of whole arrays amount to, forward and with backward. What a block keeps
# in the cache is not counted. PyTorch's are counted by a program: see
# `roof`; nan where it cannot look into a kernel.
NAN = float("nan")
HOW = ("counted", "measured")
BATCH = {
    "naive": "NumPy, the formula", "blocked": "NumPy, by channel",
    "eager": "torch.nn.BatchNorm2d",
}  # fmt: skip
STEPS = {
    "naive": ("NumPy, the formula", 3.5, 12.0),
    "lean": ("NumPy, fewer arrays", 2.5, 9.5),
    "blocked": ("NumPy, blocks", 1.0, 2.5),
    "autograd": ("PyTorch, autograd", 4.0, 18.5),
    "custom": ("PyTorch, blocks", 1.0, 2.5),
    "compiled": ("PyTorch, compiled", 1.0, 2.5),
    "kernels": ("Triton, fused", 1.0, 2.5),
    "eager": ("torch.nn.RMSNorm", 3.5, 15.0),
    "eager compiled": ("torch.nn.RMSNorm, compiled", 1.0, 3.5),
}
HALF = {  # where arrays in between are twice as large as x, and on a GPU
    "autograd": (11.0, 43.0),
    "eager": (NAN, NAN), "eager compiled": (NAN, NAN),
}  # fmt: skip
# A phase in the plot: its name, the fewest copies, height and shade.
BARS = {
    "forward": ("forward", 1.0, 0.2, 1.0),
    "both": ("with backward", 2.5, -0.2, 0.45),
}


def copies(
    record: Record, step: str, phase: str, name: str = "rms"
) -> Interval:
    """Time in copies of x, median and quartiles over the rounds."""
    return race.in_units(
        record.values("seconds", race=name, step=step, phase=phase),
        record.values("seconds", race=name, step="copy", phase="forward"),
    )


def counts(record: Record, step: str) -> tuple[float, ...]:
    """Return the copies that are counted, forward and with backward."""
    half = record.config["dtype"] != "float32"
    return HALF.get(step, STEPS[step][1:]) if half else STEPS[step][1:]


def gain(record: Record, step: str, over: str, phase: str) -> Interval:
    """How many times quicker a step is than another, round by round."""
    return race.in_units(
        record.values("seconds", race="rms", step=over, phase=phase),
        record.values("seconds", race="rms", step=step, phase=phase),
    )


def table(record: Record) -> Table:
    """Return counted and measured copies of x, a row a step."""
    phases = {"forward": "forward", "both": "with backward"}
    counted, measured = HOW  # a head tells its phase once, to be short
    head = [
        h for n in phases.values() for h in (f"{n}, {counted}", measured)
    ]
    rows = []
    for step in record.config["steps"]:
        name, counted = STEPS[step][0], counts(record, step)
        absent = record.values("note", step=step, phase="absent")
        if absent:
            rows.append((name, *absent, "", "", ""))
            continue
        cells = []
        for count, phase in zip(counted, phases, strict=True):
            cells.append("" if count != count else f"{count}")
            cells.append(copies(record, step, phase))
        rows.append((name, *cells))
    return Table(("copies of x", *head), rows, describe(record))


def some(
    record: Record, *names: str, phase: str = "both", name: str = "rms"
) -> Table:
    """Return the copies of x of some steps, counted for RMSNorm alone."""
    rows = []
    for step in names:
        label = STEPS[step][0]
        count = counts(record, step)[phase == "both"]
        cell = (count if count == count else "",) * (name == "rms")
        label = label if name == "rms" else BATCH[step]
        rows.append((label, *cell, copies(record, step, phase, name)))
    return Table(("copies of x", *HOW[name == "batch" :]), rows)


def plot(record: Record) -> Figure:
    """Draw forward and backward as copies of x, two bars a step."""
    steps = record.config["steps"]
    names = [s for s in steps if record.where(step=s, phase="both")]
    fig, (ax,) = figures.panels(1, height=0.6 * len(names) + 1.4)
    rows = np.arange(len(names))[::-1]
    color = figures.STYLES["rms"][1]
    for phase, (label, least, up, alpha) in BARS.items():
        found = [copies(record, s, phase) for s in names]
        mean, y = np.array([f.mean for f in found]), rows + up
        ends = np.array([[f.low, f.high] for f in found]).T
        ax.barh(y, mean, 0.38, color=color, alpha=alpha, label=label)
        ax.errorbar(
            mean, y, fmt="none", ecolor="black", xerr=np.abs(ends - mean)
        )
        ax.plot([least] * len(y), y, "|", color="black", ms=15, mew=2.5,
                label="the least")  # fmt: skip
    ax.set_yticks(rows, [STEPS[s][0] for s in names])
    ax.set_xlabel("time, in copies of x")
    ax.grid(axis="y", visible=False)
    return figures.finish(fig, record)
