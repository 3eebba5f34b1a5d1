"""A table: aligned text in a terminal, HTML in a notebook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

NUMBER = re.compile(r"[−+×÷-]?\d.*|–|")


@dataclass(frozen=True)
class Table:
    """Rows of cells under a head; a cell is shown as `str` shows it.

    Columns that hold numbers alone stand to the right. `note` is a line
    below, for what was measured where.
    """

    head: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    note: str = ""

    def cells(self) -> list[list[str]]:
        """Return all cells as text, the head's not among them."""
        return [[str(cell) for cell in row] for row in self.rows]

    def _to_the_right(self) -> list[bool]:
        if not self.rows:
            return [False] * len(self.head)
        columns = zip(*self.cells(), strict=True)
        return [all(map(NUMBER.fullmatch, column)) for column in columns]

    def __repr__(self) -> str:
        lines, right = [[*self.head], *self.cells()], self._to_the_right()
        columns = zip(*lines, strict=True)
        wide = [max(map(len, column)) for column in columns]
        text = [
            "   ".join(
                cell.rjust(w) if r else cell.ljust(w)
                for cell, w, r in zip(line, wide, right, strict=True)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*text, self.note] if self.note else text)

    def _repr_html_(self) -> str:
        sides = ["right" if r else "left" for r in self._to_the_right()]

        def row(cells: list[str], first: str, rest: str) -> str:
            opens = [first] + [rest] * (len(cells) - 1)
            columns = zip(cells, opens, sides, strict=True)
            all_of_it = "".join(
                f'<{tag} class="nl-{side}">{escape(cell)}</{tag[:2]}>'
                for cell, tag, side in columns
            )
            return f"<tr>{all_of_it}</tr>"

        column, line = 'th scope="col"', 'th scope="row"'
        head = row(list(self.head), column, column)
        body = "".join(row(cells, line, "td") for cells in self.cells())
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f'<div class="nl-scroll" tabindex="0"><table class="nl-plain">'
            f"<thead>{head}"
            f"</thead><tbody>{body}</tbody></table>{note}</div>"
        )
