"""The MLP beside ConvNet: the same blocks, with linear layers."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norms import for_vectors


class DenseNet(nn.Module):
    """Map images (B, …) of D_in pixels to logits (B, classes).

    h ← ReLU(norm(W x)), `width` wide; then `blocks` blocks of two layers,

        h ← ReLU(h + norm(W ReLU(norm(W h)))),

    and a linear layer. The depth is 2 + 2 · `blocks`. W is normal with
    deviation √(2/D_in). `norm` is a technique, or makes a norm from the
    width. Only where it does not centre is there a bias.
    """

    def __init__(
        self,
        seed: int,
        *,
        norm: str | Callable[[int], nn.Module],
        pixels: int,
        width: int = 64,
        blocks: int = 1,
        classes: int = 62,
    ) -> None:
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        bias = norm in ("none", "rms")
        sizes = [pixels] + [width] * (1 + 2 * blocks)
        self.linear = nn.ModuleList(
            _linear(g, d_in, width, bias) for d_in in sizes[:-1]
        )
        self.norm = nn.ModuleList(
            norm(width) if callable(norm) else for_vectors(norm, width)
            for _ in sizes[1:]
        )
        self.output = _linear(g, width, classes, False)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, …) to logits (B, classes)."""
        first, *layers = map(nn.Sequential, self.linear, self.norm)
        h = F.relu(first(x.flatten(1)))
        for one, two in zip(layers[::2], layers[1::2], strict=True):
            h = F.relu(h + two(F.relu(one(h))))
        return self.output(h)


def _linear(
    g: torch.Generator, d_in: int, d_out: int, bias: bool
) -> nn.Linear:
    layer = nn.Linear(d_in, d_out, bias=bias)
    W = torch.randn(d_in, d_out, generator=g) * math.sqrt(2 / d_in)
    layer.weight = nn.Parameter(W.T.contiguous())
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def shrink_branches(net: nn.Module) -> nn.Module:
    """Begin with residual branches 1/√B as large, B of them.

    By γ of a branch's last norm; where there is no norm, by its weights.
    Without it h grows with each branch, and what suits one norm's depth
    need not suit another's.
    """
    layers = net.linear if hasattr(net, "linear") else net.conv
    B = len(layers) // 2
    with torch.no_grad():
        for layer, norm in zip(layers[2::2], net.norm[2::2], strict=True):
            last = norm if hasattr(norm, "weight") else layer
            last.weight.mul_(B**-0.5)
    return net
