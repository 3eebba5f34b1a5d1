"""How well the checker names mistakes, measured on its own catalogue.

A pair counts when each of the two mistakes shows beside the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..table import Table
from . import all_exercises
from .diagnose import examine
from .outcome import Outcome
from .replay import Made, combined, shows
from .task import Task


@dataclass(frozen=True)
class Rate:
    """How many mistakes, or pairs, were made, caught and named in full."""

    made: int
    caught: int
    named: int

    def __str__(self) -> str:
        if not self.made:
            return "none"
        if self.named == self.made:
            return f"all {self.made} caught and named"
        every = self.caught == self.made
        caught = (
            f"all {self.made}" if every else f"{self.caught} of {self.made}"
        )
        return f"{caught} caught, {self.named} named"

    def __add__(self, other: Rate) -> Rate:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Rate(*(a + b for a, b in pairs))


Rates = dict[str, tuple[Rate, Rate]]  # singles and pairs, by exercise


def outcome_of(task: Task, made: Made) -> Outcome:
    """Check our answer with these mistakes."""
    answer = task.wrong(*made)
    if task.takes == "dict":
        (keys,) = task.cases()
        answer = {key: answer(key) for key in keys}
    return examine(task, answer)


def tried(
    task: Task, size: int, note: Callable | None = None, every: int = 1
) -> Rate:
    """Make every mistake, or pair, that changes the answer; count.

    `note` hears of each that was not named in full: what was made and
    what was found. With `every` = 3 a third of them is made.
    """
    made = [c for c in combined(task) if len(c) == size][::every]
    made = [c for c in made if shows(task, c)]
    caught = named = 0
    for these in made:
        found = outcome_of(task, these)
        caught += found.status == "incorrect"
        same = {m.id for m in these} == {*found.mistakes}
        named += same
        if note and not same:
            note(task.id, [m.id for m in these], found)
    return Rate(len(made), caught, named)


def rates(
    note: Callable | None = None,
    every: int = 1,
    programs: bool = True,
    technique: str = "",
) -> Rates:
    """Return the counts of every exercise, or of those of a technique.

    The same each time: all single mistakes, and the first of every
    `every` pairs. The debugging programs take seconds an answer;
    `programs` says whether to run them.
    """
    return {
        id: (tried(task, 1, note), tried(task, 2, note, every))
        for id, task in all_exercises().items()
        if id.startswith(technique) and (programs or ".debug_" not in id)
    }


def table(rates: Rates) -> Table:
    """Return the counts as a table, with the sum of all in the last row."""
    rows = [(id.partition(".")[2], *pair) for id, pair in rates.items()]
    none = Rate(0, 0, 0)
    columns = zip(*rates.values(), strict=True)
    rows.append(("all", *(sum(column, none) for column in columns)))
    return Table(("exercise", "single mistakes", "pairs of two"), rows)
