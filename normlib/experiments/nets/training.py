"""One way to train, one way to sweep the learning rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...data import Split, digits
from ..protocol import Config, Rows, seeds
from .ensemble import Ensemble, Make, State

DIVERGED = 90.0  # per cent error of a net that is not finite, or chance
PIECE = 80_000  # numbers of a member's input that are tested at once
Curve = list[tuple[int, Tensor]]
Column = Callable[[Ensemble, Split], Tensor]  # (E,)
Source = Callable[[int], Split]
Watch = Callable[[int, Ensemble, Split], None]


def splits(
    seeds: Sequence[int], device: str = "cpu", source: Source = digits
) -> Split:
    """Stack one split a seed: inputs (S, n, …) of S distinct seeds."""
    distinct = dict.fromkeys(seeds)
    parts = zip(*(source(seed) for seed in distinct), strict=True)
    return Split(*(torch.stack(part).to(device) for part in parts))


def losses(logits: Tensor, y: Tensor) -> Tensor:
    """Return the sum over members of each one's mean loss.

    Its gradient is, for every member, that of its own loss.
    """
    return F.cross_entropy(logits.flatten(0, 1), y.flatten()) * len(y)


def gradients(
    nets: Ensemble, parameters: State, x: Tensor, y: Tensor
) -> State:
    """Return the gradients of each member's loss at `parameters`."""
    leaves = {k: p.detach().requires_grad_() for k, p in parameters.items()}
    loss = losses(nets(x, parameters=leaves), y)
    found = torch.autograd.grad(loss, list(leaves.values()))
    return dict(zip(leaves, found, strict=True))


def train(
    nets: Ensemble,
    data: Split,
    config: Config,
    *,
    rates: Sequence[float],
    momentum: float = 0.9,
    decay: bool = False,
    every: int = 10,
    watch: Watch | None = None,
) -> Curve:
    """Train by SGD with momentum at rates (E,), constant over the run.

    `config` holds the number of "steps" and the size of a "batch". With
    `decay` the rates fall linearly to 0. Members with the same seed see
    the same batches. Returns (step, validation error (E,) in per cent)
    every `every` steps and at the end; `watch(step, nets, data)` is
    called after every step, and with 0 before the first.
    """
    n, steps = data.train_y.shape[1], config["steps"]
    draws = [torch.Generator().manual_seed(10_000 + s) for s in nets.seeds]
    parameters = list(nets.parameters.values())
    velocity = [torch.zeros_like(p) for p in parameters]
    lr = torch.tensor(rates, device=data.train_x.device)
    row = nets.rows.view(-1, 1)
    curve: Curve = []
    if watch:
        watch(0, nets, data)
    for step in range(1, steps + 1):
        rows = [
            torch.randint(n, (config["batch"],), generator=g) for g in draws
        ]
        pick = torch.stack(rows)
        x, y = data.train_x[row, pick], data.train_y[row, pick]
        grads = torch.autograd.grad(losses(nets(x), y), parameters)
        rate = lr * (1 - (step - 1) / steps) if decay else lr
        with torch.no_grad():
            for p, v, g in zip(parameters, velocity, grads, strict=True):
                v.mul_(momentum).add_(g)
                p.sub_(for_all(rate, p) * v)
        if watch:
            watch(step, nets, data)
        if step % every == 0 or step == steps:
            curve.append((step, error(nets, data.val_x, data.val_y)))
    return curve


def for_all(rate: Tensor, p: Tensor) -> Tensor:
    """Give a rate (E,) the axes of a stacked parameter (E, …)."""
    return rate.view(-1, *(1,) * (p.ndim - 1))


@torch.no_grad()
def predict(nets: Ensemble, x: Tensor, *, batch: int = 0) -> Tensor:
    """Return the logits (E, n, 10) with the running statistics.

    With `batch` BatchNorm takes the statistics of batches this large
    from x itself, as in training, and remembers none of them.
    """
    if not batch:
        return nets(x, training=False)
    with nets.remembering():
        return torch.cat([nets(part) for part in x.split(batch, 1)], 1)


def error(
    nets: Ensemble, x: Tensor, y: Tensor, *, batch: int = 0
) -> Tensor:
    """Return the error (E,) in per cent; a diverged member counts 90 %.

    Or chance, where that is more. x and y (S, n, …) are looked at in
    pieces, in whole batches.
    """
    parts = [predict(nets, p, batch=batch) for p in pieces(x, batch or 1)]
    logits = torch.cat(parts, 1)
    wrong = (logits.argmax(-1) != nets.spread(y)).float().mean(-1) * 100
    finite = torch.isfinite(logits).all(-1).all(-1)
    lost = max(DIVERGED, 100 - 100 / logits.shape[-1])
    return torch.where(finite, wrong, torch.full_like(wrong, lost))


def pieces(x: Tensor, batch: int = 1) -> tuple[Tensor, ...]:
    """Cut x (S, n, …) into whole batches of PIECE numbers at most."""
    at_once = max(PIECE // x[0, 0].numel() // batch, 1) * batch
    return x.split(at_once, 1)


def train_error(nets: Ensemble, data: Split) -> Tensor:
    """Return the error (E,) on the training images and their labels."""
    return error(nets, data.train_x, data.train_y)


@torch.no_grad()
def precise_error(nets: Ensemble, data: Split) -> Tensor:
    """Return the test error (E,) with the statistics of all of training.

    PreciseBN: one batch of all images, plain BatchNorm, momentum 1; the
    mean over large pieces, where they are many. The running statistics
    stay so.
    """
    for k, part in enumerate(pieces(data.train_x), 1):
        with nets.options(momentum=1 / k, n=0, bound=0.0):
            nets(part)
    return error(nets, data.test_x, data.test_y)


def sweep(
    config: Config,
    make: Make,
    device: str,
    *,
    source: Source = digits,
    columns: Sequence[Column] = (train_error,),
    prepare: Callable[[Split, list[int]], Split] | None = None,
    trained: float = 10.0,
    **training: Any,
) -> Rows:
    """Train a net for every learning rate and seed, all at once.

    A row has the final errors in per cent and "trained_at", the step at
    which the validation error first came down to `trained` per cent
    (None if never); `columns` adds others, under their functions' names.
    `source` makes a seed's data, which its members share, `prepare`
    changes them first, `training` goes to `train`.
    """
    members = list(product(config["rates"], seeds(config)))
    rates, every_seed = map(list, zip(*members, strict=True))
    nets = Ensemble(make, every_seed, device)
    data = splits(every_seed, device, source)
    if prepare:
        data = prepare(data, seeds(config))
    curve = train(nets, data, config, rates=rates, **training)
    rows = by_member(
        nets, rate=torch.tensor(rates, dtype=torch.float64),
        val_error=curve[-1][1],
        test_error=error(nets, data.test_x, data.test_y),
        **{column.__name__: column(nets, data) for column in columns},
    )  # fmt: skip
    for e, row in enumerate(rows):
        at = [step for step, err in curve if err[e] <= trained]
        row["trained_at"] = at[0] if at else None
    return rows


def by_member(nets: Ensemble, **columns: Any) -> Rows:
    """Return a row a member: its seed, and columns (E,) or constant."""
    rows = []
    for e, seed in enumerate(nets.seeds):
        row = {"seed": seed}
        for name, value in columns.items():
            own = isinstance(value, Tensor)
            row[name] = round(value[e].item(), 3) if own else value
        rows.append(row)
    return rows


def train_at(
    config: Config, make: Make, device: str, rate: float, **training: Any
) -> tuple[Ensemble, Split]:
    """Train all seeds of a configuration by plain SGD at one rate."""
    nets = Ensemble(make, seeds(config), device)
    data, rates = splits(nets.seeds, device), [rate] * len(nets)
    training |= {"rates": rates, "momentum": 0.0, "every": config["steps"]}
    train(nets, data, config, **training)
    return nets, data
