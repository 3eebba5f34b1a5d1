"""other_techniques.spectral: the way back through spectral norm."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, first_of
from ..exercise import Exercise
from ..laws import Given, law
from .places import PLACES


def spectral_norm_backward(dw, v, u, x):
    """Return dv (n, m) for w = v/σ with σ = uᵀ v x."""
    sigma = u @ v @ x
    w = v / sigma
    along = (dw * w).sum()
    return (dw - along * np.outer(u, x)) / sigma


def back(f: Callable, dw: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Find u and x, and go back."""
    left, _, right = np.linalg.svd(v)
    return first_of(f(dw, v, left[:, 0], right[0]), "dv")


def drawn(f: Callable, case: tuple) -> Answer:
    """Go back through a drawn matrix."""
    seed, shape = case
    dw, v = np.random.default_rng(seed).normal(0.2, 1, (2, *shape))
    return {"dv": back(f, dw, v)}


def _angle(f: Callable, given: Given) -> tuple:
    return np.zeros(()), (back(f, **given) * given["v"]).sum()


SMALL = [
    {"dw": np.array([[1.0, 0.0]]), "v": np.array([[3.0, 4.0]])},
    {"dw": np.array([[1.0, 0], [2, 1]]), "v": np.array([[2.0, 1], [0, 1]])},
]
spectral = Exercise(
    id="other_techniques.spectral",
    answer=spectral_norm_backward,
    file=__file__,
    places=PLACES,
    slips=True,
    use=drawn,
    cases=lambda: [(1, (4, 4)), (2, (3, 5)), (3, (4, 2)), (4, (1, 3))],
    laws=(law("right angle", "the sum of dv·v is 0.", _angle, SMALL),),
    single=True,
    hints=(
        "By how much does σ change, if v changes by a small δv? Do u and x "
        "count, which change too?",
        "They do not: u has length 1, so its change is at a right angle to "
        "u, and v x = σ u. So δσ = uᵀ δv x, and ∂σ/∂v = u xᵀ. Now "
        "differentiate v/σ.",
        "dv = (dw - (dw * w).sum() * np.outer(u, x)) / sigma; w = v / σ",
    ),
    afterwards="Worth knowing next: dv is at a right angle to v, yet what "
    "was taken out is a multiple of u xᵀ. They agree where v has rank 1. "
    "With one row, spectral norm is weight norm with g = 1.",
)
