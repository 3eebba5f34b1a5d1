"""Reading the benchmark's record: copies of x, bytes, a figure."""

from __future__ import annotations

import math
from statistics import median

from matplotlib.figure import Figure

from ... import figures
from ...records import Record, describe
from ...table import Table
from ..intervals import Interval
from ..protocol import Unit
from . import contenders, race

NAMES = {norm: label for norm, (label, *_) in figures.STYLES.items()}
NAMES["residual"] = "residual add + RMSNorm"
LIBRARIES = {
    "reference": ("normlib.reference", "X"),
    "layers": ("normlib.layers", "^"),
    "eager": ("torch.nn", "o"),
    "compiled": ("torch.compile", "s"),
    "loops": ("our loops", "v"),
    "kernels": ("our kernels", "*"),
    "elementwise": ("x · 1", "|"),
    "liger": ("Liger-Kernel", "D"),
    "liger kept": ("Liger-Kernel, dy kept", "d"),
    "quack": ("quack", "P"),
}
LAST = ", channels last"  # of a shape: so it lies in memory
SHOWN = (  # of the cpu and the gpu record
    "8192×1024", "32768×4096", "32×64×56×56", "4096×4096",
)  # fmt: skip


def races(record: Record) -> list[Unit]:
    """Return what was raced: norm, shape, dtype, threads, in order."""
    keys = ("norm", "shape", "dtype", "threads")
    found = dict.fromkeys(tuple(r[k] for k in keys) for r in record.rows)
    return [dict(zip(keys, race, strict=True)) for race in found]


def copies(record: Record, phase: str, **arm: object) -> Interval:
    """Time in copies of x: median and quartiles over the rounds."""
    unit = {k: v for k, v in arm.items() if k != "contender"}
    unit |= {"phase": "forward", "contender": "copy"}
    return race.in_units(
        record.values("seconds", phase=phase, **arm),
        record.values("seconds", **unit),
    )


def size(unit: Unit, record: Record) -> int:
    """Return the bytes of x."""
    itemsize = contenders.DTYPES[unit["dtype"]].itemsize
    return math.prod(sides(unit)) * itemsize


def sides(unit: Unit) -> tuple[int, ...]:
    """Read the shape of x."""
    return tuple(map(int, unit["shape"].removesuffix(LAST).split("×")))


def table(record: Record) -> Table:
    """Return every race: time and bytes kept, in copies of x.

    On a GPU also the microseconds in which Python launches both phases.
    Who did not race is named.
    """
    on_gpu = bool(record.where(phase="backward"))
    phases = ["forward", *["backward"] * on_gpu, "both"]
    head = ["norm", "by", *phases, "saved", "peak", *["launch"] * on_gpu]
    rows = []
    for unit in races(record):
        bytes_of_x, arm = size(unit, record), unit | {"contender": "copy"}
        copy = record.values("seconds", phase="forward", **arm)[0]
        speed = f"{1e6 * copy:.0f} µs, {2e-9 * bytes_of_x / copy:.0f} GB/s"
        what = f"{NAMES[unit['norm']]} {unit['shape']} {unit['dtype']}"
        what += f", {unit['threads']} threads" * (unit["threads"] > 1)
        rows.append([what, "one copy", speed])
        for name in record.distinct("contender", **unit):
            if name != "copy":
                cells = _cells(record, unit | {"contender": name}, phases)
                rows.append(["", LIBRARIES[name][0], *cells])
    return Table(
        tuple(head), [(*r, *[""] * (len(head) - len(r))) for r in rows]
    )


def _cells(record: Record, arm: Unit, phases: list[str]) -> list[str]:
    """Return what a contender came to in a race, or why it did not."""
    absent = record.values("note", phase="absent", **arm)
    if absent:
        return absent
    cells = [
        str(copies(record, p, **arm))
        if record.where(phase=p, **arm)
        else ""
        for p in phases
    ]
    unit = {k: v for k, v in arm.items() if k != "contender"}
    for what in ("saved", "peak"):
        cells.append(in_x(record, unit, what, arm["contender"]))
    both = record.where(phase="both", **arm)
    hosts = [row["host"] for row in both if row.get("host")]
    return [*cells, f"{1e6 * median(hosts):.0f} µs"] if hosts else cells


def in_x(record: Record, unit: Unit, what: str, contender: str) -> str:
    """Print bytes "saved" or at the "peak" in units of x, or nothing."""
    arm = unit | {"phase": what, "contender": contender}
    found = record.values("bytes", **arm)
    return f"{found[0] / size(unit, record):.1f}" if found else ""


def shown(record: Record) -> dict[str, Unit]:
    """Choose one race a norm on one thread: of a shape in `SHOWN`, or the
    last.
    """
    chosen: dict[str, Unit] = {}
    for unit in (u for u in races(record) if u["threads"] == 1):
        if chosen.get(unit["norm"], unit)["shape"] not in SHOWN:
            chosen[unit["norm"]] = unit
    return chosen


def kept(record: Record) -> Table:
    """Return what a forward keeps for the backward, in units of x."""
    none = ("reference", "elementwise")
    names = [n for n in record.config["contenders"] if n not in none]
    rows = [
        (NAMES[norm], *(in_x(record, unit, "saved", n) for n in names))
        for norm, unit in shown(record).items()
    ]
    head = ("copies of x kept", *(LIBRARIES[n][0] for n in names))
    return Table(head, rows, describe(record))


def plot(record: Record) -> Figure:
    """Draw a row a norm, a marker a library."""
    fig, (ax,) = figures.panels(1, height=4.6)
    rows = [*reversed(shown(record).items())]
    for y, (norm, unit) in enumerate(rows):
        color = figures.STYLES.get(norm, figures.STYLES["rms"])[1]
        for name, (label, marker) in LIBRARIES.items():
            if not record.where(**unit, contender=name, phase="both"):
                continue
            found = copies(record, "both", **unit, contender=name)
            ax.plot(found.mean, y, marker, color=color, ms=9, mec="black")
            ax.plot([], [], marker, color="white", mec="black", label=label)
    ax.set_yticks(
        range(len(rows)), [f"{NAMES[n]}\n{u['shape']}" for n, u in rows]
    )
    ax.set(xscale="log", xlabel="forward and backward, in copies of x")
    ticks = (2.5, 5, 10, 20, 50, 100)
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.axvline(2.5, color="black", ls=":", label="2.5: the least")
    ax.set_xlim(left=2)
    return figures.finish(fig, record)
