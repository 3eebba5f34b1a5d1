"""A multilayer perceptron, with or without norms and skips."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norms import for_vectors

ACTIVATIONS = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": F.sigmoid,
    "linear": lambda z: z,
}


class MLP(nn.Module):
    """h ← act(norm(W h + b)), `depth` times; then W h + b to 10 logits.

    With `skip`, from the second hidden layer on, h ← h + act(…).
    init "default" is nn.Linear's, W and b uniform within ±1/√D_in;
    "scaled" is W normal with deviation √(2/D_in) for ReLU (He et al.)
    and √(1/D_in) otherwise (LeCun et al.), b = 0. `gain` multiplies all
    weights, the output layer's only with `gain_output`. `norm` is a
    technique, or makes a norm from D.
    """

    def __init__(
        self,
        seed: int,
        *,
        norm: str | Callable[[int], nn.Module],
        depth: int,
        width: int,
        act: str = "relu",
        init: str = "scaled",
        skip: bool = False,
        gain: float = 1.0,
        gain_output: bool = True,
    ) -> None:
        super().__init__()
        self.act, self.skip = ACTIVATIONS[act], skip
        g = torch.Generator().manual_seed(seed)
        sizes = [64] + [width] * depth
        self.linear = nn.ModuleList(
            _linear(g, init, act, d, width, gain) for d in sizes[:-1]
        )
        self.norm = nn.ModuleList(
            norm(width) if callable(norm) else for_vectors(norm, width)
            for _ in range(depth)
        )
        gain = gain if gain_output else 1.0
        self.output = _linear(g, init, act, sizes[-1], 10, gain)

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Return the output of every hidden layer, (B, width) each."""
        h, out = x, []
        for linear, norm in zip(self.linear, self.norm, strict=True):
            new = self.act(norm(linear(h)))
            h = h + new if self.skip and out else new
            out.append(h)
        return out

    def forward(self, x: Tensor, every: bool = False) -> Any:
        """Return logits (B, 10); with `every` (logits, hidden)."""
        hidden = self.hidden(x)
        logits = self.output(hidden[-1])
        return (logits, hidden) if every else logits


def _linear(
    g: torch.Generator,
    init: str,
    act: str,
    d_in: int,
    d_out: int,
    gain: float,
) -> nn.Linear:
    layer = nn.Linear(d_in, d_out)
    bound = 1 / math.sqrt(d_in)
    if init == "default":
        W = torch.rand(d_in, d_out, generator=g) * 2 * bound - bound
        b = torch.rand(d_out, generator=g) * 2 * bound - bound
    else:
        scale = math.sqrt((2 if act == "relu" else 1) / d_in)
        W = torch.randn(d_in, d_out, generator=g) * scale
        b = torch.zeros(d_out)
    layer.weight = nn.Parameter((gain * W).T.contiguous())
    layer.bias = nn.Parameter(b)
    return layer
