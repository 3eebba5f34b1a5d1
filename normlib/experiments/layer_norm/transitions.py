"""What a net learns from: moves in the mazes, E nets at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ..nets.ensemble import Ensemble
from . import maze

TASKS = {  # what is learnt: the values of a policy, or the best ones
    "on-policy": "evaluate a policy on its own moves",
    "off-policy": "evaluate it on moves of one that drifts away",
    "offline": "Q-learning on moves of the one that drifts away",
    "online": "Q-learning on its own moves, a tenth of them random",
}
JUDGED = ("on-policy", "off-policy")
EXPLORE = 0.1  # share of random moves online


class Moves(NamedTuple):
    """From s by a to t, paid r; whether it goes on. (E, B) each."""

    s: Tensor
    a: Tensor
    r: Tensor
    t: Tensor
    on: Tensor


class World:
    """The mazes of S seeds, and the moves of a task in them.

    Moves of a given policy are independent draws of its long-run visits.
    Online B walkers a net act by its values.
    """

    def __init__(
        self, task: str, seeds: Sequence[int], batch: int, away: float
    ) -> None:
        mazes = [maze.make(seed) for seed in seeds]
        self.task, self.seen = task, maze.views()
        self.to = torch.stack([m.to for m in mazes])
        self.pay = torch.stack([m.pay for m in mazes]).float()
        self.goal = torch.tensor([m.goal for m in mazes])
        good = [maze.good(m) for m in mazes]
        judged = good if task in JUDGED else [None] * len(mazes)
        pairs = [*zip(mazes, judged, strict=True)]
        self.true = torch.stack([maze.values(*pair) for pair in pairs])
        self.policy = torch.stack(good).float()
        acts = (
            good if task == "on-policy" else [maze.adrift(away)] * len(good)
        )
        self.often = torch.stack([
            maze.visits(*pair).flatten()
            for pair in zip(mazes, acts, strict=True)
        ]).float()  # (S, cells · moves)  # fmt: skip
        self.draws = [
            torch.Generator().manual_seed(10_000 + s) for s in seeds
        ]
        self.batch, self.at = batch, None

    def moves(self, nets: Ensemble) -> Moves:
        """Draw moves; members of one seed see the same, unless they act."""
        row = nets.rows[:, None]
        u = torch.stack([
            torch.rand(3, self.batch, generator=g) for g in self.draws
        ])[nets.rows].unbind(1)  # fmt: skip
        if self.task == "online":
            s, a = self.act(nets, u)
        else:
            drawn = torch.stack([
                torch.multinomial(p, self.batch, True, generator=g)
                for p, g in zip(self.often, self.draws, strict=True)
            ])[nets.rows]  # fmt: skip
            s, a = drawn // maze.MOVES, drawn % maze.MOVES
        t = self.to[row, s, maybe(u[2], maze.SLIP, a)]
        on = t != self.goal[row]
        self.at = torch.where(on, t, anywhere(u[0]))
        return Moves(s, a, self.pay[row, t], t, on)

    @torch.no_grad()
    def act(self, nets: Ensemble, u: Sequence[Tensor]) -> tuple:
        """Return where the walkers are, and how each net moves them."""
        s = anywhere(u[0]) if self.at is None else self.at
        q = nets(self.seen[s], training=False)
        return s, maybe(u[1], EXPLORE, q.argmax(-1))

    def worth(self, q: Tensor, t: Tensor, rows: Tensor) -> Tensor:
        """Return the value (E, B) of cells t with values q (E, B, A)."""
        if self.task not in JUDGED:
            return q.amax(-1)
        return (self.policy[rows[:, None], t] * q).sum(-1)

    def error(self, q: Tensor, rows: Tensor) -> Tensor:
        """Return the error (E,) of q (E, cells, A), over the spread.

        Root mean squares over all moves from all cells but the goal: of
        q minus the true value, and of that minus its mean.
        """
        cells = torch.arange(maze.CELLS) != self.goal[:, None]
        true = self.true[cells].view(len(self.goal), -1)
        own = q.double()[cells[rows]].view(len(q), -1)
        spread = true.std(1, correction=0)[rows]
        return (own - true[rows]).square().mean(1).sqrt() / spread


def anywhere(u: Tensor) -> Tensor:
    """Turn u, uniform in [0, 1), into cells."""
    return (u * maze.CELLS).long()


def maybe(u: Tensor, share: float, a: Tensor) -> Tensor:
    """Replace a share of the moves by random ones, as u says."""
    other = (u / share * maze.MOVES).long().clamp(max=maze.MOVES - 1)
    return torch.where(u < share, other, a)
