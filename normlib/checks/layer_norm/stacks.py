"""Untrained nets whose norms stand in one place, and what runs through."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import gelu

Curves = tuple[np.ndarray, np.ndarray]
WIDTH, SHAPE = 64, (2, 16)
NETS = ("no norm", "before", "behind", "both sides", "DeepNorm")
NETS += ("behind, then before",)


def norm(x: Tensor) -> Tensor:
    """Normalize each token."""
    d = x - x.mean(-1, keepdim=True)
    return d * (d.square().mean(-1, keepdim=True) + 1e-5).rsqrt()


def sublayer(k: int, g: torch.Generator, x: Tensor, beta: float) -> Tensor:
    """Return attention, for k even, or an MLP of x, freshly drawn."""

    def times(x: Tensor, out: int, gain: float = 1.0) -> Tensor:
        W = torch.randn(x.shape[-1], out, generator=g, dtype=x.dtype)
        return x @ W * gain / math.sqrt(x.shape[-1])

    if k % 2:
        h = gelu(times(x, 4 * WIDTH, beta))
        return times(h, WIDTH, beta)
    q, key, v = (times(x, WIDTH, gain) for gain in (1, 1, beta))
    ahead = torch.ones(2 * SHAPE[1:], dtype=torch.bool).triu(1)
    score = (q @ key.mT / math.sqrt(WIDTH)).masked_fill(ahead, -math.inf)
    return times(score.softmax(-1) @ v, WIDTH, beta)


@cache
def curves(place: str, blocks: int, scale: float, seed: int) -> Curves:
    """Return v and g of a net whose embedding has this deviation.

    v is the variance of the stream and g the length of a gradient, both
    before, between and behind the 2·blocks sublayers.
    """
    g = torch.Generator().manual_seed(seed)
    deep, L = place == "DeepNorm", blocks
    alpha, beta = ((2 * L) ** 0.25, (8 * L) ** -0.25) if deep else (1, 1)
    x = torch.randn(*SHAPE, WIDTH, generator=g, dtype=torch.float64)
    stream = [(scale * x).requires_grad_()]
    for k in range(2 * L):
        x, at = stream[-1], place
        if place == "behind, then before":
            at = "behind" if k < L // 2 else "before"
        inner = norm(x) if at in ("before", "both sides") else x
        y = sublayer(k, g, inner, beta)
        y = alpha * x + (norm(y) if at == "both sides" else y)
        stream.append(norm(y) if deep or at == "behind" else y)
    logits = norm(stream[-1]) @ torch.randn(WIDTH, 9, generator=g).double()
    loss = -logits.log_softmax(-1)[..., 0].mean()
    grads = torch.autograd.grad(loss, stream)
    v = [h.var(-1, correction=0).mean().item() for h in stream]
    return np.array(v), np.array([e.norm().item() for e in grads])
