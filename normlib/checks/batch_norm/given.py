"""Two functions with a bug each: what the debugging exercises show."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return a class for each row of x."""
    with torch.no_grad():
        return model(x).argmax(dim=1)


def train(
    model: nn.Module,
    epochs: int,
    batches: Iterable[tuple[Tensor, Tensor]],
    validate: Callable[[nn.Module], float],
) -> nn.Module:
    """Train; `validate` calls model.eval() and measures accuracy."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.step()
        validate(model)
    return model
