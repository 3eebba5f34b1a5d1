"""From what an answer shows to an outcome."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from .answers import (
    JUDGED,
    SINGLE,
    Answer,
    agree,
    dtype_off,
    first_off,
    quiet,
    same,
)
from .edits import changed_lines
from .messages import (
    NOTHING,
    borrows,
    expected_and_got,
    fragile,
    imprecise,
    stages_table,
    with_change,
    with_tuple,
    wrong_dtype,
)
from .observed import Observed, observe
from .outcome import Compared, Outcome, Part, pre, say
from .replay import (
    Made,
    recognize,
    recognize_in,
    recognize_most,
    right_answers,
    slipped,
)
from .task import Task

Run = Callable[[Callable[[], Any]], Any]

WANTED = {"function": callable, "class": inspect.isclass}
WANTED["dict"] = lambda answer: isinstance(answer, dict)


def here(job: Callable[[], Any]) -> Any:
    """Run the learner's code in this process."""
    return job()


def examine(task: Task, answer: Any, run: Run = here) -> Outcome:
    """Return the outcome; `run` runs the learner's code, and that alone."""
    if answer is None or answer is Ellipsis:
        return Outcome(task.id, "not attempted", (say(NOTHING),))
    if not WANTED[task.takes](answer):
        kind = type(answer).__name__
        wanted = f"check() takes your {task.takes}; it got {kind}."
        return Outcome(task.id, "incorrect", (say(wanted),))
    seen = run(partial(observe, task, answer))
    right = right_answers(task)
    if seen.borrowed and not task.may_borrow:
        parts = (borrows(seen.borrowed),)
        return Outcome(task.id, "incorrect", parts, ("borrowed",))
    # A mistake that shows before an error explains more than the error.
    done = len(seen.answers)
    if seen.failed and agree(seen.answers, right[:done], JUDGED):
        status = "not attempted" if seen.blank else "incorrect"
        return Outcome(task.id, status, seen.failed)
    outcome = _judged(task, answer, seen, right, run)
    known = {mistake.id for mistake in task.mistakes}
    if seen.failed and not known & {*outcome.mistakes}:
        outcome = replace(outcome, parts=(*seen.failed, *outcome.parts))
    if task.single and seen.entries:
        outcome = with_tuple(outcome, seen.entries, next(iter(right[0])))
    return with_change(outcome, seen.changed) if seen.changed else outcome


def _judged(
    task: Task, answer: Any, seen: Observed, right: list[Answer], run: Run
) -> Outcome:
    """Say "correct", "unfinished" or "incorrect"."""
    got = seen.answers
    measured = [say(task.measured(got))] if task.measured else []
    if agree(got, right, JUDGED):
        off = task.takes != "dict" and dtype_off(got, right)
        if off and task.same_dtype:
            return Outcome(task.id, "incorrect", wrong_dtype(*off))
        parts = [*measured, say(task.afterwards)]
        parts += wrong_dtype(*off) if off else ()
        parts += [] if _holds_out(task, seen.strained) else [fragile()]
        return Outcome(task.id, "correct", tuple(parts))
    if task.stages and (next_one := _to_do(got, right)):
        done = pre(stages_table(got[0], right[0]))
        message = say(f"Right so far. Next comes {next_one}.")
        return Outcome(task.id, "unfinished", (message, done))
    return _explained(task, answer, seen, right, run, measured)


def _explained(
    task: Task,
    answer: Any,
    seen: Observed,
    right: list[Answer],
    run: Run,
    measured: list[Part],
) -> Outcome:
    """Name the mistake, or else the law that fails; show what differs."""
    got, outcome = seen.answers, partial(Outcome, task.id, "incorrect")
    compared = Compared(*first_off(got, right))
    shown = [*measured, say("The first thing that differs:")]
    shown += expected_and_got(compared)
    if task.stages:
        shown = [pre(stages_table(got[0], right[0])), *shown]
    made, what = _recognize(task, seen, right, compared.name)
    if made:
        ids = tuple(mistake.id for mistake in made)
        return outcome((*_named(task, made, what), *shown), ids, compared)
    unnamed = say("No named mistake gives this answer.")
    if agree(got, right, SINGLE):
        off = dtype_off(got, right)
        why = wrong_dtype(*off) if off else (unnamed, *imprecise(compared))
        return outcome(why, (), compared)
    broken = run(partial(_first_broken, task, answer))
    if not broken and task.takes == "dict":  # several mistakes: one of them
        made, off = recognize_most(task, got[0], right[0])
        if made:
            named = _named(task, made, what_of(off))
            return outcome((*named, *shown), (made[0].id,), compared)
    if not broken:
        return outcome((unnamed, *shown), (), compared)
    id, parts = broken
    if not id:
        return outcome((unnamed, *parts), (), compared)
    return outcome((*parts, *measured), (id,), compared)


def _recognize(
    task: Task, seen: Observed, right: list[Answer], name: str
) -> tuple[Made, str]:
    """Return the mistakes, and what of the answer equals them."""
    got = seen.answers
    made = recognize(task, got, seen.probed)
    if not made and task.slips:
        made = slipped(task, got)
    if made or not (task.stages or task.takes == "dict"):
        return made, "Your answer"
    if task.stages:  # what follows the first one off may be unrelated
        there = [n for n in right[0] if n in got[0]]
        upto = tuple(there[: there.index(name) + 1])
        return recognize_in(task, got, upto), f"Your {name}"
    off = [n for n in right[0] if not same(got[0][n], right[0][n], JUDGED)]
    return recognize_in(task, got, tuple(off)), what_of(off)


def what_of(names: list[str]) -> str:
    """Return what of a dict a mistake explains, three names at most."""
    first = [f"“{n}”" for n in names[:3]]
    if len(names) > 3:
        first[2:] = [f"{len(names) - 2} more"]
    return f"What you wrote for {' and '.join(first)}"


def _named(task: Task, made: Made, what: str) -> list[Part]:
    """Say which line of ours they change, and the words of each."""
    lines = changed_lines(task.source, task.wrong_source(*made))
    several = "this line" if lines.count("\n") < 2 else "these lines"
    both = " That is two mistakes at once." if len(made) > 1 else ""
    ours = (
        "is what our rule gives" if task.takes == "dict" else "equals ours"
    )
    parts = [say(f"{what} {ours} with {several} changed:"), pre(lines)]
    parts += [say(both)] * bool(both)
    return parts + [part for mistake in made for part in mistake.parts()]


def _holds_out(task: Task, strained: list[Answer]) -> bool:
    """Tell whether hard cases come out near the right answer."""
    right = task.answer if task.right is None else task.right
    wanted = [task.use(right, case) for case in task.strained()]
    return all(
        np.allclose(a[name], b[name], rtol=0.01, atol=0.01)
        for a, b in zip(strained, wanted, strict=False)
        for name in b
        if isinstance(b[name], np.ndarray)
    )


def _first_broken(task: Task, answer: Any) -> tuple[str, list[Part]] | None:
    for law in task.laws:
        with quiet(), suppress(Exception):  # then another says more
            if broken := law(answer):
                return broken
    return None


def _to_do(got: list[Answer], right: list[Answer]) -> str:
    """Return the next stage when those that are there are right."""
    pairs = list(zip(got, right, strict=False))
    if not all(same(a[n], b[n], JUDGED) for a, b in pairs for n in a):
        return ""
    return next((n for a, b in pairs for n in b if n not in a), "")
