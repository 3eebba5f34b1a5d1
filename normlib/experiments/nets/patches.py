"""A small CNN over patches of the image; with one patch it is an MLP."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norms import for_images

HIDDEN = {1: 64, 2: 32, 4: 16}  # channels, by `side`


class PatchNet(nn.Module):
    """Cut 8×8 into side² patches, map each to C numbers, then 3×3.

    `depth` counts hidden layers: a convolution as large as a patch, then
    3×3 convolutions, each followed by its norm and ReLU; at the end a
    linear layer from all positions. With side = 1 the one patch is the
    image, later convolutions see one position, and the net is an MLP.
    W is normal with deviation √(2/D_in); `width` multiplies C. `norm`
    is a technique, or makes a norm from C.
    """

    def __init__(
        self,
        seed: int,
        *,
        side: int,
        norm: str | Callable[[int], nn.Module],
        depth: int = 2,
        width: int = 1,
    ) -> None:
        super().__init__()
        C, patch, kernel = (
            width * HIDDEN[side],
            8 // side,
            min(side, 2) * 2 - 1,
        )
        g = torch.Generator().manual_seed(seed)
        shapes = [(1, patch, patch, 0)]  # channels, kernel, stride, padding
        shapes += [(C, kernel, 1, kernel // 2)] * (depth - 1)
        bias = norm in ("none", "rms")  # the others have a β
        self.conv = nn.ModuleList(
            convolution(g, d, C, *shape, bias=bias) for d, *shape in shapes
        )
        self.norm = nn.ModuleList(
            norm(C) if callable(norm) else for_images(norm, C, side)
            for _ in range(depth)
        )
        W = torch.randn(side * side, C, 10, generator=g)
        W = W.permute(2, 1, 0).flatten(1) * math.sqrt(2 / (side * side * C))
        self.output = nn.Linear(side * side * C, 10, bias=False)
        self.output.weight = nn.Parameter(W)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, 64) to logits (B, 10)."""
        h = x.view(-1, 1, 8, 8)
        for conv, norm in zip(self.conv, self.norm, strict=True):
            h = F.relu(norm(conv(h)))
        return self.output(h.flatten(1))


def convolution(
    g: torch.Generator,
    d_in: int,
    d_out: int,
    k: int,
    stride: int,
    padding: int,
    *,
    bias: bool,
) -> nn.Conv2d:
    """Return a k×k convolution: W of deviation √(2/(k² D_in)), b = 0."""
    conv = nn.Conv2d(d_in, d_out, k, stride, padding, bias=bias)
    n = d_in * k * k
    W = torch.randn(n, d_out, generator=g) * math.sqrt(2 / n)
    W = W.T.reshape(d_out, d_in, k, k).contiguous()
    conv.weight = nn.Parameter(W)
    if bias:
        nn.init.zeros_(conv.bias)
    return conv
