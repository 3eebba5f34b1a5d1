"""A small net with BatchNorm, and a training loop that can forget.

Not a trial: the page switches the modes by hand and looks.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from ...data import Split, digits


def make(seed: int = 0) -> nn.Sequential:
    """Return an MLP of two hidden layers in float64, untrained."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for _ in range(2):
            layers += [nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(64, 10)).double()


def data(seed: int = 0) -> Split:
    """Return the digits with inputs in float64."""
    parts = digits(seed)
    return Split(
        *(p.double() if p.is_floating_point() else p for p in parts)
    )


def train(
    net: nn.Sequential,
    data: Split,
    *,
    epochs: int,
    rate: float = 0.3,
    forget: bool = False,
) -> list[float]:
    """Train by SGD; return the validation error (%) of each epoch.

    With `forget` nothing leads back to training after a validation.
    """
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    draw = torch.Generator().manual_seed(0)
    errors = []
    net.train()
    for _ in range(epochs):
        if not forget:
            net.train()
        order = torch.randperm(len(data.train_x), generator=draw)
        for rows in order.split(60):
            optimizer.zero_grad()
            logits = net(data.train_x[rows])
            cross_entropy(logits, data.train_y[rows]).backward()
            optimizer.step()
        net.eval()
        errors.append(error(net, data.val_x, data.val_y))
    return errors


@torch.no_grad()
def error(
    net: nn.Module, x: torch.Tensor, y: torch.Tensor, batch: int = 300
) -> float:
    """Return the error (%), in the net's mode, `batch` rows at a time."""
    classes = [net(part).argmax(1) for part in x.split(batch)]
    return (torch.cat(classes) != y).double().mean().item() * 100
