"""HybridNorm: a norm on queries, keys and values, and one before the MLP.

Zhuo et al. (2025) leave the input of attention as it is, norm q, k and v,
head by head, and give the MLP z + f(z) with z = norm(x + A(x)). So the
norm stands behind attention, and the MLP adds to what has just been
normed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .norms import for_vectors
from .transformer import Attention, Transformer


def hybrid(
    seed: int, *, norm: str, width: int, heads: int = 4, **size: Any
) -> Transformer:
    """Return a Transformer (`size`: depth, length) whose norms stand so.

    Its weights are those of any other placement of the same seed. Behind
    the last block stands one more norm, as in the paper's code.
    """
    net = Transformer(
        seed, norm=norm, width=width, heads=heads, **size
    )  # the norm before each sublayer
    for sublayer in net.sublayers:
        before, sublayer.before = sublayer.before, nn.Identity()
        if isinstance(sublayer.f, Attention):
            sublayer.outside = before
            sublayer.f.qkv = nn.Sequential(
                sublayer.f.qkv, HeadNorm(norm, width // heads)
            )
    return net


class HeadNorm(nn.Module):
    """Norm queries, keys and values, a head at a time: (B, T, 3D)."""

    def __init__(self, norm: str, size: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(for_vectors(norm, size) for _ in "qkv")
        self.size = size  # of a head

    def forward(self, qkv: Tensor) -> Tensor:
        """Return q, k and v behind each other, as they came: (B, T, 3D)."""
        heads = [z.unflatten(-1, (-1, self.size)) for z in qkv.chunk(3, -1)]
        normed = [
            norm(z) for norm, z in zip(self.norms, heads, strict=True)
        ]
        return torch.cat([z.flatten(-2) for z in normed], -1)
