"""layer_norm.cause: what is loud behind a norm, and so what mends it."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from functools import partial

import numpy as np

from ..answers import Answer
from ..exercise import Exercise
from ..laws import Broken
from ..naming import confusions, one_of
from ..outcome import Part, say
from .loud import CAUSES, KINDS, drawn
from .places import PLACES


def cause_of(y, columns):
    """Return what is loud in y (T, D) or columns (D,), or "none"."""
    size = abs(y)
    usual = np.median(size, axis=0)
    if usual.max() > 5 * np.median(usual):
        return "loud feature"
    top = size.max(axis=1)
    if top.max() > 3 * np.median(top):
        return "loud token"
    if columns.max() > 5 * np.median(columns):
        return "loud column"
    return "none"


# Tokens, features, c, seed, and what multiplies y and W.
GIVEN = (32, 400, 30, 1, 1.0)
FRESH = ((32, 512, 10, 13, 0.02), (40, 600, 300, 1, 50.0))


def named(f: Callable, case: tuple) -> Answer:
    """Let a function name the cause in eleven nets."""
    (*size, unit), seen = case, {}
    for kind in KINDS:
        y, columns = drawn(kind, *size)
        name = one_of(f(unit * y, unit * columns), CAUSES)
        seen[f"{kind} ({size[0]} tokens, c = {size[2]})"] = name
    return seen


def read_off(f: Callable) -> Broken | None:
    """Say so where size counts, or the given nets alone are right."""
    given, id = named(f, GIVEN), "size-counts"
    words = "You name the given nets otherwise where all of y and W is 50 "
    words += "times as large. To no rounding does it matter: compare with "
    words += "what is usual in the same net."
    if [*given.values()] == [*named(f, (*GIVEN[:-1], 50.0)).values()]:
        if given != named(cause_of, GIVEN):
            return None
        id, words = "read-off", "You name the given nets, and not fresh "
        words += (
            "ones. Those are louder or less loud, and a token's number "
        )
        words += "is √(D − 1). Ask in how many tokens a feature is loud."
    return id, [say(words), Part("link", PLACES["loud token"])]


cause = Exercise(
    id="layer_norm.cause",
    answer=cause_of,
    file=__file__,
    places=PLACES,
    use=named,
    cases=lambda: [GIVEN, *FRESH],
    measured=partial(confusions, things="nets", right=KINDS.get, most=5),
    laws=(read_off,),
    hints=(
        "In how many tokens is a loud feature loud? And a loud token's?",
        "The median of |y| over tokens belongs to a feature, the largest "
        "|y| over features to a token. What is usual for either?",
        "usual = np.median(abs(y), axis=0), compared with its median; then "
        "top = abs(y).max(axis=1), with its own; then columns",
    ),
    afterwards="Worth knowing next: which remedy follows. A loud feature "
    "and a loud column are balanced, a loud token gets its own step.",
)
