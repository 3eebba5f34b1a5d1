"""A wrong predict and a wrong train; each mistake is a switch."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def predicting(on: frozenset[str]) -> Callable:
    """Return a predict that makes the mistakes `on`."""

    def predict(model: nn.Module, x: Tensor) -> Tensor:
        before = model.training
        norms = [b for b in model.modules() if hasattr(b, "momentum")]
        if "eval-forgotten" not in on and "momentum-zero" not in on:
            model.eval()
        for norm in norms:
            if "momentum-zero" in on:
                norm.momentum = 0.0
            if "statistics-reset" in on:
                norm.reset_running_stats()
        with torch.no_grad():
            classes = model(x).argmax(dim=1)
        if "mode-forced" in on:
            model.train()
        elif "mode-left" not in on:
            model.train(before)
        return classes

    return predict


def training(on: frozenset[str]) -> Callable:
    """Return a train that makes the mistakes `on`."""

    def train(
        model: nn.Module,
        epochs: int,
        batches: Iterable[tuple[Tensor, Tensor]],
        validate: Callable[[nn.Module], float],
    ) -> nn.Module:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        if "train-lost" in on:
            model.train()
        for _ in range(epochs):
            if "train-lost" not in on and "train-never" not in on:
                model.train()
            for x, y in batches:
                if "gradients-piled-up" not in on:
                    optimizer.zero_grad()
                loss = cross_entropy(model(x), y)
                if "step-first" in on:
                    optimizer.step()
                loss.backward()
                if "step-first" not in on:
                    optimizer.step()
            if "validation-dropped" not in on:
                validate(model)
        return model

    return train
