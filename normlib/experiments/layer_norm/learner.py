"""Temporal differences: E nets learn the values of mazes at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor

from ..nets.ensemble import Ensemble
from ..nets.training import for_all
from ..nets.valuenet import ValueNet
from ..protocol import Config, Rows, seeds
from . import maze
from .transitions import Moves, World

CAP = 10.0  # of an error: from here on it is a bound, "that or more"
FOLLOW = 0.01  # of the way to the net, a step: its target net
DECAY = 0.1  # ℓ2, decoupled: of the weights, times the rate, a step
B1, B2, EPS = 0.9, 0.999, 1e-5  # Adam
State = dict[str, Tensor]


def learn(config: Config, device: str, *, task: str, arm: str) -> Rows:
    """Train |rates| × |seeds| nets. `arm` is a norm, ", " and a change.

    A row's "error" is None where it is not finite, or CAP or more.
    """
    members = list(product(config["rates"], seeds(config)))
    rates, every = map(list, zip(*members, strict=True))
    norm, _, change = arm.partition(", ")
    later = 5000 * (change == "other weights")
    shape = {"inputs": maze.WAVES**2 - 1, "moves": maze.MOVES, "depth": 2}
    shape |= {"norm": norm, "width": config["width"]}
    nets = Ensemble(lambda seed: ValueNet(seed + later, **shape), every)
    world = World(task, seeds(config), config["batch"], config["away"])
    train(nets, world, config["steps"], rates, change)
    with torch.no_grad():
        q = nets(world.seen.expand(len(nets), -1, -1), training=False)
    found = world.error(q, nets.rows).tolist()
    return [
        {"seed": seed, "rate": rate, "error": kept(error)}
        for (rate, seed), error in zip(members, found, strict=True)
    ]


def kept(error: float) -> float | None:
    """Return an error with four digits, None beyond CAP."""
    return float(f"{error:.4g}") if error < CAP else None


def train(
    nets: Ensemble, world: World, steps: int, rates: Sequence[float],
    change: str,
) -> None:  # fmt: skip
    """Train by Adam on moves of the world; rates (E,) fall to 0."""
    lr, leaves = torch.tensor(rates), list(nets.parameters.values())
    m, v = ([torch.zeros_like(p) for p in leaves] for _ in range(2))
    old = {k: p.detach().clone() for k, p in nets.parameters.items()}
    for k in range(1, steps + 1):
        moves = world.moves(nets)
        grads = torch.autograd.grad(
            loss(nets, world, moves, old, change), leaves
        )
        rate = lr * (1 - (k - 1) / steps)
        with torch.no_grad():
            for p, a, b, g in zip(leaves, m, v, grads, strict=True):
                a.lerp_(g, 1 - B1)
                b.lerp_(g * g, 1 - B2)
                step = a / (1 - B1**k) / ((b / (1 - B2**k)).sqrt() + EPS)
                step += DECAY * (change == "decay") * p
                p.sub_(for_all(rate, p) * step)
            for p, name in zip(
                leaves, old if change == "target net" else (), strict=False
            ):
                old[name].lerp_(p, FOLLOW)


def loss(
    nets: Ensemble, world: World, moves: Moves, old: State, change: str
) -> Tensor:
    """Return Σ over nets of the mean of ½ (q(s, a) − y)².

    y = r + discount · v(t), without a gradient. Both ends of the moves
    go through a net together, so that BatchNorm's statistics are of both.
    With "true values" y is the true q(s, a): nothing is bootstrapped.
    """
    x, later = world.seen[moves.s], world.seen[moves.t]
    if change == "target net":
        q = nets(x)
        with torch.no_grad():
            ahead = nets(later, parameters=old)
    else:
        q, ahead = nets(torch.cat([x, later], 1)).chunk(2, 1)
    v = world.worth(ahead.detach(), moves.t, nets.rows)
    y = moves.r + maze.DISCOUNT * moves.on * v
    if change == "true values":
        y = world.true[nets.rows[:, None], moves.s, moves.a].float()
    q = q.gather(2, moves.a[..., None])[..., 0]
    return 0.5 * (q - y).square().mean(1).sum()
