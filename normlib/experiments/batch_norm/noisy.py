"""Is it the steadier inputs that make BatchNorm train faster?

After every BatchNorm each channel is shifted and scaled by random
numbers, drawn anew at each step: the next layer's inputs are made
unsteady on purpose. The same nets without noise and without a norm run
along, and so does the plain net with the same noise.

Scope: MLPs of eight hidden ReLU layers on 8×8 digits, batches of 64, plain
SGD, each net at its quickest of four learning rates. Shift: how far the
mean and deviation of each unit move in one step, in units of its deviation.
The noise is new at each step.
"""

import math
from functools import partial
from typing import Any

import torch
from matplotlib.axes import Axes
from torch import Tensor

from ...data import Split
from ...records import Record
from ..before import settle
from ..decisions import Decision, below
from ..intervals import Interval, log_steps, mean_interval, paired_interval
from ..nets.ensemble import Ensemble
from ..nets.mlp import MLP
from ..nets.noise import noisy, redraw
from ..nets.probes import moments, shift
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit, part

TRAINED = 10.0  # per cent validation error that counts as trained
FASTER = math.log10(1.5)  # decades of steps: a ratio that is quicker
KEPT = 0.5  # share of BatchNorm's advantage
INITS = {"scaled": "scaled", "default": "PyTorch's default"}

trial = Trial(
    __name__, __doc__, source=("santurkar2018",),
    grid={
        "init": list(INITS), "norm": ["none", "batch"],
        "noise": [0.0, 0.1, 0.2, 0.4, 0.8],
    },
    # Stronger noise stops the plain net.
    keep=lambda unit: unit["norm"] == "batch" or unit["noise"] < 0.8,
    config={
        "rates": [0.03, 0.1, 0.3, 1.0], "looks": [3, 10, 30, 100],
        "depth": 8, "width": 64, "batch": 64, "steps": 600, "seeds": 12,
    },
    live={
        "init": ["scaled"], "noise": [0.0, 0.2], "rates": [0.1, 0.3],
        "looks": [3, 10], "steps": 150, "seeds": 2,
    },
    gpu={
        "depth": 16, "width": 512, "batch": 256, "steps": 2000, "seeds": 20,
    },
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once; look at their shift.

    The shift of one step is seen on the same 256 training images before
    and after it; "log10_shift" is the mean over the looks.
    """
    make = partial(
        MLP, norm=partial(noisy, unit["norm"]), init=unit["init"],
        **part(config, "depth", "width"),
    )  # fmt: skip
    draw = torch.Generator().manual_seed(20_000 + config["first_seed"])
    before, shifts = {}, []

    def look(step: int, nets: Ensemble, data: Split) -> None:
        def now() -> Any:
            redraw(nets, unit["noise"], draw)
            return moments(nets, data.train_x[:, :256])

        if step in config["looks"]:
            shifts.append(shift(before[step], now()))
        if step + 1 in config["looks"]:
            before[step + 1] = now()
        redraw(nets, unit["noise"], draw)  # for the step that follows

    def log10_shift(nets: Ensemble, data: Split) -> Tensor:
        return torch.stack(shifts).mean(0).nan_to_num(9.0, 9.0, -9.0)

    return sweep(
        config, make, device, columns=(log10_shift,), watch=look,
        momentum=0.0, trained=TRAINED,
    )  # fmt: skip


@trial.reading
def at_quickest(record: Record, column: str, **arm: Any) -> list[float]:
    """Return a value a seed, at the rate at which the arm is quickest."""

    def mean_steps(rate: float) -> float:
        return mean_interval(log_steps(record, rate=rate, **arm)).mean

    arm["rate"] = min(record.config["rates"], key=mean_steps)
    if column == "log10_steps":
        return log_steps(record, **arm)
    return record.values(column, **arm)


def contrast(
    record: Record, init: str, noise: float
) -> dict[str, Interval]:
    """Compare BatchNorm under noise with the plain net without.

    Decades of shift that it has more; decades of steps that it needs
    fewer; and how far these exceed half of what BatchNorm gains without
    noise.
    """
    config = record.config
    count = (len(config["noise"]) - 1) * len(config["init"])

    def of(column: str, norm: str, noise: float) -> list[float]:
        arm = {"init": init, "norm": norm, "noise": noise}
        return at_quickest(record, column, **arm)

    plain = of("log10_steps", "none", 0.0)
    clean = of("log10_steps", "batch", 0.0)
    half = [p - KEPT * (p - c) for p, c in zip(plain, clean, strict=True)]
    shifts = (
        of("log10_shift", *arm) for arm in (("batch", noise), ("none", 0.0))
    )
    steps = of("log10_steps", "batch", noise)
    pairs = {"shift": shifts, "gain": (plain, steps), "kept": (half, steps)}
    return {
        name: paired_interval(*pair, comparisons=count)
        for name, pair in pairs.items()
    }


@trial.rule("bn.why-ics")
def speeds_up_by_less_shift(record: Record) -> Decision:
    """If less shift is why, BatchNorm must lose its advantage (in steps
    until {TRAINED:.0f} % validation error, at least a factor of 1.5) once
    noise gives it more shift than the plain net has. Four strengths of
    noise, two initializations; 95 % intervals of log ratios, paired by
    seed, Bonferroni over the eight. Refuted where at some strength the
    shift is larger, and over half of the log advantage and a factor of 1.5
    remain. Upheld where at every strength with a larger shift less than
    half remains. Refuted under both initializations: does not hold; upheld
    under both: holds; upheld under one: holds when.
    """
    arms, sentences = {}, []
    for init in record.config["init"]:
        clean = contrast(record, init, 0.0)["gain"]
        noises = record.config["noise"][1:]
        more = [
            c for c in (contrast(record, init, n) for n in noises)
            if c["shift"].low > 0 and clean.low > FASTER
        ]  # fmt: skip
        keeps = [
            c
            for c in more
            if min(c["kept"].low, c["gain"].low - FASTER) > 0
        ]
        arms[INITS[init]] = [c["kept"] for c in keeps[:1] or more]
        sentences.append(
            f"{INITS[init]} initialization: BatchNorm is {clean.factors()} "
            f"times quicker than the plain net"
        )
        if more:
            seen = max(keeps or more, key=lambda c: c["gain"].mean)
            sentences[-1] += (
                f", and under noise {seen['gain'].factors()} times, with "
                f"{seen['shift'].factors()} times its shift"
            )
    return settle(
        arms, below, 0.0, because=f"With {'; with '.join(sentences)}.",
        when="the initialization is {arms}",
    )  # fmt: skip


def point(
    record: Record, noise: float, column: str, norm: str
) -> Interval | None:
    """Return shift or steps at the quickest rate."""
    arm = {"init": record.config["init"][0], "norm": norm, "noise": noise}
    if not record.where(**arm):
        return None
    return mean_interval(at_quickest(record, column, **arm)).powers()


def decorate(ax: Axes, record: Record, column: str) -> None:
    """Draw a line where the plain net is."""
    plain = point(record, 0.0, column, "none")
    ax.axhline(plain.mean, color="#555555", lw=1)


trial.curves(
    point, "noise",
    {"column": {
        "log10_shift": "shift in one step",
        "log10_steps": "steps to 10 % error",
    }},
    lines=("batch", "none"), decorate=decorate, height=3.2, log=False,
    xlabel="noise after every layer", yscale="log",
)  # fmt: skip
