"""The copy task: read symbols, then write them down in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from ..protocol import Config, Rows, seeds
from .ensemble import Ensemble, Make
from .training import by_member, for_all

LOST = 9.0  # nats: the loss of a net that is no longer finite
SIZE = 64  # sequences of validation; of the test four times as many
ROUNDING = 1e-6  # of float32: nothing is told below it
Sequences = tuple[Tensor, Tensor]  # tokens and targets, (S, B, T)


def draw(
    g: torch.Generator, B: int, symbols: int, lengths: Sequence[int]
) -> Sequences:
    """Draw B sequences (B, T) of `lengths` from … to, padded to T.

    n symbols are read, then n blanks, while they are to be written; what
    follows is padding. The target is −1 where nothing is asked.
    """
    low, high = lengths
    n = torch.randint(low, high + 1, (B, 1), generator=g)
    s = torch.randint(symbols, (B, 2 * high), generator=g)
    t = torch.arange(2 * high)
    blank, pad = symbols, symbols + 1
    x = torch.where(t < n, s, torch.where(t < 2 * n, blank, pad))
    y = s.gather(1, (t - n).clamp(min=0))
    return x, torch.where((t >= n) & (t < 2 * n), y, -1)


def each(
    draws: list[torch.Generator], device: str, *what: object
) -> Sequences:
    """Draw sequences for every seed: (S, B, T)."""
    x, y = zip(*(draw(g, *what) for g in draws), strict=True)
    return torch.stack(x).to(device), torch.stack(y).to(device)


def losses(logits: Tensor, y: Tensor) -> Tensor:
    """Return each member's mean loss (E,) over what is asked."""
    each = F.cross_entropy(
        logits.flatten(0, 2), y.flatten(), ignore_index=-1,
        reduction="none",
    ).view(y.shape)  # fmt: skip
    return each.sum((1, 2)) / (y >= 0).sum((1, 2))


@torch.no_grad()
def tested(nets: Ensemble, data: Sequences) -> tuple[Tensor, Tensor]:
    """Return the error (E,) in per cent of symbols, and log10 loss."""
    logits, y = nets(data[0], training=False), nets.spread(data[1])
    wrong = (logits.argmax(-1) != y) & (y >= 0)
    error = 100 * wrong.sum((1, 2)) / (y >= 0).sum((1, 2))
    loss = losses(logits, y).nan_to_num(LOST, LOST).clamp(max=LOST)
    lost = ~logits.isfinite().flatten(1).all(1)
    return error.masked_fill(lost, 100.0), loss.log10()


@torch.no_grad()
def moved(
    nets: Ensemble, draws: list[torch.Generator], device: str, symbols: int,
    lengths: Sequence[int],
) -> dict[str, Tensor]:  # fmt: skip
    """Say what moves logits (E,): log10 of |Δ logit| / (1 + |logit|).

    The largest, of 8 short sequences at their own steps, against these
    alone: among 8 long ones, "mates" with padding behind, "front" with
    padding in front. In training, where BatchNorm takes its statistics
    from what it is given.
    """
    low, high = lengths
    short, long = (
        each(draws, device, 8, symbols, (n, n))[0] for n in lengths
    )
    more, pad = 2 * (high - low), symbols + 1
    behind = F.pad(short, (0, more), value=pad)
    front = F.pad(short, (more, 0), value=pad)
    with nets.remembering():
        alone = nets(short)
        seen = {
            "mates": nets(torch.cat([behind, long], 1))[:, :8, : 2 * low],
            "front": nets(torch.cat([front, long], 1))[:, :8, more:],
        }
    size = 1 + alone.abs()
    off = {k: (x - alone).abs() / size for k, x in seen.items()}
    return {
        k: x.flatten(1).amax(1).nan_to_num(LOST).clamp(min=ROUNDING).log10()
        for k, x in off.items()
    }


def adam(nets: Ensemble, clip: float = 1.0) -> Callable[..., None]:
    """Return a step of Adam: k, the losses' sum, rates (E,).

    A member's gradient is cut to length `clip`.
    """
    own = list(nets.parameters.values())
    m, v = ([torch.zeros_like(p) for p in own] for _ in range(2))

    def step(k: int, loss: Tensor, rates: Tensor) -> None:
        grads = torch.autograd.grad(loss, own)
        length = sum(g.flatten(1).square().sum(1) for g in grads).sqrt()
        cut = (clip / length).clamp(max=1.0)
        with torch.no_grad():
            for p, g, a, b in zip(own, grads, m, v, strict=True):
                g = g * for_all(cut, g)
                a.lerp_(g, 0.1)
                b.lerp_(g * g, 0.001)
                a_hat, b_hat = a / (1 - 0.9**k), b / (1 - 0.999**k)
                p.sub_(for_all(rates, p) * a_hat / (b_hat.sqrt() + 1e-8))

    return step


def race(
    config: Config, make: Make, lengths: Sequence[int], steps: int,
    device: str, *, decay: bool,
) -> Rows:  # fmt: skip
    """Train a net for every rate and seed on new sequences a step.

    "trained_at" is the step at which `target` per cent of the symbols or
    fewer are wrong in validation, None if never. With `decay` the rates
    fall linearly to 0. Losses are told as log10.
    """
    members = list(product(config["rates"], seeds(config)))
    at, every_seed = map(list, zip(*members, strict=True))
    nets = Ensemble(make, every_seed, device)
    rates = torch.tensor(at, device=device)
    draws, tests = (
        [torch.Generator().manual_seed(k + s) for s in seeds(config)]
        for k in (10_000, 20_000)
    )
    A, first = config["kinds"], [0] * len(nets)
    val = each(tests, device, SIZE, A, lengths)
    update = adam(nets)
    for k in range(1, steps + 1):
        x, y = each(draws, device, config["batch"], A, lengths)
        share = 1 - (k - 1) / steps if decay else 1.0
        update(
            k,
            losses(nets(x), nets.spread(y)).sum(),
            share * rates.to(device),
        )
        if k % (steps // config["looks"]) == 0:
            right = tested(nets, val)[0] <= config["target"]
            first = [
                f or k * r.item() for f, r in zip(first, right, strict=True)
            ]
    columns = {"val_loss": tested(nets, val)[1]}
    error, loss = tested(nets, each(tests, device, 4 * SIZE, A, lengths))
    columns |= {"test_error": error, "test_loss": loss}
    if lengths[0] < lengths[1]:
        longer = (lengths[1] + 2,) * 2
        far = each(tests, device, SIZE, A, longer)
        columns["longer_error"] = tested(nets, far)[0]
        columns |= moved(nets, tests, device, A, lengths)
    rows = by_member(nets, rate=rates.double(), **columns)
    for row, step in zip(rows, first, strict=True):
        row["trained_at"] = step or None
    return rows
