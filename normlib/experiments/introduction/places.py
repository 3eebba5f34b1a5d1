"""The nets of the Introduction's trials, and how their arms are read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from ...records import Record
from ..arms import Arm, Contrast, of, read
from ..decisions import Decision, Estimate, State, every
from ..nets.ensemble import Make
from ..nets.training import sweep
from ..protocol import Config, Rows, seeds

# How the weights of each kind are drawn, and whether it has skips.
NETS = {
    "default": {"init": "default", "skip": False},
    "scaled": {"init": "scaled", "skip": False},
    "skip": {"init": "default", "skip": True},
}
TITLES = {
    "default": "plain, PyTorch's initialization",
    "scaled": "plain, He's initialization",
    "skip": "with skip connections",
}
SHORT = {"default": "default", "scaled": "He", "skip": "skips"}
CHANCE = 80.0  # per cent validation error: a net that learnt nothing


def sweep_rates(
    config: Config, make: Make, device: str, **training: Any
) -> Rows:
    """Sweep, and name the rates as they are: rows hold three decimals."""
    rows = sweep(config, make, device, **training)
    members = product(config["rates"], seeds(config))
    for row, (rate, seed) in zip(rows, members, strict=True):
        row |= {"seed": seed, "rate": rate}
    return rows


class Swept(Arm):
    """An arm with the rates of one norm, or of several to choose from.

    At an edge lies a rate that is the lowest or highest tried with its
    norm. What learns at no rate has no best one, and no edge.
    """

    @property
    def on_edge(self) -> str:
        """Say so if the chosen rate is the lowest or highest tried."""
        if self.censored.all() or self.criterion.mean(1).min() > CHANCE:
            return ""
        count = len(self.rates)
        first = self.chosen // count * count
        norm = slice(first, first + count)
        return Arm(self.values[norm], self.criterion[norm],
                   self.censored[norm], self.rates).on_edge  # fmt: skip


def swept(
    record: Record, column: str, norms: Sequence[str], **place: Any
) -> Swept:
    """Read an arm that takes the best of some norms, and its best rate."""
    arms = [read(record, column, norm=norm, **place) for norm in norms]
    return Swept(
        *(
            np.concatenate([getattr(arm, part) for arm in arms])
            for part in ("values", "criterion", "censored")
        ),
        arms[0].rates,
    )


def missing(record: Record) -> Contrast:
    """Stand for what a record lacks, as one of an earlier version does."""
    nothing = of([0.0] * len(record.distinct("seed")))
    return Contrast(nothing, dead="it was not measured")


def worst(found: list[Estimate]) -> Estimate:
    """Return the estimate that is farthest from clear."""
    order = (State.REFUTED, State.UNCLEAR, State.CLEAR)
    return min(found, key=lambda e: order.index(e.state))


def states(found: Decision) -> dict[str, State]:
    """Return the state of each arm, clear when all of its contrasts are."""
    arms: dict[str, list[State]] = {}
    for e in found.estimates:
        arms.setdefault(e.arm, []).append(e.state)
    return {arm: every(group) for arm, group in arms.items()}
