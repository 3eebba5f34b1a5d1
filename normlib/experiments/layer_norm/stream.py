"""What one sublayer does to the stream, and what 64 then do.

A sublayer with a normed input adds s to the variance of the stream and
s′ to the mean square of the gradient. Its placement says in which place
of the stream; the rest is a product.
"""

from __future__ import annotations

import math
from functools import cache

import torch
import torch.nn.functional as F

from ...data.text import crops, sources
from ..nets.transformer import Transformer

START = 2.0  # variance of the stream: embeddings of byte and place
Gains = tuple[tuple[float, float], ...]


@cache
def gains(width: int = 64, length: int = 32, seeds: int = 8) -> Gains:
    """Measure (s, s′) of attention and of an MLP, alone, on normed text.

    s = E y²/E x² and s′ = E (Jᵀe)²/E e² for a random e.
    """
    found = torch.zeros(2, 2, dtype=torch.float64)
    for seed in range(seeds):
        g = torch.Generator().manual_seed(seed)
        net = Transformer(
            seed, norm="layer", depth=1, width=width, length=length
        ).double()
        x = crops(sources(seed).train, 8, length, g)[:, :-1]
        h = net.byte[x] + net.place[: x.shape[1]]
        for k, sublayer in enumerate(net.sublayers):
            z = F.layer_norm(h, h.shape[-1:]).detach().requires_grad_()
            y = sublayer.f(z)
            e = torch.randn(y.shape, generator=g, dtype=y.dtype)
            (back,) = torch.autograd.grad(y, z, e)
            found[k, 0] += y.square().mean().item() / seeds
            found[k, 1] += (
                back.square().sum() / e.square().sum()
            ).item() / seeds
            h = sublayer(h).detach()
    return tuple((round(s, 3), round(b, 3)) for s, b in found.tolist())


def step(
    placement: str, v: float, s: float, b: float, block: int, blocks: int
) -> tuple[float, float]:
    """Return the variance behind a sublayer, and the gradient's factor.

    v is the variance in front of it, b = s′. The factor is that of the
    mean square, on the way back.
    """
    if placement == "mix":
        placement = "post" if 4 * block <= blocks else "pre"
    if placement == "pre":
        return v + s, 1 + b / v
    if placement == "scaled":
        return v + s / block, 1 + b / (block * v)
    if placement == "inside":  # on q, k and v, and behind the sum
        return 1.0, (1 + b / v) / (v + s)
    if placement in ("peri", "output"):
        return v + 1, 1 + b / (s * v)
    if placement == "none":
        return v * (1 + s), 1 + b
    a = 1.0
    if placement == "deep":
        a = math.sqrt(2 * blocks)
        s, b = s / (8 * blocks), b / (8 * blocks)
    return 1.0, (a + b) / (v * (a + s))


def predicted(
    placement: str, blocks: int, branch: float = 1.0
) -> tuple[list[float], list[float]]:
    """Return the variance v and log10 of the gradient, each 2L + 1.

    The gradient's norm is told over that behind the last sublayer.
    """
    v, back = [START], [0.0]
    ways = {"hybrid": ("inside", "none")}.get(placement, 2 * (placement,))
    for k in range(2 * blocks):
        s, b = (branch**2 * gain for gain in gains()[k % 2])
        after, factor = step(ways[k % 2], v[-1], s, b, k // 2 + 1, blocks)
        v.append(after)
        back.append(back[-1] + math.log10(factor) / 2)
    return v, [back[-1] - so_far for so_far in back]


def ratio(placement: str, blocks: int, branch: float = 1.0) -> float:
    """Return log10 of the gradient in front of all over that behind."""
    return predicted(placement, blocks, branch)[1][0]
