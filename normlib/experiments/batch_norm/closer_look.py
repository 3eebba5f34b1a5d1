"""A closer look at two numbers of the trial `landscape`.

How much the gradients of the layers change when the layers below take
their step, look by look, as Santurkar et al. (2018) count and as the
trial does. And how well a gradient predicts the next one when the noise
after BatchNorm is drawn anew. Not a trial: few seeds, in float64, so that
a page can show it live.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from ...data import digits
from ...table import Table
from ..nets.mlp import MLP
from ..nets.noise import Noise, noisy
from ..nets.probes import layer_of

DEPTH, RATE = 8, 0.1
LOOKS, SEEDS = (3, 10, 30), (0, 1, 2)
State = dict[str, Tensor]
Look = tuple[int, MLP, State, State]


def redraw(net: MLP, size: float, draw: torch.Generator) -> None:
    """Draw the noise of all layers, with deviation `size`."""
    for layer in net.modules():
        if isinstance(layer, Noise):
            for buffer in (layer.a, layer.b):
                new = torch.randn(buffer.shape, generator=draw)
                buffer.copy_(size * new)


def gradients(net: MLP, state: State, x: Tensor, y: Tensor) -> State:
    """Return the gradients of the loss at the parameters `state`."""
    leaves = {k: p.detach().requires_grad_() for k, p in state.items()}
    loss = F.cross_entropy(functional_call(net, leaves, (x.double(),)), y)
    found = torch.autograd.grad(loss, list(leaves.values()))
    return dict(zip(leaves, found, strict=True))


def looks(norm: str, noise: float, seed: int) -> Iterator[Look]:
    """Train by SGD; yield step, net, and its weights before and after."""
    net = MLP(seed, norm=partial(noisy, norm), depth=DEPTH, width=64)
    net, data = net.double(), digits(seed)
    draw = torch.Generator().manual_seed(seed)
    for step in range(1, max(LOOKS) + 1):
        redraw(net, noise, draw)
        pick = torch.randint(len(data.train_y), (64,), generator=draw)
        before = {k: p.detach().clone() for k, p in net.named_parameters()}
        g = gradients(net, before, data.train_x[pick], data.train_y[pick])
        after = {k: p - RATE * g[k] for k, p in before.items()}
        net.load_state_dict(after, strict=False)
        if step in LOOKS:
            yield step, net, before, after


def images(seed: int) -> tuple[Tensor, Tensor]:
    """Return the 256 training images that are looked at, and labels."""
    data = digits(seed)
    return data.train_x[:256], data.train_y[:256]


def change(net: MLP, before: State, after: State, seed: int) -> Tensor:
    """Return log10 of ‖G′ − G‖ and of ‖G′ − G‖/‖G‖, over the layers."""
    old, found = gradients(net, before, *images(seed)), []
    for layer in range(1, DEPTH + 1):
        mixed = {
            k: after[k] if layer_of(k, DEPTH) < layer else p
            for k, p in before.items()
        }
        last = layer == DEPTH
        name = "output.weight" if last else f"linear.{layer}.weight"
        new = gradients(net, mixed, *images(seed))[name]
        length = (new - old[name]).norm()
        found.append(torch.stack([length, length / old[name].norm()]))
    return torch.stack(found).log10().mean(0)


def steadiness() -> Table:
    """Return both counts, without a norm and with BatchNorm, by step."""
    rows: dict[int, list[float]] = {step: [] for step in LOOKS}
    for norm in ("none", "batch"):
        found: dict[int, list[Tensor]] = {step: [] for step in LOOKS}
        for seed in SEEDS:
            for step, net, *weights in looks(norm, 0.0, seed):
                found[step].append(change(net, *weights, seed))
        for step, seeds in found.items():
            rows[step] += (10 ** torch.stack(seeds).mean(0)).tolist()
    cells = [
        (step, *(f"{row[k]:.2f}" for k in (0, 2, 1, 3)))
        for step, row in rows.items()
    ]
    head = ("step", "no norm, theirs", "BatchNorm, theirs")
    return Table((*head, "no norm, ours", "BatchNorm, ours"), cells)


def predictability(rates: Sequence[float] = (0.0, 0.01, 0.1)) -> Table:
    """Return the mean cosine of the gradients before and after a step.

    Both are taken on the same images. The noise is the same, or drawn
    anew for the second, as it would be in training.
    """
    arms = (
        ("no norm", "none", 0.0, False), ("BatchNorm", "batch", 0.0, False),
        ("noise 0.2, the same", "batch", 0.2, False),
        ("noise 0.2, drawn anew", "batch", 0.2, True),
    )  # fmt: skip
    rows = []
    for label, norm, noise, anew in arms:
        found = [
            cosines(net, here, seed, noise, rates, anew)
            for seed in SEEDS
            for _, net, _, here in looks(norm, noise, seed)
        ]
        means = torch.tensor(found).mean(0).tolist()
        rows.append((label, *(f"{mean:.2f}" for mean in means)))
    return Table(("step at rate", *(f"{rate:g}" for rate in rates)), rows)


def cosines(
    net: MLP,
    here: State,
    seed: int,
    noise: float,
    rates: Sequence[float],
    anew: bool,
) -> list[float]:
    """Compare the gradient here with those after steps along it."""
    draw, data = torch.Generator().manual_seed(1), images(seed)
    redraw(net, noise, draw)
    g, found = gradients(net, here, *data), []
    for rate in rates:
        there = {k: p - rate * g[k] for k, p in here.items()}
        if anew:
            redraw(net, noise, draw)
        new = gradients(net, there, *data)
        pair = (flat(state.values()) for state in (g, new))
        found.append(F.cosine_similarity(*pair, dim=0).item())
    return found


def flat(tensors: Iterable[Tensor]) -> Tensor:
    """Join tensors as one vector."""
    return torch.cat([t.flatten() for t in tensors])
