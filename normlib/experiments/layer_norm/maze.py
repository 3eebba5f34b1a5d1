"""A maze whose values are known: a goal, pits, and a floor that slips.

SIDE × SIDE cells and four moves: S and A below. A move goes any way with
probability SLIP; at a wall it stays. Entering the goal pays 1 and ends
the episode, entering a pit costs 1; the next episode begins anywhere.
Each seed has its own goal and pits. All is small enough to be solved.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

SIDE, PITS, SLIP, DISCOUNT = 5, 3, 0.1, 0.97
CELLS, MOVES = SIDE * SIDE, 4
SOFT = 0.1  # share of random moves in the policy that is judged
WAVES = 4  # cosines along each side, in what a net sees
WAYS = ((0, -1), (0, 1), (-1, 0), (1, 0))  # the first one is "away"


class Maze(NamedTuple):
    """Where moves lead, what entering a cell pays, where the goal is."""

    to: Tensor  # (S, A), a cell each, without slips
    pay: Tensor  # (S,)
    goal: int
    chance: Tensor  # (S, A, S): of going from s by a to s′


def make(seed: int) -> Maze:
    """Make the maze of a seed."""
    g = torch.Generator().manual_seed(seed)
    goal, *pits = torch.randperm(CELLS, generator=g)[: PITS + 1].tolist()
    pay = torch.zeros(CELLS, dtype=torch.float64)
    pay[goal], pay[pits] = 1.0, -1.0
    row, col = torch.arange(CELLS) // SIDE, torch.arange(CELLS) % SIDE
    to = torch.stack([
        (row + down).clamp(0, SIDE - 1) * SIDE
        + (col + right).clamp(0, SIDE - 1)
        for down, right in WAYS
    ], 1)  # fmt: skip
    led = torch.eye(CELLS, dtype=torch.float64)[to]
    chance = (1 - SLIP) * led + SLIP * led.mean(1, keepdim=True)
    return Maze(to, pay, goal, chance)


def views() -> Tensor:
    """Return what a net sees of each cell: (S, WAVES² − 1).

    Products of cosines of its place, so that near cells look alike.
    """
    at = (torch.arange(SIDE) + 0.5) / SIDE
    wave = torch.cos(math.pi * torch.arange(WAVES)[:, None] * at)
    both = torch.einsum("ir,jc->rcij", wave, wave)
    return both.reshape(CELLS, WAVES**2)[:, 1:]


def values(maze: Maze, policy: Tensor | None = None) -> Tensor:
    """Return q (S, A) of a policy (S, A), or of the best one.

    By iteration: q ← Σ_s′ P(s′|s, a) (r(s′) + discount · v(s′)), where v
    is 0 at the goal. 0.97¹⁰⁰⁰ is below 1e-13.
    """
    goes_on = torch.arange(CELLS) != maze.goal
    q = torch.zeros(CELLS, MOVES, dtype=torch.float64)
    for _ in range(1000):
        v = q.amax(1) if policy is None else (policy * q).sum(1)
        q = maze.chance @ (maze.pay + DISCOUNT * (goes_on * v))
    return q


def good(maze: Maze) -> Tensor:
    """Return the best policy (S, A), a tenth of its moves random."""
    best = torch.eye(MOVES).double()[values(maze).argmax(1)]
    return (1 - SOFT) * best + SOFT / MOVES


def adrift(away: float) -> Tensor:
    """Return a behaviour (S, A) that moves away with that probability."""
    other = (1 - away) / (MOVES - 1)
    moves = [away] + [other] * (MOVES - 1)
    return torch.tensor(moves, dtype=torch.float64).expand(CELLS, MOVES)


def visits(maze: Maze, policy: Tensor) -> Tensor:
    """Return how often a policy makes each move, (S, A), sum 1.

    Over whole episodes, each begun in any cell but the goal.
    """
    step = (policy[:, :, None] * maze.chance).sum(1)  # (S, S)
    step[:, maze.goal] = 0.0  # the episode ends
    start = torch.ones(CELLS, dtype=torch.float64)
    start[maze.goal] = 0.0
    one = torch.eye(CELLS, dtype=torch.float64)
    often = torch.linalg.solve((one - step).T, start)
    moves = often[:, None] * policy
    return moves / moves.sum()
