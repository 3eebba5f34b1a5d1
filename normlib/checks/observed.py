"""Use an answer and note what happens; this runs beside the notebook."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from .answers import Answer, Blank, Unusable, quiet
from .outcome import Part, pre, say
from .task import Task
from .tracing import Watched, borrowed, in_own_lines, own_lines


@dataclass
class Observed:
    """What an answer shows, case by case until one fails, and why.

    `strained` and `probed` are answers to cases that do not judge.
    """

    answers: list[Answer] = field(default_factory=list)
    failed: tuple[Part, ...] = ()
    blank: bool = False  # it failed because nothing is there
    strained: list[Answer] = field(default_factory=list)
    probed: list[Answer] = field(default_factory=list)
    borrowed: list[str] = field(default_factory=list)  # library norms
    changed: list[str] = field(default_factory=list)  # arguments
    entries: int = 0  # of the tuple it returned, if it was one


def observe(task: Task, answer: Any) -> Observed:
    """Use the answer in every case; whatever it does, say so."""
    seen = Observed()
    used, watch = answer, nullcontext([])
    if task.takes == "function":
        used = Watched(answer, task.may_change)
    elif task.takes == "class":
        watch = borrowed()
    with quiet():
        with watch as calls:
            _fill(seen.answers, task, used, task.cases(), seen)
        if not seen.failed:
            _fill(seen.strained, task, used, task.strained())
            _fill(seen.probed, task, used, task.probes())
    if isinstance(used, Watched):
        calls, seen.changed = used.taken or [], used.changed
        seen.entries = used.entries
    seen.borrowed = calls
    return seen


def _fill(
    answers: list[Answer],
    task: Task,
    used: Any,
    cases: Iterable[Any],
    seen: Observed | None = None,
) -> None:
    """Add answers until one fails; `seen`, where it matters, says why."""
    try:
        for case in cases:
            answers.append(task.use(used, case))
    except BaseException as error:
        if seen:
            seen.failed = tuple(_why(error))
            seen.blank = isinstance(error, Blank | NotImplementedError)


def _why(error: BaseException) -> list[Part]:
    if isinstance(error, Blank | NotImplementedError):
        left = f"{error} " if isinstance(error, Blank) else ""
        return [
            say(
                f"{left}Nothing to check yet. Fill in the stub and run "
                "the cell again."
            )
        ]
    if isinstance(error, Unusable):
        return [say(str(error))]
    if isinstance(error, MemoryError) or "allocate memory" in str(error):
        message = (
            "Your code asked for more memory than a check gives it, 1 GB."
        )
    elif isinstance(error, RecursionError):
        message = "Your code calls itself without end."
    elif in_own_lines(error):
        message = "Your code raised an error."
    elif isinstance(error, TypeError):
        message = (
            "Your code could not be called as the exercise calls it. Keep "
            "the first line of the stub, with all its arguments."
        )
    else:
        message = (
            "Your code failed when the exercise used what it returned."
        )
    return [say(message), pre(own_lines(error))]
