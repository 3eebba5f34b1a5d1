"""A rule: what is concluded from which numbers, and how firmly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..records import Record
from .decisions import Decision, Estimate, State, margins

MIN_SEEDS = 8
MARGINS = {
    "with a margin a fifth smaller": 0.8,
    "with a margin a fifth larger": 1.2,
}
Control = Callable[..., Estimate]


@dataclass(frozen=True)
class Rule:
    """A sentence, the function that applies it, and its controls.

    `says` is the sentence a reader sees: metric, threshold, interval.
    `decide` turns a record into a `Decision`; `given` are arguments of it
    and of the controls that are fixed for this claim.
    """

    says: str
    decide: Callable[..., Decision]
    given: dict[str, Any] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)

    def __call__(self, record: Record) -> Decision:
        """Decide; too few seeds leave it open.

        So does a control that does not come out: the measurement saw a
        difference where there is none, or missed one that is there. So
        does a verdict that a margin or a seed makes.
        """
        seeds = record.distinct("seed")
        if len(seeds) < MIN_SEEDS:
            many = "s" * (len(seeds) != 1)
            text = f"{len(seeds)} seed{many}; a verdict needs {MIN_SEEDS}."
            return Decision("open", text, headline=f"Open: {text}")
        found = self.decide(record, **self.given)
        failed = [
            kind
            for kind, control in self.control(record).items()
            if control.state is not State.CLEAR
        ]
        flips = {} if failed else self.flips(record, found)
        if not failed and not flips:
            return found
        why = f"insensitive. The {(*failed, '')[0]} control failed."
        because = found.because
        if flips:
            change, other = next(iter(flips.items()))
            why = f"fragile. The verdict flips {change}."
            because += (
                f" By the rule it {_full(found)}; {change} it is {other}."
            )
        return replace(
            found, verdict="open", when="", headline=f"Open: {why}",
            because=because,
        )  # fmt: skip

    def control(self, record: Record) -> dict[str, Estimate]:
        """Return what the controls came to: clear, or the trial is void.

        By kind: "null", where nothing may differ, and "positive", where
        the effect must show.
        """
        return {
            kind: control(record, **self.given)
            for kind, control in self.controls.items()
        }

    def flips(self, record: Record, found: Decision) -> dict[str, str]:
        """Return what changes a verdict that is not open, and into which.

        Tried are every margin a fifth smaller and larger, and leaving
        out each seed.
        """
        tried: dict[str, Decision] = {}
        if found.verdict == "open":
            return {}
        for change, factor in MARGINS.items():
            with margins(factor):
                tried[change] = self.decide(record, **self.given)
        for seed in record.distinct("seed"):
            less = self.decide(record.without(seed), **self.given)
            tried[f"without seed {seed}"] = less
        return {
            change: _full(other)
            for change, other in tried.items()
            if _full(other) != _full(found)
        }


def _full(found: Decision) -> str:
    return f"{found.verdict} {found.when}".strip()
