"""How large is a gradient in a Transformer that nobody has trained?

Transformers of 2 to 32 blocks whose norms stand in different places are
made and given one batch of source code. The gradient of the loss is
measured at five places of the stream, from the embedding to the last
sublayer, and with it how far one step moves what the last block hands on.

Scope: initial weights only, width 64 and 32 bytes of context, unit gains.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ... import figures
from ...data.text import crops, sources
from ...records import Record
from ..intervals import Interval, mean_interval
from ..nets.hybrid import hybrid
from ..nets.transformer import Transformer
from ..protocol import Config, Rows, Trial, Unit, part, seeds
from .stream import ratio

RATE = 3e-4  # of the one step: every weight moves by it, up or down
FIFTHS = (0, 0.25, 0.5, 0.75, 1)  # of the way through the sublayers
NETS: dict[str, dict[str, Any]] = {
    "no norm": {"placement": "none", "norm": "none"},
    "no norm, small branches": {"placement": "none", "norm": "none"},
    "before": {"placement": "pre"},
    "behind": {"placement": "post"},
    "both sides": {"placement": "peri"},
    "outputs": {"placement": "output"},
    "outputs, queries and keys": {"placement": "output", "qk": "layer"},
    "DeepNorm": {"placement": "deep"},
    "before, /√ℓ": {"placement": "scaled"},
    "behind, then before": {"placement": "mix"},
    "HybridNorm": {"placement": "hybrid"},
}

trial = Trial(
    __name__, __doc__,
    source=("xiong2020", "liu2020admin", "wang2022deepnet",
            "zhuo2025hybridnorm"),
    grid={"net": [*NETS], "depth": [2, 4, 8, 16, 32]},
    config={"width": 64, "length": 32, "batch": 8, "seeds": 8},
    live={"net": ["before", "behind"], "depth": [2, 8], "seeds": 2},
    gpu={"width": 768, "length": 256},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Look at one net after another, in float64."""
    rows: Rows = []
    for seed in seeds(config):
        net = made(unit["net"], unit["depth"], config, seed).to(device)
        draw = torch.Generator().manual_seed(seed)
        text = sources(seed).train
        xy = crops(text, config["batch"], config["length"], draw)
        found = seen(net, xy.to(device))
        rows += [{"seed": seed, **row} for row in found]
    return rows


def made(name: str, depth: int, config: Config, seed: int) -> Transformer:
    """Return a net in float64; small branches add up to about one."""
    size = {"depth": depth} | part(config, "width", "length")
    if name == "HybridNorm":
        return hybrid(seed, norm="layer", **size).double()
    small = (2 * depth) ** -0.5 if name.endswith("small branches") else 1.0
    net = {"norm": "layer", "branch": small} | NETS[name]
    return Transformer(seed, **net, **size).double()


def seen(net: Transformer, xy: Tensor) -> Rows:
    """Return log10 of gradients and deviations, and of the move."""
    x, y = xy[:, :-1], xy[:, 1:]
    logits, stream = net(x, every=True)
    loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
    weights = [p for p in net.sublayers.parameters() if p.ndim == 2]
    grads = torch.autograd.grad(loss, [*stream, *weights])
    rows = []
    for at in FIFTHS:
        k = int(at * (len(stream) - 1))
        size = {
            "gradient": grads[k].norm(),
            "deviation": stream[k].std(-1).square().mean().sqrt(),
        }
        rows += [row(name, at, v) for name, v in size.items()]
    move = moved(net, x, weights, grads)
    return [*rows, row("move", 1, move)]


@torch.no_grad()
def moved(net: Transformer, x: Tensor, weights: Any, grads: Any) -> Tensor:
    """Return how far one step moves the last stream, of its own length.

    The step is Adam's first: every weight of a sublayer moves by RATE
    against the sign of its gradient.
    """

    def last() -> Tensor:
        h = net(x, every=True)[1][-1]
        return h / h.norm()

    before = last()
    for p, g in zip(weights, grads[-len(weights) :], strict=True):
        p -= RATE * g.sign()
    return (last() - before).norm()


def row(name: str, at: float, value: Tensor) -> dict[str, Any]:
    """Return log10 of a positive number as a row."""
    return {"quantity": name, "at": at,
            "value": round(value.log10().item(), 3)}  # fmt: skip


@trial.reading
def grows(record: Record, **arm: Any) -> Interval | None:
    """Return log10 of the gradient at the start over that at the end.

    None where the net was not measured.
    """
    first, last = (
        record.values("value", quantity="gradient", at=at, **arm)
        for at in (0, 1)
    )
    found = [a - b for a, b in zip(first, last, strict=True)]
    return mean_interval(found) if found else None


@trial.reading
def beside(record: Record, net: str, depth: int) -> str:
    """Say how far its gradient grows, on paper and in the net."""
    told = 10 ** ratio(NETS[net]["placement"], depth)
    found = 10 ** grows(record, net=net, depth=depth).mean
    return f"{told:.1f} predicted, {found:.1f} measured"


def moves(record: Record, **arm: Any) -> Interval | None:
    """Return log10 of how far one step moves the last stream."""
    found = record.values("value", quantity="move", **arm)
    return mean_interval(found) if found else None


LINES = [
    figures.Line("none", {"net": "no norm, small branches"}),
    *(
        figures.Line("layer", {"net": net}, dict(
            label=net, color=color, marker=marker, ls="none"
        ))
        for net, color, marker in (
            ("before", "#D55E00", "s"), ("behind", "#7A2E00", "v"),
            ("both sides", "#F2A26B", "D"), ("outputs", "#882255", "P"),
            ("DeepNorm", "#B8860B", "^"),
        )
    ),
]  # fmt: skip
AXIS = {"xlabel": "blocks", "height": 4.2}
trial.curves(
    grows, "depth", lines=LINES, ylim=(-0.5, 3.4),
    decorate=lambda ax, record: predictions(ax, record),
    ylabel="log₁₀ ‖first‖ / ‖last‖", **AXIS,
)  # fmt: skip


def predictions(ax: Any, record: Record) -> None:
    """Draw what the product says, as lines without marks."""
    depths = record.distinct("depth")
    for item in LINES:
        name = item.arm["net"]
        small = name.endswith("small branches")
        color = item.style.get("color", figures.STYLES["none"][1])
        told = [
            ratio(NETS[name]["placement"], L,
                  (2 * L) ** -0.5 if small else 1.0)
            for L in depths
        ]  # fmt: skip
        ax.plot(depths, told, color=color, lw=1.3)


@trial.reading
def steps(record: Record) -> figures.Figure:
    """Draw how far one step moves the last stream, by depth."""
    still = [n._replace(style=n.style | {"ls": "-"}) for n in LINES]
    fig, _ = figures.curves(
        partial(moves, record), {"depth": record.config["depth"]}, still,
        ylabel="log₁₀ of the move / length", **AXIS,
    )  # fmt: skip
    return figures.finish(fig, record)
