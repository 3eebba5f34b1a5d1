"""A mistake as an edit: find the text, change it, compile what results."""

from __future__ import annotations

import difflib
import re
import sys
import textwrap
from collections.abc import Iterable
from itertools import combinations
from typing import Any

Span = tuple[int, int, str]  # from, to, and what stands there instead


def find(source: str, old: str) -> list[tuple[int, int]]:
    """Return where a text stands, from and to.

    Its further lines may be indented in any way.
    """
    first, *rest = map(re.escape, old.split("\n"))
    pattern = r"\n *".join([first, *(line.strip() for line in rest)])
    return [found.span() for found in re.finditer(pattern, source)]


def spans(source: str, swaps: Iterable[list[str]]) -> tuple[Span, ...]:
    """Find what each swap changes.

    A swap is [old, new], or [old, new, everywhere]. Further lines of
    `new` are indented as the line on which `old` stands. Raises
    ValueError when `old` is not there once (everywhere: at all).
    """
    changed: list[Span] = []
    for old, new, *everywhere in swaps:
        found = find(source, old)
        if len(found) != 1 and not (everywhere and found):
            raise ValueError(
                f"{old!r} stands {len(found)} times in the answer"
            )
        for start, end in found:
            line = source[source.rfind("\n", 0, start) + 1 :]
            indent = line[: len(line) - len(line.lstrip())]
            changed.append((start, end, new.replace("\n", "\n" + indent)))
    return tuple(changed)


def overlap(*edits: tuple[Span, ...]) -> bool:
    """Tell whether two of the edits change the same text."""
    return any(
        a[0] < b[1] and b[0] < a[1]
        for one, other in combinations(edits, 2)
        for a in one
        for b in other
    )


def edited(source: str, *edits: tuple[Span, ...]) -> str:
    """Return the source after the edits."""
    every = sorted((span for edit in edits for span in edit), reverse=True)
    for start, end, new in every:
        source = source[:start] + new + source[end:]
    return source


def compiled(answer: Any, source: str) -> Any:
    """Compile an edited source where the answer itself stands.

    Raises SyntaxError, as an edit may.
    """
    namespace = dict(vars(sys.modules[answer.__module__]))
    exec(compile(source, "<edited answer>", "exec"), namespace)
    return namespace[answer.__name__]


def changed_lines(before: str, after: str) -> str:
    """Return the lines that differ: − what was, + what is."""
    pairs = difflib.ndiff(before.splitlines(), after.splitlines())
    lines = [d for d in pairs if d[0] in "+-" and d[2:].strip()]
    text = textwrap.dedent("\n".join(d[2:] for d in lines)).splitlines()
    marks = ["−" if d[0] == "-" else "+" for d in lines]
    return "\n".join(map(" ".join, zip(marks, text, strict=True)))
