"""Predict m, and the ceiling of |x̂|; the check measures both."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from ...reference import batch_norm_forward
from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from ..mistakes import Mistake
from . import places as at

SHAPES = ((32, 100), (16, 8, 50), (2, 64, 28, 28), (1, 16, 14, 14))
SHAPES += ((8, 32, 1, 1),)
COUNTS = (2, 5, 17, 50, 1025)  # √(m − 1) is whole


def read(prediction: dict, keys: tuple) -> Answer:
    """Return the predicted numbers under the words for their keys."""
    blank = [k for k in keys if prediction.get(k, ...) in (..., None)]
    if blank:
        raise Blank(f"Still empty: {', '.join(map(str, blank))}.")
    for key in keys:
        number = isinstance(prediction[key], int | float | np.number)
        if not number or isinstance(prediction[key], bool):
            raise Unusable(f"The entry for {key} must be a number.")
    return {str(key): float(prediction[key]) for key in keys}


def measured_sizes() -> dict[tuple, int]:
    """Ask the reference how many values share a mean."""
    x = {shape: np.zeros(shape) for shape in SHAPES}
    return {s: batch_norm_forward(x[s], None, None)[1].m for s in SHAPES}


def measured_ceilings() -> dict[int, float]:
    """Normalize the most extreme input: one value stands alone."""
    found = {}
    for m in COUNTS:
        x = np.zeros((m, 1))
        x[0] = 1.0
        y, _ = batch_norm_forward(x, None, None, eps=0.0)
        found[m] = float(np.abs(y).max())
    return found


SIZES: dict[str, Callable[[tuple], float]] = {
    "m-is-n": lambda s: s[0],
    "m-is-everything": prod,
    "m-is-space": lambda s: prod(s[2:]),
    "m-is-c": lambda s: s[1],
    "m-of-a-sample": lambda s: prod(s[1:]),
    "m-without-width": lambda s: prod(s[:1] + s[2:3]),
}
CEILINGS: dict[str, Callable[[int], float]] = {
    "ceiling-root-m": lambda m: m**0.5,
    "ceiling-without-root": lambda m: m - 1,
    "ceiling-unbiased": lambda m: (m - 1) / m**0.5,
    "ceiling-three": lambda m: 3,
    "ceiling-m": lambda m: m,
}


def wrong_sizes(on: frozenset[str]) -> dict[tuple, float]:
    """Predict m with a mistake."""
    (id,) = on
    return {shape: SIZES[id](shape) for shape in SHAPES}


def wrong_ceilings(on: frozenset[str]) -> dict[int, float]:
    """Predict the ceiling with a mistake."""
    (id,) = on
    return {m: CEILINGS[id](m) for m in COUNTS}


def _counted(id: str, did: str, symptom: str) -> Mistake:
    fix = "count the values of one channel: N·H·W, the size of x[:, 0]."
    return Mistake(id, "m", did, symptom, fix, at.COUNT)


def _limit(id: str, did: str, symptom: str) -> Mistake:
    fix = "take one value 1 and m − 1 values 0, and standardize by hand."
    return Mistake(id, "ceiling", did, symptom, fix, at.CEILING)


SIZE_MISTAKES = (
    _counted(
        "m-is-n",
        "You gave N, the batch size.",
        "you would call a batch of 2 images too small for batch "
        "norm; in early layers it is not.",
    ),
    _counted(
        "m-is-everything",
        "You counted the channels too.",
        "you would expect calmer statistics than you get.",
    ),
    _counted(
        "m-is-space",
        "You gave H·W and left N out. That is instance norm's m.",
        "you would not see why a smaller batch is noisier.",
    ),
    _counted(
        "m-is-c",
        "You gave C, the number of channels.",
        "C says how many sets there are, not how large they are.",
    ),
    _counted(
        "m-of-a-sample",
        "You counted the values of one sample. That is layer norm's m.",
        "you would think that the batch size does not matter.",
    ),
    _counted(
        "m-without-width",
        "You left the last axis out.",
        "for images you would expect noise that is not there.",
    ),
)
CEILING_MISTAKES = (
    _limit(
        "ceiling-root-m",
        "You gave √m. That is RMSNorm's ceiling: "
        "batch norm also removes the mean.",
        "at m = 2 and ε = 0 you would expect 1.41; every output is ±1.",
    ),
    _limit(
        "ceiling-without-root",
        "You forgot the root.",
        "you would look for outliers that cannot occur.",
    ),
    _limit(
        "ceiling-unbiased",
        "You divided by the unbiased deviation.",
        "at m = 2 and ε = 0 you would expect 0.71; every output is ±1.",
    ),
    _limit(
        "ceiling-three",
        "You gave 3 for every m, as if x̂ were normal.",
        "one outlier in a batch of 1025 gives 32.",
    ),
    _limit(
        "ceiling-m",
        "You gave m.",
        "you would look for outliers that cannot occur.",
    ),
)

set_size = Exercise(
    id="batch_norm.set_size",
    act=lambda prediction, keys: read(prediction, keys),
    cases=lambda: [SHAPES],
    right=measured_sizes(),
    wrong=wrong_sizes,
    mistakes=SIZE_MISTAKES,
    hints=(
        "How many numbers are averaged for one mean?",
        "x[:, 0] is one channel. What is its shape, for each of the five?",
        "m = x[:, 0].size: N·H·W, all axes but the channel's",
    ),
    then="Worth knowing next: (2, 64, 28, 28) shares more values than a "
    "dense layer with 1500 samples. The batch size alone says nothing.",
    answer=measured_sizes(),
    takes="dict",
)

ceiling = Exercise(
    id="batch_norm.ceiling",
    act=lambda prediction, keys: read(prediction, keys),
    cases=lambda: [COUNTS],
    right=measured_ceilings(),
    wrong=wrong_ceilings,
    mistakes=CEILING_MISTAKES,
    hints=(
        "Σ x̂ = 0 and Σ x̂² = m. How large can one of them get?",
        "If one is a, the others share −a: −a/(m − 1) each, when they are "
        "equal. Put that into Σ x̂² = m and solve for a.",
        "ceiling = (m - 1) ** 0.5",
    ),
    then="Worth knowing next: at m = 2 and ε = 0 every output is at the "
    "ceiling, +1 or −1. dx is 0, and nothing below can learn.",
    answer={m: round(c, 6) for m, c in measured_ceilings().items()},
    takes="dict",
)
