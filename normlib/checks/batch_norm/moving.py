"""batch_norm.shift: how far a layer's inputs move in one step."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .inputs import draw
from .places import PLACES


def shift_of(before, after):
    """Return the shift of a layer; before and after are (N, J)."""
    mu, sigma = before.mean(axis=0), before.std(axis=0)
    new_mu, new_sigma = after.mean(axis=0), after.std(axis=0)
    moved = (new_mu - mu) ** 2 + (new_sigma - sigma) ** 2
    return np.sqrt(moved.sum() / (sigma**2).sum())


def move(f: Callable, size: tuple[int, int]) -> Answer:
    """Use the page's unit, or draw a layer before and after a step."""
    before, after = np.array([1.0, 2, 6]), np.array([2.0, 3, 7])
    if size != (3, 1):
        before, after = (draw(sum(size) + k, *size)["x"] for k in (0, 1))
    value = f(before.reshape(size), after.reshape(size))
    if value is None:
        raise Blank("Your function returns None.")
    if np.size(value) != 1:
        raise Unusable(
            f"The shift of a layer is one number; yours has the shape "
            f"{np.shape(value)}."
        )
    return {"shift of {} images, {} units".format(*size): float(value)}


shift = Exercise(
    id="batch_norm.shift",
    answer=shift_of,
    file=__file__,
    places=PLACES,
    use=move,
    cases=lambda: [(4, 4), (5, 3), (3, 1)],
    hints=(
        "Which two numbers of a unit can move? How many of each has a "
        "layer of J units?",
        "μ and σ over the images, (J,) each, before and after. Add up the "
        "squares of what moved, over the units; and what is the unit of "
        "length that all units share?",
        "np.sqrt(moved.sum() / (sigma**2).sum()) with moved = "
        "(new_mu - mu) ** 2 + (new_sigma - sigma) ** 2",
    ),
    afterwards="Worth knowing next: at a rate of 0 this is 0. A small "
    "shift alone says nothing of a net; ask what became of the loss.",
)
