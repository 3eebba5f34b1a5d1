"""What does BatchNorm make steadier: inputs, or gradients?

During training, seen on the same 256 training images. Two readings of
internal covariate shift: how far one step moves the mean and deviation
of every unit, and how far a layer's gradient turns when only the layers
below it take their step. And how far one can walk along a gradient until
it points elsewhere.

Scope: MLPs of eight hidden ReLU layers on 8×8 digits, batches of 64, plain
SGD, four looks within the first hundred steps, all on the same 256 training
images.
"""

from functools import partial
from itertools import product
from typing import Any

import torch
from matplotlib.figure import Figure

from ... import figures
from ...data import Split
from ...records import Record
from ...table import Table
from ..before import settle
from ..decisions import Decision, above
from ..intervals import Interval, mean_interval, paired_interval
from ..nets.ensemble import Ensemble
from ..nets.mlp import MLP
from ..nets.noise import noisy, redraw
from ..nets.probes import moments, shift, turned, walk
from ..nets.training import by_member, train_at
from ..protocol import Config, Rows, Trial, Unit, part

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

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "santurkar2018"),
    config={
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
        "depth": 8, "width": 64, "batch": 64, "steps": 100, "seeds": 10,
    },
    live={
        "arms": [
            ["scaled", "none", 0.0, 0.1],
            ["scaled", "batch", 0.0, 0.1],
            ["scaled", "batch", 0.0, 0.3],
        ],
        "looks": [3, 10], "steps": 10, "seeds": 2,
    },
    gpu={"depth": 16, "width": 512, "batch": 256, "seeds": 20},
)  # fmt: skip


@trial.units
def units(config: Config) -> list[Unit]:
    """One unit trains all seeds of an arm at once."""
    keys = ("init", "norm", "noise", "rate")
    return [dict(zip(keys, arm, strict=True)) for arm in config["arms"]]


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a look, seed and measurement."""
    make = partial(
        MLP, norm=partial(noisy, unit["norm"]), init=unit["init"],
        **part(config, "depth", "width"),
    )  # fmt: skip
    draw = torch.Generator().manual_seed(20_000 + config["first_seed"])
    before: dict[str, Any] = {}
    rows: Rows = []

    def look(step: int, nets: Ensemble, data: Split) -> None:
        x, y = data.train_x[:, :256], data.train_y[:, :256]

        def now() -> dict[str, Any]:
            redraw(nets, unit["noise"], draw)
            here = {
                k: p.detach().clone() for k, p in nets.parameters.items()
            }
            return {"moments": moments(nets, x), "parameters": here}

        if step in config["looks"]:
            after = now()
            # The same noise for every gradient that is compared.
            redraw(nets, unit["noise"], torch.Generator().manual_seed(0))
            pair = (d["parameters"] for d in (before, after))
            found = [
                (
                    "moments",
                    0.0,
                    shift(before["moments"], after["moments"]),
                ),
                ("gradients", 0.0, turned(nets, *pair, x, y)),
                *walk(nets, x, y, config["rates"], config["lengths"]),
            ]
            for what, far, value in found:
                columns = {"what": what, "far": far, "value": value}
                rows.extend(by_member(nets, step=step, **columns))
        if step + 1 in config["looks"]:
            before.update(now())
        redraw(nets, unit["noise"], draw)

    train_at(config, make, device, unit["rate"], watch=look)
    return rows


@trial.reading
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
    comparisons = len(READINGS) * len(PLACES)
    return paired_interval(none, batch, comparisons=comparisons)


@trial.rule("intro.covariate-shift")
def reduces_shift(record: Record) -> Decision:
    """Two readings of the shift that one step causes. By inputs: how far
    the mean and deviation of each unit move, in units of its deviation. By
    gradients: how much the gradient of a layer's weights changes when only
    the layers below take their step, relative to its length. Three
    comparisons with the plain net: scaled initialization at the same
    learning rate, and at each one's own; PyTorch's initialization at the
    same rate. 95 % intervals of log ratios, paired by seed, Bonferroni over
    the six. BatchNorm's shift is smaller in all six: holds. In some: holds
    when. Larger in all: does not hold.
    """
    arms = {
        f"{READINGS[what]} ({place})": less(record, what, place)
        for what, place in product(READINGS, PLACES)
    }
    ratios = "; ".join(f"{i.factors()} by {arm}" for arm, i in arms.items())
    return settle(
        arms, above, 0.0, last="or", when="shift is read from {arms}",
        because=f"The plain net's shift over BatchNorm's: {ratios}.",
    )  # fmt: skip


@trial.reading
def table(record: Record) -> Table:
    """Return the cosines of some steps, minus the plain net's."""
    rows, same = [], {"init": "scaled", "rate": 0.1}
    for kind, far in (("rate", 0.1), ("length", 0.01)):
        plain = values(record, kind, far, norm="none", noise=0.0, **same)
        for norm, noise in (("batch", 0.0), ("batch", 0.2), ("layer", 0.0)):
            arm = same | {"norm": norm, "noise": noise}
            if record.where(**arm):
                gain = paired_interval(
                    values(record, kind, far, **arm), plain
                )
                rows.append((kind, far, norm, noise, gain))
    return Table(("step", "size", "norm", "noise", "cosine, gained"), rows)


@trial.reading
def plot(record: Record) -> Figure:
    """Draw how far the gradient keeps its direction."""
    noise = {"label": "BatchNorm, noise 0.2", "color": "#6BAED6"}
    noise |= {"ls": "--", "marker": "v"}
    arms = (("none", 0.0, {}), ("batch", 0.0, {}), ("batch", 0.2, noise))
    fig, axes = figures.panels(2, height=3.2, sharex=False)
    labels = {
        "rate": "learning rate of the step",
        "length": "length of the step / length of the weights",
    }
    for ax, (kind, label) in zip(axes, labels.items(), strict=True):
        x = record.config[f"{kind}s"]
        for norm, size, style in (*arms, ("layer", 0.0, {})):
            arm = {
                "init": "scaled",
                "norm": norm,
                "noise": size,
                "rate": 0.1,
            }
            if record.where(**arm):
                found = [values(record, kind, far, **arm) for far in x]
                points = [mean_interval(seeds) for seeds in found]
                figures.line(ax, norm, x, points, **style)
        ax.axhline(0, color="#888888", lw=1)
        ax.set(xscale="log", ylim=(-0.7, 1.05), xlabel=label)
        ax.set_ylabel("cosine of the gradients\nbefore and after")
    return figures.finish(fig, record)
