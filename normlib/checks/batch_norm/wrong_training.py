"""A wrong predict and a wrong train; each mistake is a switch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

STILL_TRAINING = {"eval-forgotten", "momentum-zero", "tracking-off"}
STILL_TRAINING |= {"statistics-put-back"}


def predicting(on: frozenset[str]) -> Callable:
    """Return a predict that makes the mistakes `on`."""

    def predict(model: nn.Module, x: Tensor) -> Tensor:
        before = model.training
        norms = [b for b in model.modules() if hasattr(b, "momentum")]
        kept = deepcopy(model.state_dict())
        if not on & STILL_TRAINING:
            for part in norms if "norms-left" in on else [model]:
                part.eval()
        for norm in norms:
            if "momentum-zero" in on:
                norm.momentum = 0.0
            if "tracking-off" in on:
                norm.track_running_stats = False
            if "statistics-reset" in on:
                norm.reset_running_stats()
        with torch.no_grad():
            classes = model(x).argmax(dim=1)
        if "statistics-put-back" in on:
            model.load_state_dict(kept)
        if "parameters-frozen" in on:
            model.requires_grad_(False)
        if "mode-forced" in on:
            model.train()
        elif not on & {"mode-left", "norms-left"}:
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
    ) -> nn.Module | None:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        if "train-lost" in on:
            model.train()
        for _ in range(epochs):
            if not on & {"train-lost", "train-never", "train-after"}:
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
            if not on & {"validation-dropped", "validated-once"}:
                validate(model)
            if "train-after" in on:
                model.train()
        if "validated-once" in on:
            validate(model)
        return None if "nothing-returned" in on else model

    return train
