"""An exercise: check an answer, give a hint, show the solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..source import Source, show
from . import sandbox, saved
from .diagnose import examine
from .outcome import Outcome, say
from .replay import right_answers
from .task import Task


class Hint:
    """One step, and how many there are."""

    def __init__(self, step: int, of: int, text: str) -> None:
        self.head, self.part = f"Hint {step} of {of}", say(text)

    def __repr__(self) -> str:
        return f"{self.head}. {self.part.plain()}"

    def _repr_html_(self) -> str:
        return f"<p><strong>{self.head}.</strong></p>{self.part.html()}"


@dataclass(eq=False, repr=False, kw_only=True)
class Exercise(Task):
    """A task, and what a learner does with it."""

    _step: int = field(default=0, init=False)

    def check(self, answer: Any = None) -> Outcome:
        """Say whether the answer is right; and if not, what it is."""
        right_answers(self)  # once, so that the child need not
        printed: list[str] = []

        def run(job: Callable[[], Any]) -> Any:
            result, text = sandbox.in_child(job)
            printed.append(text)
            return result

        try:
            outcome = examine(self, answer, run)
        except sandbox.Ended as ended:
            outcome = Outcome(self.id, "incorrect", (say(str(ended)),))
        if printed and printed[0]:
            outcome = replace(outcome, printed=printed[0])
        saved.save(outcome)
        return outcome

    def hint(self) -> Hint:
        """Return the next hint: a question, a formula, a line."""
        self._step = min(self._step + 1, len(self.hints))
        text = self.hints[self._step - 1]
        return Hint(self._step, len(self.hints), text)

    def solution(self) -> Source:
        """Return an answer that the check accepts."""
        if self.takes != "dict":
            return show(self.answer)
        (keys,) = self.cases()
        known = ((key, self.answer(key)) for key in keys)
        lines = "".join(f"    {k!r}: {v!r},\n" for k, v in known)
        return Source(f"{{\n{lines}}}")

    def __repr__(self) -> str:
        calls = f"check(your_{self.takes}), .hint(), .solution()"
        return f"Exercise {self.id}: .{calls}"
