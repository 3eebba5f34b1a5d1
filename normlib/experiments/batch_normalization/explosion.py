"""Do gradients explode in deep nets with BatchNorm, and what stops it?

At initialization: the norm of ∂loss/∂h_l in nets of width 500 and up to
fifty layers, with and without skip connections, with batches of several
sizes. Nothing is trained.
"""

from __future__ import annotations

from itertools import product

import torch
import torch.nn.functional as F
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import ensemble
from ..arms import join
from ..intervals import Interval, mean_interval, signed
from ..introduction.gradients import HEALTHY
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

FULL = {
    "acts": ["relu", "linear"],
    "depths": [10, 25, 50],
    "batches": [4, 8, 32, 128],  # for BatchNorm
    "width": 500,
    "batch": 128,  # for the others
    "first_seed": 0,
    "seeds": 8,
}
PRESETS = {
    "live": FULL
    | {"acts": ["relu"], "depths": [20], "batches": [128], "seeds": 2},
    "cpu": FULL,
    "gpu": FULL
    | {"depths": [10, 25, 50, 100, 200], "width": 2000, "seeds": 20},
}


def units(config: Config) -> list[Unit]:
    """One unit is a net: activation, norm, skips, batch and depth."""
    arms = [("none", config["batch"]), ("layer", config["batch"])]
    arms += [("batch", batch) for batch in config["batches"]]
    grid = product(config["acts"], (False, True), arms, config["depths"])
    return [
        {"act": act, "skip": skip, "norm": norm, "batch": batch}
        | {"depth": depth}
        for act, skip, (norm, batch), depth in grid
    ]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return log10 ‖∂loss/∂h_l‖ for about eight layers l a seed."""
    first, depth = config["first_seed"], unit["depth"]
    keep = sorted({round(1 + k * (depth - 1) / 7) for k in range(8)})
    shape = {key: unit[key] for key in ("act", "skip", "norm", "depth")}
    rows: Rows = []
    for seed in range(first, first + config["seeds"]):
        # float64: without a norm skips double the variance each layer.
        net = ensemble.make(
            init="scaled", width=config["width"], seeds=[seed],
            device=device, dtype=torch.float64, **shape,
        )  # fmt: skip
        data = ensemble.splits([seed], device)
        x = data.train_x[:, : unit["batch"]].double()
        y = data.train_y[:, : unit["batch"]]
        *hidden, logits = net.activations(x, training=True)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        grads = torch.autograd.grad(loss, [hidden[k - 1] for k in keep])
        for layer, g in zip(keep, grads, strict=True):
            row = {"layer": layer, "seed": seed}
            row["log10_grad"] = round(g.norm().log10().item(), 4)
            rows.append(unit | row)
    return rows


def growth(record: Record, **net: object) -> list[float]:
    """Decades from the last hidden layer back to the first, by seed."""
    layers = [row["layer"] for row in record.where(**net)]
    first, last = (
        record.values("log10_grad", layer=layer, **net)
        for layer in (min(layers), max(layers))
    )
    return [a - b for a, b in zip(first, last, strict=True)]


def factor(record: Record, **net: object) -> Interval:
    """Return the growth of a layer, as a factor."""
    layers = [row["layer"] for row in record.where(**net)]
    count = max(layers) - min(layers)
    rates = mean_interval([g / count for g in growth(record, **net)])
    return Interval(*(10**x for x in rates))


def is_stable(record: Record) -> Decision:
    """Decide bn.gradient-stability."""
    config = record.config
    good, worst, sick = {False: [], True: []}, {}, 0
    for skip, depth in product((False, True), config["depths"]):
        found = [
            mean_interval(
                growth(
                    record, norm="batch", act=act, skip=skip, depth=depth,
                    batch=batch,
                )
            )
            for act, batch in product(config["acts"], config["batches"])
        ]  # fmt: skip
        worst[skip] = max(found, key=lambda i: abs(i.mean))
        sick += any(i.low > HEALTHY or i.high < -HEALTHY for i in found)
        if all(i.low > -HEALTHY and i.high < HEALTHY for i in found):
            good[skip].append(depth)
    deepest = max(config["depths"])
    arm = {"act": "relu", "depth": deepest, "batch": config["batch"]}
    bare = [
        signed(mean_interval(growth(record, **arm, **net)).mean)
        for net in (
            {"norm": "batch", "skip": False},
            {"norm": "none", "skip": False},
            {"norm": "none", "skip": True},
            {"norm": "batch", "skip": True},
        )
    ]
    because = (
        f"Change over {deepest} ReLU layers, batches of {config['batch']}, "
        f"in decades: BatchNorm {bare[0]}, neither norm nor skips "
        f"{bare[1]}, skips alone {bare[2]}, BatchNorm and skips {bare[3]}. "
        f"At worst, over all batches and activations, BatchNorm "
        f"{signed(worst[False].mean)} without skips and "
        f"{signed(worst[True].mean)} with them."
    )
    depths = config["depths"]
    parts = [
        f"{join([str(d) for d in found], 'or')} layers with{out} skips"
        for out, found in (("", good[True]), ("out", good[False]))
        if found
    ]
    if good[False] == depths == good[True]:
        return Decision("holds", because)
    if parts and sick:
        when = f"the net has {join(parts, 'or')}"
        return Decision("holds when", because, when=when)
    if sick == 2 * len(depths):
        return Decision("does not hold", because)
    return Decision("open", because)


LINES = {
    ("none", 128): {},
    ("layer", 128): {},
    ("batch", 128): {"label": "BatchNorm, m = 128"},
    ("batch", 8): {
        "label": "BatchNorm, m = 8", "color": "#6BAED6", "marker": "v",
        "ls": "--",
    },
}  # fmt: skip


def plot(record: Record, guess: float | None = None) -> Figure:
    """Draw the gradient at each layer relative to the last hidden one.

    `guess` is the power of ten expected at layer 1, with BatchNorm and
    without skips.
    """
    fig, axes = figures.panels(2, height=3.2)
    depth = max(record.config["depths"])
    for ax, skip in zip(axes, (False, True), strict=True):
        for (norm, batch), style in LINES.items():
            net = {"act": "relu", "skip": skip, "norm": norm}
            net |= {"batch": batch, "depth": depth}
            layers = sorted({row["layer"] for row in record.where(**net)})
            if not layers:
                continue
            last = record.values("log10_grad", layer=layers[-1], **net)
            points = []
            for layer in layers:
                here = record.values("log10_grad", layer=layer, **net)
                pairs = zip(here, last, strict=True)
                points.append(mean_interval([a - b for a, b in pairs]))
            figures.line(ax, norm, layers, points, **style)
        ax.axhspan(-HEALTHY, HEALTHY, color="#000000", alpha=0.06, lw=0)
        ax.set(title="with skips" if skip else "without skips")
        ax.set_ylabel("log₁₀ of gradient\n(last layer: 0)")
    figures.star(axes[0], "batch", 1, guess)
    axes[-1].set_xlabel("layer (1 is next to the input)")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.explosion",
    question="Does BatchNorm prevent vanishing and exploding gradients?",
    source=("yang2019", "desmith2020"),
    scope=(
        "Gradients with respect to activations, at initialization, in "
        "ReLU and linear MLPs of width 500 on 8×8 digits; weights scaled "
        "to keep the variance. Nothing is trained."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.gradient-stability": Rule(
            f"From the last hidden layer back to the first the gradient "
            f"norm changes by d decades. A net with BatchNorm is healthy "
            f"when the 95 % interval of d over seeds lies within "
            f"±{HEALTHY:.0f}, sick when it lies outside. For three depths, "
            f"without and with skips: are all nets, of two activations and "
            f"four batch sizes, healthy? In all six cells: holds. In some, "
            f"with a sick net elsewhere: holds when. A sick net in every "
            f"cell: does not hold.",
            is_stable,
        ),
    },
    plot=plot,
    order=35,
)
