"""batch_norm.ceiling: predict how large x̂ can get."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

import numpy as np

from ...reference import batch_norm_forward
from ..exercise import Exercise
from .counting import read
from .places import PLACES


def ceiling_of(m):
    """Return the largest |x̂| that m values can have."""
    return (m - 1) ** 0.5


COUNTS = (2, 5, 17, 50, 1025)  # √(m − 1) is whole


def reached(m: int) -> float:
    """Normalize the most extreme input: one value stands alone."""
    x = np.zeros((m, 1))
    x[0] = 1.0
    y, _ = batch_norm_forward(x, None, None, eps=0.0)
    return float(np.abs(y).max())


ceiling = Exercise(
    id="batch_norm.ceiling",
    answer=ceiling_of,
    right=reached,
    file=__file__,
    places=PLACES,
    use=read,
    cases=lambda: [COUNTS],
    takes="dict",
    hints=(
        "Σ x̂ = 0 and Σ x̂² = m. How large can one of them get?",
        "If one is a, the others share −a: −a/(m − 1) each, when they are "
        "equal. Put that into Σ x̂² = m and solve for a.",
        "ceiling = (m - 1) ** 0.5",
    ),
    afterwards="Worth knowing next: at m = 2 and ε = 0 every output is at "
    "the ceiling, +1 or −1. dx is 0, and nothing below can learn.",
)
