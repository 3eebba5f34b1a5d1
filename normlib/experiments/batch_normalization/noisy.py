"""Is it the steadier inputs that make BatchNorm train faster?

After every BatchNorm each channel is shifted and scaled by random
numbers, drawn anew at each step: the next layer's inputs are made
unsteady on purpose. The same nets without noise and without a norm run
along, and so does the plain net with the same noise.
"""

from __future__ import annotations

import math
from itertools import product

import torch
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import ensemble
from ..arms import join
from ..intervals import Interval, factors, mean_interval, paired_interval
from ..introduction.gradients import INITS
from ..trial import Config, Decision, Rows, Rule, Trial, Unit
from .steadiness import make, moments, shift

TRAINED = 10.0  # per cent validation error that counts as trained
FASTER = math.log10(1.5)  # decades of steps: a ratio that is quicker
KEPT = 0.5  # share of BatchNorm's advantage

FULL = {
    "inits": ["scaled", "default"],
    "noises": [0.1, 0.2, 0.4, 0.8],  # on BatchNorm
    "controls": [0.1, 0.2, 0.4],  # on the plain net
    "rates": [0.03, 0.1, 0.3, 1.0],
    "looks": [3, 10, 30, 100],
    "depth": 8,
    "width": 64,
    "batch": 64,
    "steps": 600,
    "first_seed": 0,
    "seeds": 12,
}
PRESETS = {
    "live": FULL
    | {
        "inits": ["scaled"],
        "noises": [0.2],
        "controls": [],
        "rates": [0.1, 0.3],
        "looks": [3, 10],
        "steps": 150,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL
    | {"depth": 16, "width": 512, "batch": 256, "steps": 2000, "seeds": 20},
}


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of an init, norm and noise."""
    arms = [("none", 0.0), ("batch", 0.0)]
    arms += [("batch", noise) for noise in config["noises"]]
    arms += [("none", noise) for noise in config["controls"]]
    return [
        {"init": init, "norm": norm, "noise": noise}
        for init, (norm, noise) in product(config["inits"], arms)
    ]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once; look at their shift.

    The shift of one step is seen on the same 256 training images before
    and after it; "log10_shift" is the mean over the looks.
    """
    first = config["first_seed"]
    seeds = range(first, first + config["seeds"])
    members = list(product(config["rates"], seeds))
    every_seed = [seed for _, seed in members]
    shape = {key: config[key] for key in ("depth", "width")}
    net = make(seeds=every_seed, device=device, **unit, **shape)
    data = ensemble.splits(every_seed, device)
    probe, before, shifts = data.train_x[:, :256], {}, []

    def look(step: int) -> None:
        if step in config["looks"]:
            shifts.append(shift(before[step], moments(net, probe)))
        if step + 1 in config["looks"]:
            before[step + 1] = moments(net, probe)

    look(0)
    curve = ensemble.train(
        net,
        data,
        lr=torch.tensor([rate for rate, _ in members]),
        seeds=every_seed,
        steps=config["steps"],
        batch=config["batch"],
        momentum=0.0,
        watch=look,
    )
    shifts = torch.stack(shifts).mean(0).nan_to_num(9.0, 9.0, -9.0)
    test = ensemble.error(net, data.test_x, data.test_y)
    rows = []
    for e, (rate, seed) in enumerate(members):
        steps = [step for step, error in curve if error[e] <= TRAINED]
        row = unit | {"rate": rate, "seed": seed}
        row["log10_shift"] = round(shifts[e].item(), 3)
        row["test_error"] = round(test[e].item(), 3)
        row["trained_at"] = steps[0] if steps else None
        rows.append(row)
    return rows


def at_quickest(record: Record, column: str, **arm: object) -> list[float]:
    """Return a value a seed, at the rate at which the arm is quickest.

    "log10_steps" counts a net that never trained with twice the steps.
    """

    def steps(rate: float) -> list[float]:
        never = 2 * record.config["steps"]
        found = record.values("trained_at", rate=rate, **arm)
        return [math.log10(s or never) for s in found]

    rates = record.config["rates"]
    best = min(rates, key=lambda rate: mean_interval(steps(rate)).mean)
    if column == "log10_steps":
        return steps(best)
    return record.values(column, rate=best, **arm)


def contrast(
    record: Record, init: str, noise: float
) -> tuple[Interval, Interval, Interval]:
    """Compare BatchNorm under noise with the plain net without.

    Decades of shift that it has more; decades of steps that it needs
    fewer; and how far these exceed half of what BatchNorm gains without
    noise.
    """
    count = len(record.config["noises"]) * len(record.config["inits"])

    def of(column: str, norm: str, noise: float) -> list[float]:
        arm = {"init": init, "norm": norm, "noise": noise}
        return at_quickest(record, column, **arm)

    plain = of("log10_steps", "none", 0.0)
    clean = of("log10_steps", "batch", 0.0)
    noisy = of("log10_steps", "batch", noise)
    half = [p - KEPT * (p - c) for p, c in zip(plain, clean, strict=True)]
    return (
        paired_interval(
            of("log10_shift", "batch", noise),
            of("log10_shift", "none", 0.0),
            comparisons=count,
        ),
        paired_interval(plain, noisy, comparisons=count),
        paired_interval(half, noisy, comparisons=count),
    )


def speeds_up_by_less_shift(record: Record) -> Decision:
    """Decide bn.why-ics."""
    refuted, upheld, told = [], [], []
    for init in record.config["inits"]:
        _, clean, _ = contrast(record, init, 0.0)
        found = [
            contrast(record, init, noise)
            for noise in record.config["noises"]
        ]
        more = [c for c in found if c[0].low > 0]
        keeps = [c for c in more if c[2].low > 0 and c[1].low > FASTER]
        told.append(
            f"{INITS[init]} initialization: BatchNorm is "
            f"{factors(clean)} times quicker than the plain net"
        )
        if more:
            shifted, gain, _ = max(keeps or more, key=lambda c: c[1].mean)
            told[-1] += (
                f", and under noise {factors(gain)} times, with "
                f"{factors(shifted)} times its shift"
            )
        if clean.low > FASTER and more:
            if keeps:
                refuted.append(INITS[init])
            elif all(c[2].high < 0 for c in more):
                upheld.append(INITS[init])
    because = f"With {'; with '.join(told)}."
    count = len(record.config["inits"])
    if len(refuted) == count:
        return Decision("does not hold", because)
    if len(upheld) == count:
        return Decision("holds", because)
    if upheld and len(upheld) + len(refuted) == count:
        when = f"the initialization is {join(upheld)}"
        return Decision("holds when", because, when=when)
    return Decision("open", because)


def plot(record: Record, guess: None = None) -> Figure:
    """Draw shift and steps to train against the noise."""
    fig, axes = figures.panels(2, height=3.2)
    config = record.config
    panels = {
        "log10_shift": ("shift in one step", [0.01, 0.03, 0.1, 0.3, 1, 3]),
        "log10_steps": ("steps to 10 % error", [10, 30, 100, 300, 1000]),
    }
    arms = {"batch": config["noises"], "none": config["controls"]}
    for ax, (column, (label, ticks)) in zip(
        axes, panels.items(), strict=True
    ):
        for norm, noises in arms.items():
            arm = {"init": config["inits"][0], "norm": norm}
            x, points = [0.0, *noises], []
            for noise in x:
                seen = at_quickest(record, column, noise=noise, **arm)
                decades = mean_interval(seen)
                points.append(Interval(*(10**d for d in decades)))
            figures.line(ax, norm, x, points)
        ax.axhline(points[0].mean, color="#555555", lw=1)
        ax.set(yscale="log", ylabel=label)
        ax.set_yticks(ticks, [str(t) for t in ticks])
        ax.minorticks_off()
    axes[-1].set_xlabel("noise after every layer")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.noisy",
    question="Does BatchNorm train faster because inputs shift less?",
    source=("santurkar2018",),
    scope=(
        "MLPs of eight hidden ReLU layers on 8×8 digits, batches of 64, "
        "plain SGD, each net at its quickest of four learning rates. "
        "Shift: how far the mean and deviation of each unit move in one "
        "step, in units of its deviation. The noise is new at each step."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.why-ics": Rule(
            f"If less shift is why, BatchNorm must lose its advantage (in "
            f"steps until {TRAINED:.0f} % validation error, at least a "
            f"factor of 1.5) once noise gives it more shift than the plain "
            f"net has. Four strengths of noise, two initializations; 95 % "
            f"intervals of log ratios, paired by seed, Bonferroni over the "
            f"eight. Refuted where at some strength the shift is larger, "
            f"and over half of the log advantage and a factor of 1.5 "
            f"remain. Upheld where at every strength with a larger shift "
            f"less than half remains. Refuted under both initializations: "
            f"does not hold; upheld under both: holds.",
            speeds_up_by_less_shift,
        ),
    },
    plot=plot,
    order=34,
)
