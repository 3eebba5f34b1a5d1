"""What an exercise is made of: data, apart from the act of checking."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..source import show
from . import edits, mistakes
from .answers import Answer
from .mistakes import Mistake
from .outcome import Part

Law = Callable[[Any], tuple[str, list[Part]] | None]


@dataclass(eq=False, repr=False, kw_only=True)
class Task:
    """Data of one exercise.

    `use(f, case)` uses an answer as the exercise wants it used and
    returns what it observed, by name. The learner's answer, the right
    one and every wrong one are seen through it, and so compared.
    """

    id: str
    answer: Any  # ours: a function or class, as a learner would write it
    file: str  # the module; its mistakes stand beside it, as YAML
    places: dict[str, str]  # what a mistake's `read` may say
    use: Callable[[Any, Any], Answer]
    cases: Callable[[], Iterable[Any]]
    hints: tuple[str, ...]
    afterwards: str  # one thing worth knowing, once it is correct
    right: Any = None  # what judges an answer, where ours does not
    takes: str = "function"  # or "class", "dict"
    shared: tuple[str, ...] = ()  # files of shared mistakes
    without: tuple[str, ...] = ()  # ids of these that do not apply
    slips: bool = False  # small edits without words are tried as well
    laws: tuple[Law, ...] = ()  # tried when no mistake fits
    strained: Callable[[], Iterable[Any]] = tuple  # cases not judged
    probes: Callable[[], Iterable[Any]] = tuple  # to tell doubles apart
    stages: bool = False  # a dict of intermediates may be given
    same_dtype: bool = True  # that of x; else it is only mentioned
    single: bool = False  # y alone: of a tuple the first is taken
    may_borrow: bool = False  # calling a library's norm is no shortcut
    may_change: tuple[str, ...] = ("running_mean", "running_var")
    measured: Callable[[list[Answer]], str] | None = None

    @cached_property
    def source(self) -> str:
        """The text of our answer, without its docstring."""
        return show(self.answer).text

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The named mistakes; ValueError when a file is off."""
        return mistakes.load(
            Path(self.file).with_suffix(".yaml"),
            self.answer,
            self.places,
            self.shared,
            self.without,
        )

    def wrong_source(self, *made: Mistake) -> str:
        """Return the text of our answer with these mistakes."""
        return edits.edited(self.source, *(m.spans for m in made))

    def wrong(self, *made: Mistake) -> Any:
        """Return our answer with these mistakes."""
        return edits.compiled(self.answer, self.wrong_source(*made))
