"""What does each norm cost, in units of a memory copy?

A norm moves memory and computes little, so a copy of x is the limit:
x is read once and y written once. Every technique in several libraries,
forward and forward with backward, and the bytes that it keeps.
"""

from __future__ import annotations

import math
from itertools import product

import torch
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..intervals import Interval
from ..trial import Config, Rows, Trial, Unit
from . import contenders, memory, race

N, C = 32, 64  # of the images
NAMES = {norm: label for norm, (label, *_) in figures.STYLES.items()}
NAMES["residual"] = "residual add + RMSNorm"
LIBRARIES = {
    "reference": ("normlib.reference", "X"),
    "layers": ("normlib.layers", "^"),
    "eager": ("torch.nn", "o"),
    "compiled": ("torch.compile", "s"),
    "kernels": ("our kernels", "*"),
    "liger": ("Liger-Kernel", "D"),
    "quack": ("quack", "P"),
}

FULL = {
    "features": [256, 1024, 4096, 8192, 16384, 32768],
    "rows": [1, 64, 1024, 8192, 65536],
    "images": [8, 14, 28, 56],
    "matrices": [256, 1024, 4096],
    "most": 2**24,  # values of x
    "dtypes": ["float32"],
    "contenders": ["reference", "layers", "eager", "compiled"],
    "threads": 1,
    "first_seed": 0,
    "rounds": 9,
}
PRESETS = {
    "live": FULL
    | {
        "features": [256, 4096],
        "rows": [1024],
        "images": [14],
        "matrices": [1024],
        "contenders": ["reference", "layers", "eager"],
        "rounds": 5,
    },
    "cpu": FULL,
    "gpu": FULL
    | {
        "features": [1024, 4096, 16384, 32768, 65536],
        "rows": [1, 8192, 65536],
        "most": 2**29,
        "dtypes": ["bfloat16"],
        "contenders": [
            "layers", "eager", "compiled", "kernels", "liger", "quack",
        ],
        "rounds": 21,
    },
}  # fmt: skip


def units(config: Config) -> list[Unit]:
    """One unit races all contenders for a norm, a shape and a dtype."""
    vectors = [
        (rows, features)
        for features, rows in product(config["features"], config["rows"])
        if rows * features <= config["most"]
    ]
    shapes = {
        "vectors": vectors,
        "images": [(N, C, side, side) for side in config["images"]],
        "matrices": [(side, side) for side in config["matrices"]],
    }
    return [
        {"norm": norm, "shape": "×".join(map(str, shape)), "dtype": dtype}
        for dtype in config["dtypes"]
        for kind, norms in contenders.KINDS.items()
        for norm, shape in product(norms, shapes[kind])
    ]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return seconds of each contender, phase and round; bytes of each."""
    race.steady_memory()
    torch.set_num_threads(config["threads"])
    torch._dynamo.reset()
    shape = tuple(map(int, unit["shape"].split("×")))
    given = contenders.tensors(unit["norm"], shape, unit["dtype"], device)
    wanted = config["contenders"]
    functions = contenders.torch_contenders(unit["norm"], wanted)
    runs = {
        name: contenders.phases(function, given, device)
        for name, function in functions.items()
    }
    if "reference" in wanted:
        runs["reference"] = contenders.reference(unit["norm"], given)
    spare = torch.empty_like(given[0])
    lap = {("copy", "forward"): lambda: spare.copy_(given[0])} | {
        (name, phase): do
        for name, phases in runs.items()
        for phase, do in phases.items()
    }
    rows: Rows = []

    def add(name: str, phase: str, seed: int, **found: object) -> None:
        row = unit | {"contender": name, "phase": phase, "seed": seed}
        rows.append(row | {"seconds": None, "bytes": None} | found)

    times = race.race(lap, config["rounds"], device)
    for (name, phase), seconds in times.items():
        for i, value in enumerate(seconds):
            seed = config["first_seed"] + i
            add(name, phase, seed, seconds=float(f"{value:.4g}"))
    for name, phases in runs.items():
        numpy = name == "reference"
        top = memory.peak(phases["both"], device, numpy)
        add(name, "peak", config["first_seed"], bytes=top)
        if not numpy:
            kept = memory.saved(functions[name], given)
            add(name, "saved", config["first_seed"], bytes=kept)
    return rows


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
    values = math.prod(map(int, unit["shape"].split("×")))
    return values * contenders.DTYPES[unit["dtype"]].itemsize


def table(record: Record) -> str:
    """Print every race: copies of x, and bytes kept as copies of x."""
    lines = []
    phases = ["forward", "both"]
    if record.where(phase="backward"):
        phases.insert(1, "backward")
    for unit in units(record.config):
        held = size(unit, record)
        (copy, *_) = record.values(
            "seconds", **unit, contender="copy", phase="forward"
        )
        lines.append(
            f"{NAMES[unit['norm']]} {unit['shape']} {unit['dtype']}   "
            f"one copy {1e6 * copy:.0f} µs, {2e-9 * held / copy:.0f} GB/s"
        )
        for name in dict.fromkeys(record.values("contender", **unit)):
            if name == "copy":
                continue
            arm = unit | {"contender": name}
            cells = [f"  {name:10}"]
            cells += [f"{p} {copies(record, p, **arm)}" for p in phases]
            for what in ("saved", "peak"):
                found = record.values("bytes", **arm, phase=what)
                cells += [f"{what} {b / held:.1f}" for b in found]
            lines.append("  ".join(cells))
    return "\n".join(lines)


def shown(record: Record) -> dict[str, Unit]:
    """Choose one race a norm: 8192 rows of 1024, or the last."""
    chosen: dict[str, Unit] = {}
    for unit in units(record.config):
        if chosen.get(unit["norm"], unit)["shape"] != "8192×1024":
            chosen[unit["norm"]] = unit
    return chosen


def kept(record: Record) -> str:
    """Print what a forward keeps for the backward, in units of x."""
    names = [n for n in record.config["contenders"] if n != "reference"]
    heads = "".join(f"{LIBRARIES[n][0]:>16}" for n in names)
    lines = [f"{'':24}{heads}"]
    for norm, unit in shown(record).items():
        cells = [
            record.values("bytes", **unit, phase="saved", contender=n)
            for n in names
        ]
        told = "".join(
            f"{found[0] / size(unit, record):16.1f}" if found else " " * 16
            for found in cells
        )
        lines.append(f"{NAMES[norm]:24}{told}")
    return "\n".join(lines)


def plot(record: Record) -> Figure:
    """Draw a row a norm, a marker a library."""
    fig, (ax,) = figures.panels(1, height=4.6)
    rows = [*reversed(shown(record).items())]
    for y, (norm, unit) in enumerate(rows):
        color = figures.STYLES.get(norm, figures.STYLES["rms"])[1]
        for name, (label, marker) in LIBRARIES.items():
            if not record.where(**unit, contender=name):
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
    ax.axvline(2.5, color="black", ls=":")
    return figures.finish(fig, record)


trial = Trial(
    name="performance.benchmark",
    question="What does each norm cost, in copies of its input?",
    source=("zhang2019rmsnorm",),
    scope="Single layers, one thread.",
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={},
    plot=plot,
    order=6,
)
