"""How well the checker names mistakes, measured on its own catalogue.

A pair counts when each of the two mistakes shows beside the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import all_exercises
from .diagnose import examine
from .exercise import Exercise
from .outcome import Outcome
from .replay import Made, changes, combined


@dataclass(frozen=True)
class Rate:
    """Counts for one exercise: made, caught, named."""

    exercise: str
    singles: int
    singles_caught: int
    singles_named: int
    pairs: int
    pairs_caught: int
    pairs_named: int


def tried(
    exercise: Exercise,
    size: int,
    note: Callable | None = None,
    every: int = 1,
) -> tuple[int, int, int]:
    """Make every mistake, or pair, that changes the answer; count.

    Returns how many were made, caught, and named in full. `note` hears
    of each that was not named: what was made and what was found. With
    `every` = 3 a third of them is made.
    """
    made = [c for c in combined(exercise) if len(c) == size][::every]
    made = [c for c in made if changes(exercise, c)]
    caught = named = 0
    for these in made:
        found = outcome_of(exercise, these)
        caught += found.status == "incorrect"
        same = {m.id for m in these} == {*found.mistakes}
        named += same
        if note and not same:
            note(exercise.id, [m.id for m in these], found)
    return len(made), caught, named


def outcome_of(exercise: Exercise, made: Made) -> Outcome:
    """Check the wrong implementation with these mistakes."""
    return examine(exercise, exercise.wrong(frozenset(m.id for m in made)))


def rates(note: Callable | None = None, every: int = 1) -> Rates:
    """Return the counts of every exercise; the same each time.

    All single mistakes, and the first of every `every` pairs.
    """
    return Rates(
        Rate(
            id, *tried(exercise, 1, note), *tried(exercise, 2, note, every)
        )
        for id, exercise in all_exercises().items()
    )


HEAD = ("exercise", "single mistakes", "pairs of two")


def told(made: int, caught: int, named: int) -> str:
    """Say "30: all caught, 29 named"."""
    if not made:
        return "none"
    seen = ["all" if n == made else str(n) for n in (caught, named)]
    return f"{made}: {seen[0]} caught, {seen[1]} named"


class Rates(list[Rate]):
    """The counts as a table, with the sum of all in the last row."""

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the cells as text."""
        counts = [list(vars(rate).values()) for rate in self]
        columns = zip(*(row[1:] for row in counts), strict=True)
        counts.append(["batch_norm.all", *map(sum, columns)])
        return [
            (id.partition(".")[2], told(*n[:3]), told(*n[3:]))
            for id, *n in counts
        ]

    def __repr__(self) -> str:
        rows = [HEAD, *self.rows()]
        wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "   ".join(
                f"{cell:{w}}" for cell, w in zip(row, wide, strict=True)
            ).rstrip()
            for row in rows
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
        body = "".join(
            f'<tr><th scope="row">{id}</th><td>{one}</td>'
            f"<td>{two}</td></tr>"
            for id, one, two in self.rows()
        )
        return (
            f'<div class="nl-scroll"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )
