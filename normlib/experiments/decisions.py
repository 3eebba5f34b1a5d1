"""From contrasts to a verdict: states of arms, and `settle`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum

from .arms import Contrast, Extremes
from .intervals import Interval, join

VERDICTS = ("holds", "holds when", "does not hold", "open")
WORDS = 14  # of a headline, at most
Seen = Contrast | Extremes
Arms = dict[str, Seen | list[Seen]]
UNTOLD = "Open: {unclear_count} of {count} comparisons cannot be told."


class State(Enum):
    """What an interval says of an arm."""

    CLEAR = "clear"
    REFUTED = "refuted"
    UNCLEAR = "unclear"


Judge = Callable[[Interval, float], State]


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


def fits(interval: Interval, margin: float) -> State:
    """Clear when all of it lies below, refuted when above ten times it.

    For `Extremes`: agreement is to rounding, disagreement is not near it.
    """
    return _state(interval.high < margin, interval.low > 10 * margin)


def misses(interval: Interval, margin: float) -> State:
    """Clear when `fits` refutes, and the other way round."""
    found = fits(interval, margin)
    return _state(found is State.REFUTED, found is State.CLEAR)


def _state(clear: bool, refuted: bool) -> State:
    if clear:
        return State.CLEAR
    return State.REFUTED if refuted else State.UNCLEAR


def every(states: Iterable[State]) -> State:
    """Join: clear when all are, refuted as soon as one is."""
    found = set(states)
    return _state(found == {State.CLEAR}, State.REFUTED in found)


def some(states: Iterable[State]) -> State:
    """Join: clear as soon as one is, refuted when all are."""
    found = set(states)
    return _state(State.CLEAR in found, found == {State.REFUTED})


@dataclass(frozen=True)
class Estimate:
    """An interval of an arm, what it says, and why it says no more."""

    arm: str
    interval: Interval
    state: State
    note: str = ""

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.interval}{note}"


@dataclass(frozen=True)
class Decision:
    """A verdict, the numbers, and the condition after "holds when".

    `headline` is what a practitioner can act on. `estimates` are the
    intervals that it rests on, `margin` what they were held against.
    """

    verdict: str
    because: str
    when: str = ""
    headline: str = ""
    estimates: tuple[Estimate, ...] = field(default=(), repr=False)
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


_factor = ContextVar("factor of all margins", default=1.0)


@contextmanager
def margins(factor: float) -> Iterator[None]:
    """Multiply every margin for a while: how firm is a verdict?"""
    token = _factor.set(factor)
    try:
        yield
    finally:
        _factor.reset(token)


def estimate(
    arm: str,
    contrast: Seen,
    judge: Judge,
    margin: float,
    comparisons: int = 1,
) -> Estimate:
    """Judge one contrast; what is blocked is unclear."""
    interval = contrast.interval(comparisons)
    state = judge(interval, margin * _factor.get())
    if contrast.blocked:
        state = State.UNCLEAR
    return Estimate(
        arm, interval, state, contrast.blocked or contrast.bound
    )


def settle(
    arms: Arms,
    judge: Judge,
    margin: float,
    *,
    says: dict[str, str],
    because: str = "{arms}.",
    when: str = "{arms}",
    last: str = "and",
    join_by: Callable[[Iterable[State]], State] = every,
) -> Decision:
    """Decide from labelled contrasts, each judged against the margin.

    The family is counted here: every contrast widens all intervals. An
    arm of several contrasts is clear when all are, or by `join_by`. All
    arms clear: holds. All refuted: does not hold. Some clear and the rest
    refuted: holds when, with the clear ones, joined by `last`, for {arms}
    in `when`. Otherwise open. `because` is told all arms with their
    intervals, `says` the headline by verdict: {clear}, {refuted} and
    {unclear} are the arms, with _count how many, {count} of how many.
    """
    groups = {a: c if isinstance(c, list) else [c] for a, c in arms.items()}
    family = sum(map(len, groups.values()))
    found = {
        arm: [estimate(arm, c, judge, margin, family) for c in group]
        for arm, group in groups.items()
    }
    states = {a: join_by(e.state for e in g) for a, g in found.items()}
    named = {
        state: [arm for arm, s in states.items() if s is state]
        for state in State
    }
    numbers = "; ".join(f"{a} {join(g)}" for a, g in found.items())
    kinds, condition = set(states.values()), ""
    if kinds == {State.CLEAR}:
        verdict = "holds"
    elif kinds == {State.REFUTED}:
        verdict = "does not hold"
    elif kinds == {State.CLEAR, State.REFUTED}:
        verdict = "holds when"
        condition = when.format(arms=join(named[State.CLEAR], last))
    else:
        verdict = "open"
    words = {s.value: join(names, last) for s, names in named.items()}
    words |= {f"{s.value}_count": len(n) for s, n in named.items()}
    return Decision(
        verdict,
        because.format(arms=numbers),
        condition,
        (says or {})
        .get(verdict, UNTOLD)
        .format(count=len(states), **words),
        tuple(e for group in found.values() for e in group),
        margin,
    )
