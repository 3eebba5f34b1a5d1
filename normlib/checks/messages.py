"""What is said about an answer, beside the words of its mistakes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..table import Table
from .answers import JUDGED, Answer, labelled, same
from .outcome import Compared, Outcome, Part, pre, say

NOTHING = "Nothing to check yet. Fill in the stub and run the cell again."


def expected_and_got(compared: Compared) -> list[Part]:
    """Set expected beside got: all of it, or the first place off."""
    name, mine, theirs = compared.name, compared.yours, compared.expected
    drawn: list[Part] = []
    if isinstance(theirs, np.ndarray):
        if np.shape(mine) != theirs.shape:
            shapes = f"{theirs.shape}, got shape {np.shape(mine)}"
            return [pre(f"{name}: expected shape {shapes}")]
        if theirs.ndim > 1:
            drawn = [
                say(
                    "`.heatmap()` on this outcome draws yours, expected "
                    "and their difference."
                )
            ]
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


def stages_table(got: Answer, right: Answer) -> str:
    """Set name, ok or off, max difference, shape; stop at the first off."""
    rows = []
    for name, value in right.items():
        if name not in got:
            rows.append((name, "–", "", ""))
            continue
        mine, shape = got[name], np.shape(got[name])
        ok = same(mine, value, JUDGED)
        far = "0"
        if shape != np.shape(value):
            far = f"expected {np.shape(value)}"
        elif not ok:
            far = f"{np.max(np.abs(mine - value), initial=0):.1e}"
        rows.append((name, "ok" if ok else "off", far, shape))
        if not ok:
            break
    return repr(Table(("stage", "is", "max difference", "shape"), rows))


def borrows(norms: list[str]) -> Part:
    """Say that a library's norm does the work."""
    return say(
        f"Your code calls a norm of a library: {', '.join(norms)}. The "
        "exercise is to write the arithmetic it hides."
    )


def wrong_dtype(name: str, have: object, want: object) -> tuple[Part, ...]:
    """Say that the numbers are right and their dtype is not."""
    return (
        say("The numbers are right; the dtype is not. It is that of x."),
        pre(f"{name}: expected {want}, got {have}"),
    )


def fragile() -> Part:
    """Say that a right answer fails where x lies far from zero."""
    return say(
        "Right, and fragile: where x lies far from zero, as 10⁴ ± 1 in "
        "float32 or 10⁸ ± 1 in float64, yours is off. It subtracts large "
        "numbers that agree in nearly all their digits, as mean(x²) − μ² "
        "does. Subtract μ from x first, then square: mean((x − μ)²)."
    )


def imprecise(compared: Compared) -> list[Part]:
    """Say that an answer is right to a few digits only."""
    far = np.abs(np.subtract(compared.yours, compared.expected)).max()
    return [
        say(
            "Your numbers are right to about five digits and no further. "
            "Either a step runs in float32 while x is float64, or "
            "something small is added, as an ε of 10⁻⁵."
        ),
        pre(f"{compared.name}: largest difference {far:.0e}"),
    ]


def with_tuple(outcome: Outcome, entries: int, name: str) -> Outcome:
    """Say that the first entry of a tuple was taken, and as what."""
    message = say(
        f"You returned a tuple of {entries}. Its first entry was checked "
        f"as {name}; nothing looked at the rest."
    )
    return replace(outcome, parts=(*outcome.parts, message))


def with_change(outcome: Outcome, changed: list[str]) -> Outcome:
    """Say that an input was changed; no such answer is correct."""
    message = say(
        f"Your function changes what it is given: {', '.join(changed)}. "
        "The caller still needs it; `x -= mu` writes into x, `x = x - mu` "
        "makes a new array."
    )
    right = outcome.status == "correct"
    parts = (message,) if right else (*outcome.parts, message)
    ids = (*outcome.mistakes, "input-changed")
    return Outcome(
        outcome.exercise, "incorrect", parts, ids, outcome.compared
    )
