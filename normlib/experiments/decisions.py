"""From intervals to a verdict: states of arms, `settle`, and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..records import Record
from .intervals import Interval, join

Arms = dict[str, Interval | list[Interval]]
VERDICTS = ("holds", "holds when", "does not hold", "open")
MIN_SEEDS = 8


class State(Enum):
    """What an interval says of an arm."""

    CLEAR = "clear"
    REFUTED = "refuted"
    UNCLEAR = "unclear"


def above(interval: Interval, margin: float) -> State:
    """Clear when all of the interval lies above, refuted when below."""
    return _state(interval.low > margin, interval.high < margin)


def below(interval: Interval, margin: float) -> State:
    """Clear when all of the interval lies below, refuted when above."""
    return _state(interval.high < margin, interval.low > margin)


def within(interval: Interval, margin: float) -> State:
    """Clear when it lies within ±margin, refuted when outside."""
    inside = -margin < interval.low and interval.high < margin
    outside = interval.high < -margin or margin < interval.low
    return _state(inside, outside)


def apart(interval: Interval, margin: float) -> State:
    """Clear when it lies outside ±margin, refuted when within."""
    found = within(interval, margin)
    return _state(found is State.REFUTED, found is State.CLEAR)


def _state(clear: bool, refuted: bool) -> State:
    if clear:
        return State.CLEAR
    return State.REFUTED if refuted else State.UNCLEAR


def every(states: Iterable[State]) -> State:
    """Join: clear when all are, refuted as soon as one is."""
    found = set(states)
    return _state(found == {State.CLEAR}, State.REFUTED in found)


@dataclass(frozen=True)
class Decision:
    """A verdict, the numbers, and the condition after "holds when".

    `arms` are the labelled intervals it rests on, `margin` what they
    were held against.
    """

    verdict: str
    because: str
    when: str = ""
    arms: Arms = field(default_factory=dict, repr=False)
    margin: float | None = None

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(
                f"verdict: got {self.verdict!r}, want one of {VERDICTS}"
            )
        if (self.verdict == "holds when") != bool(self.when):
            raise ValueError(
                f"when: got {self.when!r} with verdict {self.verdict!r}, "
                "want a condition with 'holds when' and none otherwise"
            )


def settle(
    arms: Arms,
    state: Callable[[Interval, float], State],
    margin: float,
    *,
    because: str = "{arms}.",
    when: str = "{arms}",
    last: str = "and",
) -> Decision:
    """Decide from labelled intervals, each judged against the margin.

    An arm of several intervals is clear when all are. All arms clear:
    holds. All refuted: does not hold. Some clear: holds when, with their
    labels, joined by `last`, for {arms} in `when`. Otherwise open.
    `because` is told all arms with their intervals.
    """
    groups = {a: i if isinstance(i, list) else [i] for a, i in arms.items()}
    states = {
        a: every(state(i, margin) for i in g) for a, g in groups.items()
    }
    numbers = "; ".join(f"{a} {join(g)}" for a, g in groups.items())
    because, kinds = because.format(arms=numbers), set(states.values())
    clear = [arm for arm, state in states.items() if state is State.CLEAR]
    condition = ""
    if kinds == {State.CLEAR}:
        verdict = "holds"
    elif kinds == {State.REFUTED}:
        verdict = "does not hold"
    elif clear:
        verdict = "holds when"
        condition = when.format(arms=join(clear, last))
    else:
        verdict = "open"
    return Decision(verdict, because, condition, arms, margin)


@dataclass(frozen=True)
class Rule:
    """What will be concluded from which numbers.

    `says` is the sentence a reader sees: metric, threshold, interval.
    `decide` turns a record into a `Decision`; `given` are arguments of it
    that are fixed for this claim.
    """

    says: str
    decide: Callable[..., Decision]
    given: dict[str, Any] = field(default_factory=dict)

    def __call__(self, record: Record) -> Decision:
        """Decide; a record of too few seeds leaves it open."""
        seeds = {row["seed"] for row in record.rows}
        if len(seeds) < MIN_SEEDS:
            many = "s" * (len(seeds) != 1)
            return Decision(
                "open",
                f"{len(seeds)} seed{many}; a verdict needs {MIN_SEEDS}.",
            )
        return self.decide(record, **self.given)
