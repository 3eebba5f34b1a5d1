"""Noise after a norm: one draw a channel and step, alike for all samples.

The idea is that of Santurkar et al. (2018), who draw for each sample too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ... import layers
from .ensemble import Ensemble
from .norms import for_vectors


class Noise(nn.Module):
    """y ← eᵃ y + b in training; a and b (C,) are the same for a batch."""

    def __init__(self, C: int) -> None:
        super().__init__()
        self.register_buffer("a", torch.zeros(C))
        self.register_buffer("b", torch.zeros(C))

    def forward(self, y: Tensor) -> Tensor:
        """Scale and shift (B, C); evaluation is without noise."""
        return y * self.a.exp() + self.b if self.training else y


def noisy(technique: str, C: int) -> nn.Sequential:
    """Return a norm followed by noise.

    BatchNorm takes the statistics of what it is given, always.
    """
    if technique == "batch":
        norm = layers.BatchNorm1d(C, track_running_stats=False)
    else:
        norm = for_vectors(technique, C)
    return nn.Sequential(norm, Noise(C))


def redraw(nets: Ensemble, size: float, draw: torch.Generator) -> None:
    """Draw a and b of all layers and members, with deviation `size`."""
    for name, a in nets.buffers.items():
        if name.endswith(".a") and size:
            b = nets.buffers[name[:-1] + "b"]
            new = size * torch.randn((2, *a.shape), generator=draw)
            a.copy_(new[0])
            b.copy_(new[1])
