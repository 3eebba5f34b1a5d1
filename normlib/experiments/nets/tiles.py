"""A net over tiles of a glyph: an MLP, or a CNN of one map size."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norms import for_images
from .patches import convolution

HIDDEN = {1: 64, 4: 16}  # channels, by `side` of the map


class TileNet(nn.Module):
    """Cut 16×16 into side² tiles, map each to C numbers, then 3×3.

    `depth` hidden layers: a convolution as large as a tile, then 3×3
    convolutions, each with its norm and ReLU, all on maps of side × side;
    a linear layer from all positions. With side = 1 it is an MLP. W is
    normal with deviation √(2/D_in). `norm` is a technique, or makes a
    norm from C.
    """

    def __init__(
        self,
        seed: int,
        *,
        side: int,
        norm: str | Callable[[int], nn.Module],
        depth: int = 3,
        classes: int = 62,
    ) -> None:
        super().__init__()
        C, tile, kernel = HIDDEN[side], 16 // side, min(side, 2) * 2 - 1
        g = torch.Generator().manual_seed(seed)
        shapes = [(1, tile, tile, 0)]  # channels, kernel, stride, padding
        shapes += [(C, kernel, 1, kernel // 2)] * (depth - 1)
        bias = norm in ("none", "rms")
        self.conv = nn.ModuleList(
            convolution(g, d, C, *shape, bias=bias) for d, *shape in shapes
        )
        self.norm = nn.ModuleList(
            norm(C) if callable(norm) else for_images(norm, C, side)
            for _ in range(depth)
        )
        D = C * side * side
        W = torch.randn(D, classes, generator=g) * math.sqrt(2 / D)
        self.output = nn.Linear(D, classes, bias=False)
        self.output.weight = nn.Parameter(W.T.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, 1, 16, 16) to logits (B, classes)."""
        for conv, norm in zip(self.conv, self.norm, strict=True):
            if conv.kernel_size == x.shape[2:]:  # faster than conv(x)
                W, b = conv.weight.flatten(1), conv.bias
                z = F.linear(x.flatten(1), W, b)[..., None, None]
            else:
                z = conv(x)
            x = F.relu(norm(z))
        return self.output(x.flatten(1))
