"""layer_norm.alone: a test that sees whether a norm sees the batch."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .boxes import BOXES, Box
from .places import PLACES


def sees_others(norm, x):
    """Return whether the first row of y depends on other rows of x."""
    others = x.copy()
    others[1:] *= 1000
    half = x[: len(x) // 2]
    for mode in (norm.train, norm.eval):
        mode()
        y = norm(x)[0]
        for mates in (others, half):
            if not np.allclose(norm(mates)[0], y):
                return True
    return False


def try_all(f: Callable, seed: int) -> Answer:
    """Let a test judge every box; row 0 of x has the largest value."""
    x = np.random.default_rng(seed).normal(size=(8, 6))
    x[0, 2] = 1 + abs(x).max()
    seen = {}
    for name, (box, _) in BOXES.items():
        found = f(Box(box), x.copy())
        if found is None:
            raise Blank("Your function returns None.")
        if not isinstance(found, bool | np.bool_):
            raise Unusable("What you return must be True or False.")
        seen[name] = bool(found)
    return seen


alone = Exercise(
    id="layer_norm.alone",
    answer=sees_others,
    file=__file__,
    places=PLACES,
    use=try_all,
    cases=lambda: [1],
    hints=(
        "What may differ between two batches that share their first row? "
        "And in which of its two modes is a norm asked?",
        "The values of the other rows, how large they are, and how many "
        "they are. What is a difference, when sums in another order round "
        "differently?",
        "in norm.train() and in norm.eval() compare norm(x)[0], by "
        "np.allclose, with norm(others)[0], others[1:] being 1000 times "
        "larger, and with norm(x[:4])[0]",
    ),
    afterwards="Worth knowing next: no such test can prove independence. "
    "It only fails to find the opposite, in the batches that it tries.",
)
