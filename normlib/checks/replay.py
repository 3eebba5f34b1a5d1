"""Which mistakes give exactly this answer: single ones, then pairs."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

from .answers import (
    JUDGED,
    REPLAYED,
    Answer,
    agree,
    is_number,
    quiet,
    same,
)
from .edits import overlap
from .mistakes import Mistake
from .small_edits import Slip, slips
from .task import Task

Made = tuple[Mistake | Slip, ...]


@cache
def combined(task: Task) -> tuple[Made, ...]:
    """Return the single mistakes, then the pairs that can be made."""
    pairs = combinations(task.mistakes, 2)
    fitting = [
        (a, b)
        for a, b in pairs
        if a.id != b.id and not overlap(a.spans, b.spans)
    ]
    return (*((m,) for m in task.mistakes), *fitting)


@cache
def _wrong(task: Task, made: Made) -> Any:
    return task.wrong(*made)


@cache
def _cases(task: Task) -> list[Any]:
    return list(task.cases())


@cache
def answer_to(task: Task, made: Made, i: int) -> Answer | None:
    """Return what a wrong answer shows in case i; None where it fails."""
    (answer,) = _tried(task, made, [_cases(task)[i]]) or [None]
    return answer


def _tried(task: Task, made: Made, cases: list[Any]) -> list[Answer]:
    """Use a wrong answer, and say nothing of what it does."""
    try:
        with quiet():
            return [task.use(_wrong(task, made), case) for case in cases]
    except Exception:  # shapes that do not fit, or no program at all
        return []


def answers_of(task: Task, made: Made) -> list[Answer]:
    """Return what a wrong answer shows, case by case, until one fails."""
    seen: list[Answer] = []
    for i in range(len(_cases(task))):
        shown = answer_to(task, made, i)
        if shown is None:
            break
        seen.append(shown)
    return seen


@cache
def right_answers(task: Task) -> list[Answer]:
    """Return what a right answer shows, case by case."""
    right = task.answer if task.right is None else task.right
    with quiet():
        return [task.use(right, case) for case in _cases(task)]


def recognize(task: Task, got: list[Answer], probed: list[Answer]) -> Made:
    """Return the mistakes whose answer equals `got`; () when none does.

    A single mistake is the simpler explanation, so it goes first. Where
    several fit, the one that also answers the probes as `probed` wins.
    """
    fits = (made for made in combined(task) if _equals(task, made, got))
    first = next(fits, ())
    if not probed or not first:
        return first
    doubles = [
        made
        for made in combined(task)
        if len(made) == len(first) and _equals(task, made, got)
    ]
    probes = (agree(_probed(task, m), probed, REPLAYED) for m in doubles)
    paired = zip(doubles, probes, strict=True)
    return next((made for made, fit in paired if fit), first)


def slipped(task: Task, got: list[Answer]) -> tuple[Slip, ...]:
    """Return the slip whose answer equals `got`; () when none does."""
    fits = ((slip,) for slip in slips(task.source))
    return next((one for one in fits if _equals(task, one, got)), ())


def recognize_in(
    task: Task, got: list[Answer], names: tuple[str, ...]
) -> Made:
    """Return the one mistake that answers as `got` under these names.

    Not two: a part of an answer says too little to tell them.
    """
    singles = [(m,) for m in task.mistakes if not m.whole]
    fits = (made for made in singles if _equals(task, made, got, names))
    return next(fits, ())


def recognize_most(
    task: Task, mine: Answer, right: Answer
) -> tuple[Made, list[str]]:
    """Return the mistake that explains most numbers that are off, and what.

    It has to leave right what is right: else it is not what was done. Words
    are few, and equal by chance.
    """
    best: tuple[Made, list[str]] = (), []
    for made in ((m,) for m in task.mistakes if not m.whole):
        wrong = answer_to(task, made, 0)
        if wrong is None or wrong.keys() != right.keys():
            continue
        fits = [n for n in right if same(mine[n], wrong[n], REPLAYED)]
        kept = [n for n in right if same(mine[n], right[n], JUDGED)]
        off = [n for n in fits if n not in kept and is_number(right[n])]
        if {*kept} <= {*fits} and len(off) > len(best[1]):
            best = made, off
    return best


def _equals(
    task: Task, made: Made, got: list[Answer], names: tuple[str, ...] = ()
) -> bool:
    """Compare case by case, as far as `got` goes, and at least once."""
    for i, mine in enumerate(got):
        wrong = answer_to(task, made, i)
        if wrong is None:
            return False
        if names:
            mine, wrong = (
                {n: a[n] for n in names if n in a} for a in (mine, wrong)
            )
        if not agree([mine], [wrong], REPLAYED):
            return False
    return got != []


@cache
def _probed(task: Task, made: Made) -> list[Answer]:
    return _tried(task, made, list(task.probes()))


def shows(task: Task, made: Made) -> bool:
    """Tell whether these mistakes show: each of them, in a pair.

    Where one hides the other, nobody can tell that there are two.
    """
    wrong = answers_of(task, made)
    less = [right_answers(task)]
    if len(made) > 1:
        less += [answers_of(task, (m,)) for m in made]
    return wrong != [] and not any(
        agree(wrong, other, JUDGED) for other in less
    )
