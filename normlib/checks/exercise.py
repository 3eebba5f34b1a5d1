"""An exercise: check an answer, give a hint, show the solution."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..source import Source, show
from . import diagnose, replay, running, saved
from .answers import Answer
from .mistakes import Mistake
from .outcome import Outcome, Part, say

Property = Callable[[Callable], tuple[str, list[Part]] | None]


class Note:
    """A hint: one step, and how many there are."""

    def __init__(self, step: int, of: int, text: str) -> None:
        self.head, self.part = f"Hint {step} of {of}", say(text)

    def __repr__(self) -> str:
        return f"{self.head}. {self.part.plain()}"

    def _repr_html_(self) -> str:
        return f"<p><strong>{self.head}.</strong></p>{self.part.html()}"


@dataclass(eq=False)
class Exercise:
    """Data of one exercise; `check`, `hint` and `solution` are the same.

    `act(f, case)` uses an answer as the exercise wants it used and
    returns what it observed, by name. The learner's answer, `right` and
    `wrong(switches)` are all seen through it, and so compared.
    """

    id: str
    act: Callable[[Any, Any], Answer]
    cases: Callable[[], Iterable[Any]]
    right: Any
    wrong: Callable[[frozenset[str]], Any]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    then: str  # one thing worth knowing, once it is correct
    answer: Any  # a function or class to show, or the stored answer
    takes: str = "function"  # or "class", "dict"
    properties: tuple[Property, ...] = ()
    stages: bool = False  # a dict of intermediates may be given
    single: bool = False  # y alone: of a tuple the first is taken
    otherwise: str = ""  # told when no property fails either
    may_borrow: bool = False  # calling a library's norm is no shortcut
    may_change: tuple[str, ...] = ("running_mean", "running_var")
    measured: Callable[[list[Answer]], str] | None = None
    tol: float = 1e-6
    replay_tol: float = 1e-9
    _step: int = field(default=0, init=False)

    def check(self, answer: Any = None) -> Outcome:
        """Say whether the answer is right; and if not, what it is."""
        replay.right_answers(self)  # once, so that the child need not
        job = partial(diagnose.examine, self, answer)
        try:
            outcome, printed = running.apart(job)
        except running.Ended as ended:
            parts = (say(str(ended)),)
            outcome, printed = Outcome(self.id, "incorrect", parts), ""
        if printed:
            vars(outcome)["printed"] = printed
        saved.save(outcome)
        return outcome

    def hint(self) -> Note:
        """Return the next hint: a question, a formula, a line."""
        self._step = min(self._step + 1, len(self.hints))
        text = self.hints[self._step - 1]
        return Note(self._step, len(self.hints), text)

    def solution(self) -> Source:
        """Return an answer that the check accepts."""
        if callable(self.answer):
            return show(self.answer)
        lines = ",\n".join(f"    {k}: {v}" for k, v in self.answer.items())
        return Source(f"{{\n{lines},\n}}")
