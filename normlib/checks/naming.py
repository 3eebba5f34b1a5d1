"""Answers that name what something is: one of a few names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from .answers import Answer, Blank, Unusable


def one_of(name: Any, names: Iterable[str]) -> str:
    """Return a name that a learner's function gave; else say what came."""
    if name is None:
        raise Blank("Your function returns None.")
    if not isinstance(name, str) or name not in names:
        raise Unusable(
            f"You returned {name!r}; it must be one of {', '.join(names)}."
        )
    return str(name)


def all_named(
    f: Callable, runs: dict[str, tuple], names: Iterable[str]
) -> Answer:
    """Let a learner's function name each run by one of `names`."""
    found = {key: f(*run) for key, run in runs.items()}
    lacking = [name is None for name in found.values()]
    if any(lacking) and not all(lacking):
        raise Unusable(
            "Your function returned None for one run. A branch has no "
            "return."
        )
    return {key: one_of(name, names) for key, name in found.items()}


def confusions(
    answers: list[Answer],
    things: str,
    right: Callable[[str], str] = str,
    most: int | None = None,
) -> str:
    """Say how many are right, and what is taken for what, `most` at most.

    A key is what a thing is and, behind " (", which one of these; `right`
    maps it to its name, where that is another.
    """
    pairs = [
        (key.split(" (")[0], name)
        for seen in answers
        for key, name in seen.items()
    ]
    off = Counter(f"{a} called {b}" for a, b in pairs if right(a) != b)
    lines = "".join(f"; {n} × {pair}" for pair, n in off.most_common(most))
    good = len(pairs) - off.total()
    return f"{len(pairs)} {things}: {good} right{lines}."
