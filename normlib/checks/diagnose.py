"""From an answer to an outcome; this runs beside the learner's code."""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import (
    Answer,
    Blank,
    Unusable,
    agree,
    dtype_off,
    same,
)
from .outcome import Compared, Outcome, Part, pre, say
from .replay import recognize, right_answers
from .stages import table
from .telling import beside, with_change, with_tuple
from .tracing import Watched, borrowed, in_own_lines, own_lines

if TYPE_CHECKING:
    from .exercise import Exercise

WANTED = {"function": callable, "class": inspect.isclass}
WANTED["dict"] = lambda answer: isinstance(answer, dict)


def examine(exercise: Exercise, answer: Any) -> Outcome:
    """Return the outcome, whatever the answer is or does."""
    try:
        return _examine(exercise, answer)
    except (Blank, NotImplementedError) as blank:
        left = str(blank) if isinstance(blank, Blank) else ""
        parts = [
            say(
                f"{left} Nothing to check yet. Fill in the stub and run "
                "the cell again.".strip()
            )
        ]
        return Outcome(exercise.id, "not attempted", tuple(parts))
    except Unusable as unusable:
        return _incorrect(exercise, [say(str(unusable))])
    except RecursionError as error:
        told = "Your code calls itself without end."
        return _incorrect(exercise, [say(told), pre(own_lines(error))])
    except BaseException as error:
        return _incorrect(exercise, _failed(error))


def _failed(error: BaseException) -> list[Part]:
    told = "Your code failed when the exercise used what it returned."
    if isinstance(error, TypeError):
        told = (
            "Your code could not be called as the exercise calls it. Keep "
            "the first line of the stub, with all its arguments."
        )
    if in_own_lines(error):
        told = "Your code raised an error."
    return [say(told), pre(own_lines(error))]


def _incorrect(
    exercise: Exercise,
    parts: list[Part],
    mistakes: tuple[str, ...] = (),
    compared: Compared | None = None,
) -> Outcome:
    found = tuple(parts)
    return Outcome(exercise.id, "incorrect", found, mistakes, compared)


def _examine(exercise: Exercise, answer: Any) -> Outcome:
    if answer is None or answer is Ellipsis:
        raise Blank
    if not WANTED[exercise.takes](answer):
        raise Unusable(
            f"check() takes your {exercise.takes}; it got "
            f"{type(answer).__name__}."
        )
    used, watch = answer, nullcontext([])
    if exercise.takes == "function":
        used = Watched(answer, exercise.may_change)
    elif exercise.takes == "class":
        watch = borrowed()
    right = right_answers(exercise)
    with np.errstate(all="ignore"):
        with watch as calls:
            got = _observe(exercise, used, right)
        taken = calls or getattr(used, "taken", None)
        if taken and not exercise.may_borrow:
            told = (
                f"Your code calls a norm of a library: {', '.join(taken)}. "
                "The exercise is to write the arithmetic it hides."
            )
            return _incorrect(exercise, [say(told)], ("borrowed",))
        outcome = _judge(exercise, used, got, right)
    if exercise.single and used.places:
        outcome = with_tuple(outcome, used.places)
    changed = getattr(used, "changed", [])
    return with_change(outcome, changed) if changed else outcome


def _observe(
    exercise: Exercise, used: Any, right: list[Answer]
) -> list[Answer]:
    """Use the answer case by case.

    What went wrong before an error explains more than the error does.
    """
    got: list[Answer] = []
    for case in exercise.cases():
        try:
            got.append(exercise.act(used, case))
        except Exception:
            if agree(got, right[: len(got)], exercise.tol):
                raise
            return got
    return got


def _judge(
    exercise: Exercise, used: Any, got: list[Answer], right: list[Answer]
) -> Outcome:
    measured = []
    if exercise.measured:
        measured = [say(exercise.measured(got))]
    if agree(got, right, exercise.tol):
        off = exercise.takes == "function" and dtype_off(got, right)
        if not off:
            parts = (*measured, say(exercise.then))
            return Outcome(exercise.id, "correct", parts)
        name, have, want = off
        return _incorrect(
            exercise,
            [
                say(
                    "The numbers are right; the dtype is not. y has the "
                    "dtype of x."
                ),
                pre(f"{name}: expected {want}, got {have}"),
            ],
        )
    if exercise.stages and (todo := _to_do(got[0], right[0], exercise.tol)):
        done = pre(table(got[0], right[0], exercise.tol))
        told = say(f"Right so far. Next comes {todo}.")
        return _incorrect(exercise, [told, done])
    name, mine, theirs = first_off(got, right, exercise.tol)
    compared = Compared(name, mine, theirs)
    shown = [say("The first thing that differs:"), *beside(compared)]
    what = "Your answer"
    made = recognize(exercise, got)
    if exercise.stages:
        shown = [pre(table(got[0], right[0], exercise.tol)), *shown]
        if not made:  # what follows may be unrelated
            there = [n for n in right[0] if n in got[0]]
            upto = tuple(there[: there.index(name) + 1])
            made, what = recognize(exercise, got, upto), f"Your {name}"
    if exercise.takes == "dict" and not made:  # some entries are right
        off = wrong_entries(got[0], right[0], exercise.tol)
        made = recognize(exercise, got, off)
        what = f"What you wrote for {' and '.join(off)}"
    if made:
        count = "" if len(made) == 1 else " with two mistakes at once"
        parts = [say(f"{what} equals a wrong one we know{count}.")]
        for mistake in made:
            parts += mistake.parts()
        ids = tuple(m.id for m in made)
        return _incorrect(
            exercise, [*parts, *measured, *shown], ids, compared
        )
    parts = [say("No named mistake gives this answer.")]
    for prop in exercise.properties:
        failed = prop(used)
        if failed:
            _, told = failed
            return _incorrect(exercise, [*parts, *told], (), compared)
    if exercise.otherwise and np.shape(mine) == np.shape(theirs):
        parts.append(say(exercise.otherwise))
    return _incorrect(exercise, [*parts, *measured, *shown], (), compared)


def wrong_entries(got: Answer, right: Answer, tol: float) -> tuple:
    """Return the names of what differs."""
    return tuple(n for n in right if not same(got[n], right[n], tol))


def first_off(
    got: list[Answer], right: list[Answer], tol: float
) -> tuple[str, Any, Any]:
    """Return the first observation that differs, yours and expected."""
    for a, b in zip(got, right, strict=False):
        for name in (n for n in b if n in a):
            if not same(a[name], b[name], tol):
                return name, a[name], b[name]
    raise AssertionError("nothing differs")


def _to_do(got: Answer, right: Answer, tol: float) -> str:
    """Return the next stage when those that are there are right."""
    if all(same(got[name], right[name], tol) for name in got):
        return next((name for name in right if name not in got), "")
    return ""
