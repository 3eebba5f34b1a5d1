"""batch_norm.set_size: predict how many values share a mean."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from math import prod
from numbers import Number

import numpy as np

from ...reference import batch_norm_forward
from ..answers import Answer, Unusable, filled, told
from ..exercise import Exercise
from .places import PLACES


def m_of(shape):
    """Return m for an input of this shape (N, C, …)."""
    N, _, *space = shape
    return N * prod(space)


SHAPES = ((32, 100), (16, 8, 50), (2, 64, 28, 28), (1, 16, 14, 14))
SHAPES += ((8, 32, 1, 1),)


def counted(shape: tuple[int, ...]) -> int:
    """Move one value of x, and count the values of y that move.

    Values that share a mean move together, and no others do.
    """
    x = np.random.default_rng(0).normal(size=shape)
    before, _ = batch_norm_forward(x, None, None)
    x.flat[0] += 1.0
    after, _ = batch_norm_forward(x, None, None)
    return int((before != after).sum())


def read(prediction: object, keys: tuple) -> Answer:
    """Return the predicted numbers under the words for their keys."""
    prediction = filled(prediction, keys)
    for key in keys:
        value = prediction[key]
        if not isinstance(value, Number) or isinstance(value, bool):
            raise Unusable(f"The entry for {key} must be a number.")
    return {told(key): float(prediction[key]) for key in keys}


set_size = Exercise(
    id="batch_norm.set_size",
    answer=m_of,
    right=counted,
    file=__file__,
    places=PLACES,
    use=read,
    cases=lambda: [SHAPES],
    takes="dict",
    hints=(
        "How many numbers are averaged for one mean?",
        "x[:, 0] is one channel. What is its shape, for each of the five?",
        "m = x[:, 0].size: N·H·W, all axes but the channel's",
    ),
    afterwards="Worth knowing next: (2, 64, 28, 28) shares more values "
    "than a dense layer with 1500 samples. The batch size alone says "
    "nothing.",
)
