"""What is added to an outcome: what differs, a tuple, a changed input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .answers import labelled
from .outcome import Compared, Outcome, Part, pre, say


def beside(compared: Compared) -> list[Part]:
    """Set expected beside got: all of it, or the first place off."""
    name, mine, theirs = compared.name, compared.yours, compared.expected
    drawn: list[Part] = []
    if isinstance(theirs, np.ndarray):
        if np.shape(mine) != theirs.shape:
            shapes = f"{theirs.shape}, got shape {np.shape(mine)}"
            return [pre(f"{name}: expected shape {shapes}")]
        if theirs.ndim > 1:
            told = "draws yours, expected and their difference."
            drawn = [say(f"`.heatmap()` on this outcome {told}")]
        if theirs.size > 24:
            far = np.abs(np.asarray(mine, float) - theirs)
            place = np.unravel_index(np.argmax(far), far.shape)
            name += f", where it is farthest off: {[*map(int, place)]}"
            mine, theirs = mine[place], theirs[place]
    lines = [
        name,
        labelled("expected ", theirs),
        labelled("got      ", mine),
    ]
    return [pre("\n".join(lines)), *drawn]


def with_tuple(outcome: Outcome, places: int) -> Outcome:
    """Say that the first entry of a tuple was taken."""
    told = say(
        f"You returned a tuple of {places}. Its first entry was checked "
        "as y; nothing looked at the rest."
    )
    return replace(outcome, parts=(*outcome.parts, told))


def with_change(outcome: Outcome, changed: list[str]) -> Outcome:
    """Say that an input was changed; no such answer is correct."""
    told = say(
        f"Your function changes what it is given: {', '.join(changed)}. "
        "The caller still needs it; `x -= mu` writes into x, `x = x - mu` "
        "makes a new array."
    )
    right = outcome.status == "correct"
    parts = (told,) if right else (*outcome.parts, told)
    ids = (*outcome.mistakes, "input-changed")
    return Outcome(
        outcome.exercise, "incorrect", parts, ids, outcome.compared
    )
