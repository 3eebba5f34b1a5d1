"""Noise after a norm: a draw a channel and step, or one a sample too.

The idea is that of Santurkar et al. (2018), who draw for each sample
around the channel's.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ... import layers
from .ensemble import Ensemble
from .norms import for_vectors


class Noise(nn.Module):
    """y ← eᵃ y + b in training, with a and b (rows, C).

    One row is for a whole batch; with more, sample i has row i mod rows.
    """

    def __init__(self, C: int, rows: int = 1) -> None:
        super().__init__()
        self.register_buffer("a", torch.zeros(rows, C))
        self.register_buffer("b", torch.zeros(rows, C))

    def forward(self, y: Tensor) -> Tensor:
        """Scale and shift (B, C); evaluation is without noise."""
        if not self.training:
            return y
        parts = y.unflatten(0, (-1, len(self.a)))
        return (parts * self.a.exp() + self.b).flatten(0, 1)


def noisy(technique: str, C: int, *, rows: int = 1) -> nn.Sequential:
    """Return a norm followed by noise.

    BatchNorm takes the statistics of what it is given, always.
    """
    if technique == "batch":
        norm = layers.BatchNorm1d(C, track_running_stats=False)
    else:
        norm = for_vectors(technique, C)
    return nn.Sequential(norm, Noise(C, rows))


def generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """Return what draws the noise: one for every distinct seed."""
    distinct = dict.fromkeys(seeds)
    return [torch.Generator().manual_seed(20_000 + s) for s in distinct]


def redraw(
    nets: Ensemble,
    size: float,
    draws: Sequence[torch.Generator],
    *,
    each: float = 0.0,
) -> None:
    """Draw a and b of all layers, with deviation `size`.

    A channel has its own; each sample's lie around it, with `each` times
    that deviation. Every seed has its generator, so that its noise
    depends on no other's; members of one seed share it.
    """
    for name, a in nets.buffers.items():
        if not (name.endswith(".a") and size):
            continue
        _, rows, C = a.shape
        for k, draw in enumerate(draws):
            new = torch.randn((2, 1, C), generator=draw)
            if each:
                own = torch.randn((2, rows, C), generator=draw)
                new = new + each * own
            members = nets.rows == k
            a[members] = size * new[0].to(a)
            nets.buffers[name[:-1] + "b"][members] = size * new[1].to(a)
