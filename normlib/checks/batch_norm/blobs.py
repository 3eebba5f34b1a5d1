"""A small data set and a small net for the programs with a bug."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def points(seed: int, n: int) -> tuple[Tensor, Tensor]:
    """Draw n points of 3 classes in 4 dimensions, far from zero."""
    draw = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % 3
    centres = torch.tensor([[3.0, 1, 2, 4], [4, 3, 1, 2], [1, 4, 3, 3]])
    return 3 * centres[y] + 2 * torch.randn(n, 4, generator=draw), y


def small_net(seed: int) -> nn.Module:
    """Make a small net with two batch norms; the global seed stays."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for inputs in (4, 16):
            layers += [nn.Linear(inputs, 16), nn.BatchNorm1d(16), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(16, 3))


@cache
def trained_net(seed: int) -> nn.Module:
    """Train the small net for 60 steps."""
    model, (x, y) = small_net(seed), points(seed, 120)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(60):
        rows = slice(20 * (step % 6), 20 * (step % 6) + 20)
        optimizer.zero_grad()
        cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()
    return model


def share_correct(classes: Tensor, y: Tensor) -> float:
    """Return how many of the classes are right, from 0 to 1."""
    return (classes == y).double().mean().item()
