"""Train Transformers on text, many at once, and test them in bits.

A member reads the files that its seed puts into the training part, and
is tested on files that it never saw.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...data.text import crops, sources
from ..protocol import Config, Rows, seeds
from .ensemble import Ensemble, Make
from .training import by_member, for_all

CHANCE = 7.0  # bits a byte where nothing is known of 128: log2(128)
BETAS = (0.9, 0.99)  # of Adam
EPS = 1e-8


def sweep(
    config: Config,
    make: Make,
    device: str,
    also: Callable[[Ensemble, Config], dict[str, Tensor]] | None = None,
) -> Rows:
    """Train a net for every learning rate and seed, all at once.

    A row has the bits per byte on files for choosing and for the test,
    and the columns (E,) that `also` finds in the trained nets.
    """
    members = list(product(config["rates"], seeds(config)))
    rates, every_seed = map(list, zip(*members, strict=True))
    nets = Ensemble(make, every_seed, device)
    train(nets, config, rates)
    val, tested = (test(nets, part, config) for part in ("val", "test"))
    more = also(nets, config) if also else {}
    rows = by_member(nets, val_bits=val, test_bits=tested, **more)
    return [r | {"rate": x} for r, x in zip(rows, rates, strict=True)]


def bits(logits: Tensor, y: Tensor) -> Tensor:
    """Return the mean of −log2 p(y), a member each: (E,).

    logits (E, B, T, 128), y (E, B, T).
    """
    found = F.cross_entropy(
        logits.flatten(0, -2), y.flatten(), reduction="none"
    )
    return found.view(len(logits), -1).mean(-1) / math.log(2)


def batch(
    texts: Sequence[Tensor], draws: Sequence, config: Config, device: Any
) -> tuple[Tensor, Tensor]:
    """Cut a batch for each seed: x and y, (S, B, T) each."""
    size = config["batch"], config["length"]
    pieces = torch.stack([
        crops(text, *size, draw)
        for text, draw in zip(texts, draws, strict=True)
    ])  # fmt: skip
    pieces = pieces.to(device)
    return pieces[..., :-1], pieces[..., 1:]


def train(nets: Ensemble, config: Config, rates: Sequence[float]) -> None:
    """Train by Adam at rates (E,), members of a seed on the same crops.

    The rate rises linearly over the share `warmup` of the steps and then
    falls linearly to 0.
    """
    own = list(dict.fromkeys(nets.seeds))
    texts = [sources(seed).train for seed in own]
    draws = [torch.Generator().manual_seed(10_000 + s) for s in own]
    parameters = list(nets.parameters.values())
    first, second = (
        [torch.zeros_like(p) for p in parameters] for _ in "mv"
    )
    device, steps = parameters[0].device, config["steps"]
    lr = torch.tensor(rates, device=device)
    for step in range(1, steps + 1):
        x, y = batch(texts, draws, config, device)
        loss = bits(nets(x), nets.spread(y)).sum()
        grads = torch.autograd.grad(loss, parameters)
        rate = lr * schedule(step, steps, config["warmup"])
        with torch.no_grad():
            for p, m, v, g in zip(
                parameters, first, second, grads, strict=True
            ):
                adam(p, m, v, g, rate, step)


def schedule(step: int, steps: int, warmup: float) -> float:
    """Return the share of the rate at a step: up over `warmup`, down."""
    rise = warmup * steps
    if step < rise:
        return step / rise
    return (steps - step + 1) / (steps - max(rise, 1) + 1)


def adam(
    p: Tensor, m: Tensor, v: Tensor, g: Tensor, rate: Tensor, step: int
) -> None:
    """Do one step of Adam (Kingma and Ba 2015) on a stack (E, …)."""
    m.lerp_(g, 1 - BETAS[0])
    v.lerp_(g * g, 1 - BETAS[1])
    m_hat, v_hat = (
        z / (1 - beta**step) for z, beta in zip((m, v), BETAS, strict=True)
    )
    p.sub_(for_all(rate, p) * m_hat / (v_hat.sqrt() + EPS))


@torch.no_grad()
def test(nets: Ensemble, part: str, config: Config) -> Tensor:
    """Return bits per byte (E,) on crops of a part; 7 where not finite.

    The same crops for all members of a seed; a byte has 0 to T − 1
    before it.
    """
    found = [
        bits(nets(x, training=False), nets.spread(y))
        for x, y in unseen(nets, part, config)
    ]
    mean = torch.stack(found).mean(0)
    lost = torch.full_like(mean, CHANCE)
    return torch.where(mean.isfinite(), mean.clamp(max=CHANCE), lost)


def table(nets: Ensemble, part: str, config: Config) -> Tensor:
    """Return the bits (E,) of one who knows each byte's frequency in the
    training files (plus one), and nothing else; on the crops of `test`.
    """
    own = list(dict.fromkeys(nets.seeds))
    counts = torch.stack([
        torch.bincount(sources(seed).train.long(), minlength=128) + 1
        for seed in own
    ])  # fmt: skip
    cost = -(counts / counts.sum(1, keepdim=True)).log2()
    found = torch.stack([
        cost.gather(1, y.cpu().flatten(1)).mean(1)
        for _, y in unseen(nets, part, config)
    ]).mean(0)  # fmt: skip
    return torch.stack([found[own.index(s)] for s in nets.seeds])


def unseen(
    nets: Ensemble, part: str, config: Config
) -> Iterator[tuple[Tensor, Tensor]]:
    """Cut `tested` batches from files that are not trained on."""
    own = list(dict.fromkeys(nets.seeds))
    texts = [getattr(sources(seed), part) for seed in own]
    draws = [torch.Generator().manual_seed(20_000 + s) for s in own]
    device = next(iter(nets.parameters.values())).device
    for _ in range(config["tested"]):
        yield batch(texts, draws, config, device)
