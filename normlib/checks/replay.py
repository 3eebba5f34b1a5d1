"""Which mistakes give exactly this answer: single ones, then pairs."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from .answers import Answer, agree
from .mistakes import Mistake, compatible

if TYPE_CHECKING:
    from .exercise import Exercise

Made = tuple[Mistake, ...]


@cache
def combined(exercise: Exercise) -> tuple[Made, ...]:
    """Return the single mistakes, then the pairs that can be made."""
    singles = [(mistake,) for mistake in exercise.mistakes]
    pairs = combinations(exercise.mistakes, 2)
    return (*singles, *(p for p in pairs if compatible(*p)))


@cache
def answers_of(exercise: Exercise, made: Made) -> list[Answer]:
    """Return the wrong answers, case by case, until one fails."""
    seen: list[Answer] = []
    try:
        wrong = exercise.wrong(frozenset(m.id for m in made))
        with np.errstate(all="ignore"):
            for case in exercise.cases():
                seen.append(exercise.act(wrong, case))
    except Exception:  # broadcasting, or two that cannot be made at once
        return seen
    return seen


@cache
def right_answers(exercise: Exercise) -> list[Answer]:
    """Return what a right answer shows, case by case."""
    return [exercise.act(exercise.right, c) for c in exercise.cases()]


def recognize(
    exercise: Exercise, got: list[Answer], names: tuple[str, ...] = ()
) -> Made:
    """Return the mistakes whose answer equals `got`; () when none does.

    A single mistake is the simpler explanation, so it goes first. The
    comparison is finer than that with the right answer: two mistakes
    may lie close together. With `names` only these are compared.
    """
    got = _only(got, names)
    for made in combined(exercise):
        wrong = _only(answers_of(exercise, made), names)
        if wrong and agree(got, wrong, exercise.replay_tol):
            return made
    return ()


def _only(answers: list[Answer], names: tuple[str, ...]) -> list[Answer]:
    if not names:
        return answers
    return [{n: a[n] for n in names if n in a} for a in answers]


def changes(exercise: Exercise, made: Made) -> bool:
    """Tell whether these mistakes show: each of them, in a pair.

    Where one hides the other, nobody can tell that there are two.
    """
    wrong = answers_of(exercise, made)
    less = [right_answers(exercise)]
    if len(made) > 1:
        less += [answers_of(exercise, (m,)) for m in made]
    return wrong != [] and not any(
        agree(wrong, other, exercise.tol) for other in less
    )
