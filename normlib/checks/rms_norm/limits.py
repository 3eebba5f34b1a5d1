"""rms_norm.window: predict where float16 begins to fail."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from math import ceil, floor, log2
from numbers import Number

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .given import in_half
from .places import PLACES


def window_of(D, eps):
    """Return the lowest and the highest k for which 2**k is right."""
    largest, smallest = 65504, 2.0**-24
    highest = floor(log2(largest / D) / 2)
    if eps < smallest / 2:
        eps = 0
    s2 = max(smallest, eps * 0.81 / 0.19)
    lowest = ceil(log2(s2) / 2)
    return lowest, highest


def swept(D: int, eps: float) -> tuple[int, int]:
    """Run the program on rows of 2**k, and see which come out right."""
    rows = {k: np.full(D, 2.0**k, np.float16) for k in range(-14, 16)}
    y = {k: in_half(row, eps)[0] for k, row in rows.items()}
    right = [k for k in y if abs(y[k] - 1) <= 0.1]
    return min(right), max(right)


def predict(f: Callable, case: tuple[int, float]) -> Answer:
    """Return both ends of a prediction, with D and ε in their names."""
    found = f(*case)
    if found is None:
        raise Blank("Your function returns None.")
    numbers = isinstance(found, tuple) and len(found) == 2
    if not numbers or not all(isinstance(k, Number) for k in found):
        raise Unusable("What you return must be two numbers.")
    at = "k for D = {}, ε = {:g}".format(*case)
    lowest, highest = map(float, found)
    return {f"highest {at}": highest, f"lowest {at}": lowest}


window = Exercise(
    id="rms_norm.window",
    answer=window_of,
    right=swept,
    file=__file__,
    places=PLACES,
    use=predict,
    cases=lambda: [
        (1, 1e-5),
        (1024, 1e-6),
        (64, 1e-12),
        (768, 2e-8),
        (4096, 9.4e-4),
    ],
    hints=(
        "Of all intermediates, which is the largest? Which is the first "
        "to become 0?",
        "The sum D·s² must stay below 65504, one square s² at or above "
        "2⁻²⁴; and s/√(s² + ε) ≥ 0.9 asks s² ≥ ε·0.81/0.19. With s = 2ᵏ, "
        "what is k? And which ε is 0 in float16?",
        "highest = floor(log2(65504 / D) / 2), lowest = "
        "ceil(log2(max(2**-24, eps * 0.81 / 0.19)) / 2)",
    ),
    afterwards="Worth knowing next: at D = 4096 a row of 4s is lost. With "
    "a sum in float32 rows up to 128 pass, with squares in float32 all "
    "that float16 holds.",
)
