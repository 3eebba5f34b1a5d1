"""A small net that gives every move of a state a value."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .mlp import _linear
from .norms import for_vectors


class ValueNet(nn.Module):
    """h ← relu(norm(W h + b)), `depth` times; then W h + b, a value a move.

    W is normal with deviation √(2/D_in), b = 0, the output's W a tenth
    of that, so that first values are small.
    """

    def __init__(
        self, seed: int, *, norm: str, inputs: int, moves: int, depth: int,
        width: int,
    ) -> None:  # fmt: skip
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        sizes = [inputs] + [width] * depth
        self.linear = nn.ModuleList(
            _linear(g, "scaled", "relu", a, b, 1.0)
            for a, b in pairwise(sizes)
        )
        self.norm = nn.ModuleList(
            for_vectors(norm, width) for _ in range(depth)
        )
        self.output = _linear(g, "scaled", "relu", width, moves, 0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the values (B, moves) of states (B, inputs)."""
        for linear, norm in zip(self.linear, self.norm, strict=True):
            x = F.relu(norm(linear(x)))
        return self.output(x)
