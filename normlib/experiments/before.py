"""How verdicts were settled before: for trials not tried again yet."""

from __future__ import annotations

from ..records import Record
from . import rules
from .decisions import Decision, Judge, State, every
from .intervals import Interval, join


class Rule(rules.Rule):
    """A rule without controls, whose firmness is not tried."""

    def __call__(self, record: Record) -> Decision:
        """Decide; too few seeds leave it open."""
        if len(record.distinct("seed")) < rules.MIN_SEEDS:
            return super().__call__(record)
        return self.decide(record, **self.given)


def settle(
    arms: dict[str, Interval | list[Interval]],
    judge: Judge,
    margin: float,
    *,
    because: str = "{arms}.",
    when: str = "{arms}",
    last: str = "and",
) -> Decision:
    """Decide from labelled intervals; an unclear arm counts for nothing."""
    groups = {a: i if isinstance(i, list) else [i] for a, i in arms.items()}
    states = {
        a: every(judge(i, margin) for i in g) for a, g in groups.items()
    }
    numbers = "; ".join(f"{a} {join(g)}" for a, g in groups.items())
    clear = [arm for arm, state in states.items() if state is State.CLEAR]
    kinds, condition = set(states.values()), ""
    if kinds == {State.CLEAR}:
        verdict = "holds"
    elif kinds == {State.REFUTED}:
        verdict = "does not hold"
    elif clear:
        verdict = "holds when"
        condition = when.format(arms=join(clear, last))
    else:
        verdict = "open"
    return Decision(verdict, because.format(arms=numbers), condition)
