"""Outliers planted in a trained Transformer, and eight bits.

The norms' scales γ and the matrices that read behind them can be changed
together, so that the net computes what it did and other numbers stand in
between.
"""

from __future__ import annotations

from copy import deepcopy

import torch
from matplotlib.figure import Figure
from torch import Tensor

from ... import figures
from ...data.text import crops, sources
from ...table import Table
from ..nets.transformer import Transformer
from .swap import CONFIG, bits, places

LARGEST = 127  # of the whole numbers −127 to 127
FEATURE = 5  # where outliers are planted


def rounded(x: Tensor, dim: int | None = None) -> Tensor:
    """Round to whole steps, 127 to the largest |x|, along dim if given."""
    top = x.abs().amax() if dim is None else x.abs().amax(dim, True)
    step = top.clamp(min=1e-30) / LARGEST
    return (x / step).round() * step


@torch.no_grad()
def eight_bits(net: Transformer, dim: int | None = None) -> Transformer:
    """Round what each norm gives out, and the rows of what reads it.

    One step for the whole tensor of activations; with dim −1 one a token.
    """
    net = deepcopy(net)
    for _, _, reader in places(net):
        reader.weight.copy_(rounded(reader.weight, 1))
        reader.register_forward_pre_hook(
            lambda _, args: rounded(args[0], dim)
        )
    return net


@torch.no_grad()
def times(net: Transformer, factors: list[Tensor]) -> Transformer:
    """Multiply γ and β of each norm by its factors (D,), and divide the
    columns of the matrix behind it: the same function.
    """
    net = deepcopy(net)
    for (owner, name, reader), s in zip(places(net), factors, strict=True):
        norm = getattr(owner, name)
        norm.weight *= s
        norm.bias *= s
        reader.weight /= s
    return net


def planted(net: Transformer, c: float) -> Transformer:
    """Make one feature c times as large behind every norm."""
    s = torch.ones(CONFIG["width"])
    s[FEATURE] = c
    return times(net, [s for _ in places(net)])


def without_scale(net: Transformer) -> Transformer:
    """Put every γ into the matrix behind it: γ = 1 is left."""
    gammas = [getattr(o, name).weight for o, name, _ in places(net)]
    return times(net, [1 / gamma.detach() for gamma in gammas])


@torch.no_grad()
def behind(net: Transformer, seed: int = 0) -> list[Tensor]:
    """Return what each norm gives out on training text: (B, T, D) each."""
    draw, found = torch.Generator().manual_seed(4), []
    x = crops(sources(seed).train, 32, CONFIG["length"], draw)[:, :-1]
    hooks = [
        reader.register_forward_pre_hook(lambda _, args: found.extend(args))
        for _, _, reader in places(net)
    ]
    net(x)
    for hook in hooks:
        hook.remove()
    return found


def balanced(net: Transformer) -> Transformer:
    """Make feature and column equally large (SmoothQuant, α = 1/2):
    each feature over √(largest |y| / largest |W|).
    """
    pairs = zip(behind(net), places(net), strict=True)
    return times(net, [
        (reader.weight.detach().abs().amax(0) / y.abs().amax((0, 1))).sqrt()
        for y, (_, _, reader) in pairs
    ])  # fmt: skip


def kurtosis(net: Transformer) -> float:
    """Return the mean over norms of (1/D) Σ s⁴ / ((1/D) Σ s²)², where s²
    is a feature's mean square over tokens (He et al. 2024): 1 where all
    features are equally large, D where one has everything.
    """
    squares = torch.stack([y.square().mean((0, 1)) for y in behind(net)])
    return (squares.square().mean(1) / squares.mean(1) ** 2).mean().item()


def table(net: Transformer, *factors: float) -> Table:
    """Return bits per byte with one feature c times as large, rounded."""
    rows = [
        (f"{c:g}", f"{kurtosis(loud):.0f}",
         *(f"{bits(eight_bits(loud, dim)):.1f}" for dim in (None, -1)))
        for c in factors
        for loud in [planted(net, c)]
    ]  # fmt: skip
    return Table(("c", "kurtosis", "one step", "a step a token"), rows)


def stairs(net: Transformer, *factors: float) -> Figure:
    """Draw where the other features land, and how often they are where."""
    y = torch.cat([y.flatten(0, 1) for y in behind(net)])
    rest = torch.cat([y[:, :FEATURE], y[:, FEATURE + 1 :]], 1).flatten()
    top, v = y[:, FEATURE].abs().max(), torch.linspace(-3, 3, 1201)
    fig, (ax, below) = figures.panels(2, height=2.2)
    shades = zip(factors, ("#F2A26B", "#D55E00", "#7A2E00"), strict=True)
    for c, color in shades:
        step = c * top / LARGEST
        ax.plot(
            v, (v / step).round() * step, color=color, label=f"c = {c:g}"
        )
    ax.set(ylabel="after rounding", ylim=(-3.4, 3.4))
    below.hist(rest, bins=60, range=(-3, 3), color="#D55E00", alpha=0.5)
    below.set(xlabel="a feature behind the norm", ylabel="how often",
              yticks=[])  # fmt: skip
    return figures.finish(fig)
