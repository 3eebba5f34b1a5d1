"""What does BatchNorm make steadier: inputs, or gradients?

During training, seen on the same 256 training images. Two readings of
internal covariate shift: how far one step moves the mean and deviation
of every unit, and how far a layer's gradient turns when only the layers
below it take their step. And how far one can walk along a gradient until
it points elsewhere.
"""

from __future__ import annotations

from typing import Any

import torch
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import ensemble
from ..arms import join
from ..intervals import Interval, factors, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit
from .steadiness import make, moments, shift, turned, walk

READINGS = {
    "moments": "each unit's mean and deviation",
    "gradients": "each layer's gradient",
}
# Where BatchNorm is compared with the plain net: the initialization, and
# the learning rate of either. The rates of the second suit each best.
PLACES = {
    "scaled start, same rate": ("scaled", 0.1, 0.1),
    "scaled start, own rates": ("scaled", 0.3, 0.1),
    "PyTorch's start, same rate": ("default", 0.1, 0.1),
}

FULL = {
    # Initialization, norm, the noise after it, and learning rate.
    "arms": [
        ["scaled", "none", 0.0, 0.1],
        ["scaled", "batch", 0.0, 0.1],
        ["scaled", "batch", 0.0, 0.3],
        ["scaled", "batch", 0.2, 0.1],
        ["scaled", "layer", 0.0, 0.1],
        ["default", "none", 0.0, 0.1],
        ["default", "batch", 0.0, 0.1],
    ],
    "looks": [3, 10, 30, 100],
    "lengths": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
    "rates": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
    "depth": 8,
    "width": 64,
    "batch": 64,
    "steps": 100,
    "first_seed": 0,
    "seeds": 10,
}
PRESETS = {
    "live": FULL
    | {
        "arms": FULL["arms"][:3],
        "looks": [3, 10],
        "steps": 10,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL | {"depth": 16, "width": 512, "batch": 256, "seeds": 20},
}


def units(config: Config) -> list[Unit]:
    """One unit trains all seeds of an arm at once."""
    keys = ("init", "norm", "noise", "rate")
    return [dict(zip(keys, arm, strict=True)) for arm in config["arms"]]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a look, seed and measurement."""
    first = config["first_seed"]
    seeds = list(range(first, first + config["seeds"]))
    shape = {key: config[key] for key in ("depth", "width")}
    arm = {key: unit[key] for key in ("init", "norm", "noise")}
    net = make(seeds=seeds, device=device, **arm, **shape)
    data = ensemble.splits(seeds, device)
    x, y = data.train_x[:, :256], data.train_y[:, :256]
    before: dict[str, Any] = {}
    rows: Rows = []

    def look(step: int) -> None:
        if step in config["looks"]:
            now = [p.detach().clone() for p in net.parameters()]
            found = [
                ("moments", 0.0, shift(before["m"], moments(net, x))),
                ("gradients", 0.0, turned(net, before["p"], now, x, y)),
                *walk(net, x, y, config["rates"], config["lengths"]),
            ]
            for what, far, values in found:
                for seed, value in zip(seeds, values.tolist(), strict=True):
                    row = {"step": step, "what": what, "far": far}
                    row |= {"seed": seed, "value": round(value, 3)}
                    rows.append(unit | row)
        if step + 1 in config["looks"]:
            before["m"] = moments(net, x)
            before["p"] = [p.detach().clone() for p in net.parameters()]

    look(0)
    ensemble.train(
        net,
        data,
        lr=torch.full((len(seeds),), unit["rate"]),
        seeds=seeds,
        steps=config["steps"],
        batch=config["batch"],
        momentum=0.0,
        every=config["steps"],
        watch=look,
    )
    return rows


def values(
    record: Record, what: str, far: float = 0.0, **arm: Any
) -> list[float]:
    """Return a measurement's mean over the looks, seed by seed."""
    looks = [
        record.values("value", what=what, far=far, step=step, **arm)
        for step in record.config["looks"]
    ]
    return [sum(seed) / len(seed) for seed in zip(*looks, strict=True)]


def less(record: Record, what: str, place: str) -> Interval:
    """Decades of shift that the plain net has more than BatchNorm."""
    init, *rates = PLACES[place]
    batch, none = (
        values(record, what, init=init, norm=norm, noise=0.0, rate=rate)
        for norm, rate in zip(("batch", "none"), rates, strict=True)
    )
    return paired_interval(
        none, batch, comparisons=len(READINGS) * len(PLACES)
    )


def reduces_shift(record: Record) -> Decision:
    """Decide intro.covariate-shift."""
    shown, told, smaller, larger = [], [], 0, 0
    for what, reading in READINGS.items():
        found = {place: less(record, what, place) for place in PLACES}
        here = [place for place, i in found.items() if i.low > 0]
        smaller += len(here)
        larger += sum(i.high < 0 for i in found.values())
        if here:
            shown.append(f"{reading} ({'; '.join(here)})")
        ratios = [f"{factors(i)} ({p})" for p, i in found.items()]
        told.append(f"by {reading} {', '.join(ratios)}")
    because = f"The plain net's shift over BatchNorm's: {'; '.join(told)}."
    count = len(READINGS) * len(PLACES)
    if smaller == count:
        return Decision("holds", because)
    if smaller:
        when = f"shift is read from {join(shown, 'or')}"
        return Decision("holds when", because, when=when)
    if larger == count:
        return Decision("does not hold", because)
    return Decision("open", because)


ARMS = {
    ("none", 0.0, 0.1): {},
    ("batch", 0.0, 0.1): {},
    ("batch", 0.2, 0.1): {
        "label": "BatchNorm, noise 0.2", "color": "#6BAED6", "ls": "--",
        "marker": "v",
    },
    ("layer", 0.0, 0.1): {},
}  # fmt: skip


def plot(record: Record, guess: None = None) -> Figure:
    """Draw how far the gradient keeps its direction."""
    fig, axes = figures.panels(2, height=3.2)
    labels = {
        "rate": "learning rate of the step",
        "length": "length of the step / length of the weights",
    }
    for ax, (kind, label) in zip(axes, labels.items(), strict=True):
        x = record.config[f"{kind}s"]
        for (norm, noise, rate), style in ARMS.items():
            arm = {"init": "scaled", "norm": norm, "noise": noise}
            arm["rate"] = rate
            if record.where(**arm):
                found = [values(record, kind, far, **arm) for far in x]
                points = [mean_interval(seeds) for seeds in found]
                figures.line(ax, norm, x, points, **style)
        ax.axhline(0, color="#888888", lw=1)
        ax.set(xscale="log", ylim=(-0.7, 1.05), xlabel=label)
        ax.tick_params(labelbottom=True)
        ax.set_ylabel("cosine of the gradients\nbefore and after")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.landscape",
    question="What does BatchNorm steady: the inputs, or the gradients?",
    source=("ioffe2015", "santurkar2018"),
    scope=(
        "MLPs of eight hidden ReLU layers on 8×8 digits, batches of 64, "
        "plain SGD, four looks within the first hundred steps, all on the "
        "same 256 training images."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "intro.covariate-shift": Rule(
            "Two readings of the shift that one step causes. By inputs: "
            "how far the mean and deviation of each unit move, in units "
            "of its deviation. By gradients: how much the gradient of a "
            "layer's weights changes when only the layers below take "
            "their step, relative to its length. Three comparisons with "
            "the plain net: scaled initialization at the same learning "
            "rate, and at each one's own; PyTorch's initialization at the "
            "same rate. 95 % intervals of log ratios, paired by seed, "
            "Bonferroni over the six. BatchNorm's shift is smaller in all "
            "six: holds. In some: holds when. Larger in all: does not "
            "hold.",
            reduces_shift,
        ),
    },
    plot=plot,
    order=33,
)
