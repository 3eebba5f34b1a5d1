"""Do norms keep gradients alive through fifty layers?

At initialization: the norm of ∂loss/∂h_l for the hidden layers l of a
plain MLP, without a norm and with each, for three activations and two
initializations. Nothing is trained.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import ensemble
from ..intervals import Interval, mean_interval, signed
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

# Decades that the gradient may change over the depth. Three decades over
# fifty layers are 15 % a layer.
HEALTHY = 3.0
NORMS = ("batch", "layer", "rms")
INITS = {"default": "PyTorch's default", "scaled": "scaled"}
ACTS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}

FULL = {
    "norms": ["none", "batch", "layer", "rms"],
    "inits": ["default", "scaled"],
    "acts": ["relu", "tanh", "sigmoid"],
    "depth": 50,
    "width": 128,
    "batch": 128,
    "every": 7,
    "first_seed": 0,
    "seeds": 10,
}
PRESETS = {
    "live": FULL | {"inits": ["default"], "acts": ["relu"], "seeds": 3},
    "cpu": FULL,
    "gpu": FULL | {"depth": 200, "width": 1024, "every": 1, "seeds": 20},
}


def units(config: Config) -> list[Unit]:
    """One unit is an activation, an initialization and a norm."""
    keys = ("act", "init", "norm")
    arms = product(config["acts"], config["inits"], config["norms"])
    return [dict(zip(keys, arm, strict=True)) for arm in arms]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return log10 ‖∂loss/∂h_l‖, a row for each seed and layer l."""
    first = config["first_seed"]
    seeds = list(range(first, first + config["seeds"]))
    # float64: fifty sigmoid layers leave float32's range.
    net = ensemble.make(
        **unit,
        depth=config["depth"],
        width=config["width"],
        seeds=seeds,
        device=device,
        dtype=torch.float64,
    )
    data = ensemble.splits(seeds, device)
    x = data.train_x[:, : config["batch"]].double()
    y = data.train_y[:, : config["batch"]]
    *hidden, logits = net.activations(x, training=True)
    loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
    grads = torch.autograd.grad(loss * len(seeds), hidden)
    size = torch.stack([g.flatten(1).norm(dim=1) for g in grads])
    rows = []
    for layer in range(1, config["depth"] + 1, config["every"]):
        for e, seed in enumerate(seeds):
            decades = torch.log10(size[layer - 1, e]).item()
            row = {"layer": layer, "seed": seed}
            rows.append(unit | row | {"log10_grad": round(decades, 4)})
    return rows


def change(record: Record, **arm: Any) -> Interval:
    """Decades from the last hidden layer back to the first: +2 is ×100."""
    first, last = ends(record)
    early = record.values("log10_grad", layer=first, **arm)
    late = record.values("log10_grad", layer=last, **arm)
    pairs = zip(early, late, strict=True)
    return mean_interval([a - b for a, b in pairs])


def ends(record: Record) -> tuple[int, int]:
    """Return the first and the last recorded layer."""
    layers = {row["layer"] for row in record.rows}
    return min(layers), max(layers)


def is_healthy(interval: Interval) -> bool:
    """Say whether the whole interval lies within ±HEALTHY decades."""
    return interval.low > -HEALTHY and interval.high < HEALTHY


def is_sick(interval: Interval) -> bool:
    """Say whether the whole interval lies outside ±HEALTHY decades."""
    return interval.high < -HEALTHY or interval.low > HEALTHY


def is_cured(record: Record) -> Decision:
    """Decide intro.vanishing."""
    places = [
        {"act": act, "init": init}
        for act, init in product(
            record.config["acts"], record.config["inits"]
        )
    ]
    without = {
        (p["act"], p["init"]): change(record, norm="none", **p)
        for p in places
    }
    sick = [p for p in places if is_sick(without[p["act"], p["init"]])]
    if not sick:
        return Decision("open", "No net without a norm is sick here.")
    told, suits, unclear = [], [], 0
    cured = dict.fromkeys(NORMS, 0)
    for norm in NORMS:
        label = figures.STYLES[norm][0]
        d = {act: [] for act in record.config["acts"]}
        for p in sick:
            d[p["act"]].append(change(record, norm=norm, **p))
        every = [interval for group in d.values() for interval in group]
        cured[norm] = sum(map(is_healthy, every))
        unclear += sum(not is_healthy(i) and not is_sick(i) for i in every)
        worst = max(every, key=lambda i: abs(i.mean))
        told.append(
            f"{label} heals {cured[norm]} (worst: {signed(worst.mean)})"
        )
        good = [
            ACTS[a] for a, g in d.items() if g and all(map(is_healthy, g))
        ]
        if good:
            suits.append(f"{label} with {' or '.join(good)}")
    means = [without[p["act"], p["init"]].mean for p in sick]
    because = (
        f"Without a norm {len(sick)} of {len(places)} nets are sick: "
        f"{signed(min(means))} to {signed(max(means))} decades. Of these "
        f"{'; '.join(told)}."
    )
    if all(count == len(sick) for count in cured.values()):
        return Decision("holds", because)
    if suits:
        when = f"the norm suits the activation: {'; '.join(suits)}"
        return Decision("holds when", because, when=when)
    if unclear:
        return Decision("open", because)
    return Decision("does not hold", because)


def plot(
    record: Record,
    guess: dict[str, float | None] | None = None,
    act: str = "relu",
) -> Figure:
    """Draw the gradient at each layer relative to the last hidden one.

    `guess` maps a norm to the power of ten expected at layer 1.
    """
    inits = record.config["inits"]
    fig, axes = figures.panels(len(inits), height=3.6)
    layers = sorted({row["layer"] for row in record.rows})
    for ax, init in zip(axes, inits, strict=True):
        for norm in record.config["norms"]:
            arm = {"norm": norm, "init": init, "act": act}
            last = record.values("log10_grad", layer=layers[-1], **arm)
            points = []
            for layer in layers:
                here = record.values("log10_grad", layer=layer, **arm)
                pairs = zip(here, last, strict=True)
                points.append(mean_interval([a - b for a, b in pairs]))
            figures.line(ax, norm, layers, points)
        for norm in record.config["norms"]:  # on top of every line
            figures.star(ax, norm, layers[0], (guess or {}).get(norm))
        ax.axhspan(-HEALTHY, HEALTHY, color="#000000", alpha=0.06, lw=0)
        ax.set(title=f"{ACTS[act]}, {INITS[init]} initialization")
        ax.set_ylabel("log₁₀ of gradient\n(last layer: 0)")
    axes[-1].set_xlabel("layer (1 is next to the input)")
    return figures.finish(fig, record)


trial = Trial(
    name="introduction.gradients",
    question="Do norms keep gradients alive through fifty layers?",
    source=("ioffe2015", "yang2019"),
    scope=(
        "Gradients with respect to activations, at initialization, in "
        "plain 50-layer MLPs of width 128 on 8×8 digits, 128 a batch. "
        "Nothing is trained, and no net has skip connections."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "intro.vanishing": Rule(
            f"Over the depth, from the last hidden layer back to the "
            f"first, the gradient norm changes by d decades. A net is "
            f"healthy when the 95 % interval of d over seeds lies within "
            f"±{HEALTHY:.0f}, sick when it lies outside. Count the nets "
            f"(activation × initialization) that are sick without a norm. "
            f"Every norm heals all of them: holds. Some norm heals an "
            f"activation's: holds when. None does: does not hold.",
            is_cured,
        ),
    },
    plot=plot,
    order=10,
)
