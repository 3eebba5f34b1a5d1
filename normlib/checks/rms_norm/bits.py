"""rms_norm.half: float16 in, float16 out, float32 in between."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, first_of
from ..exercise import Exercise
from ..laws import Broken
from ..outcome import say
from .places import PLACES


def rms_norm_half(x, gamma, *, eps=1e-6):
    """Return y in float16 for x (N, m) and γ (m,) in float16."""
    h = x.astype(np.float32)
    mean = (h**2).mean(axis=1, keepdims=True)
    r = np.sqrt(mean + eps)
    x_hat = h / r
    y = gamma.astype(np.float32) * x_hat
    return y.astype(np.float16)


def rows(case: dict) -> tuple[np.ndarray, np.ndarray]:
    """Draw x (4, 4) of one size, the last row zeros, and γ."""
    rng = np.random.default_rng(case["seed"])
    x = case["size"] * rng.uniform(1, 3, (4, 4)) * [1, -1, 1, 1]
    x[:, 0] *= case.get("outlier", 1)
    x[3] = 0
    gamma = case.get("gamma", 1) * rng.uniform(0.5, 0.9, 4)
    return x.astype(np.float16), gamma.astype(np.float16)


def norm(f: Callable, case: dict) -> Answer:
    """Call a forward; the bits of y count, and its dtype."""
    y = first_of(f(*rows(case), eps=case["eps"]), "y")
    kept = "float16" if y.dtype == np.float16 else "wider"
    return {"dtype of y": kept, "y": y}


# Seeds for which no y lies near the middle between two halves: any
# arithmetic of float32 gives these bits.
CASES = (
    {"seed": 4, "size": 400.0, "eps": 1e-6},
    {"seed": 2, "size": 1e-4, "eps": 1e-8},
    {"seed": 2, "size": 0.01, "outlier": 1e6, "gamma": 900, "eps": 1e-6},
    {"seed": 3, "size": 2.0, "eps": 0.5},
    {"seed": 5, "size": 0.05, "eps": 0.003},
)


def lost(f: Callable) -> Broken | None:
    """Tell whether a harmless row comes out as zeros."""
    if norm(f, CASES[0])["y"].any():
        return None
    return "row-lost", [
        say(
            "A row of 400s comes out as 0: its squares are infinite in "
            "float16, and so is r. Convert x before you square it, and "
            "keep what astype returns: it does not change x."
        )
    ]


def near(f: Callable) -> Broken | None:
    """Tell whether all that is wrong are last digits."""
    y, right = (
        np.array([norm(g, case)["y"] for case in CASES], float)
        for g in (f, rms_norm_half)
    )
    off = np.max(abs(y - right) / (abs(right) + 1e-7))
    if not off < 0.01:
        return None
    return "", [
        say(
            f"Nearly right: the largest difference is {off:.2%}. Something "
            "between x and y is rounded to float16. Stay in float32 to the "
            "end, γ included."
        )
    ]


half = Exercise(
    id="rms_norm.half",
    answer=rms_norm_half,
    file=__file__,
    shared=("rms",),
    places=PLACES,
    use=norm,
    cases=lambda: CASES,
    laws=(lost, near),
    single=True,
    hints=(
        "Which intermediate is the first that float16 cannot hold, for a "
        "row of 400s? And for a row of 0.0001s?",
        "The squares: 160,000 is too large, 10⁻⁸ too small. So x is "
        "converted before it is squared. And when is y rounded, if it is "
        "rounded once?",
        "h = x.astype(np.float32); everything with h; at the end "
        "y.astype(np.float16), after γ",
    ),
    afterwards="Worth knowing next: LLaMA's code rounds x̂ first and "
    "multiplies by γ then. To repeat such a model bit by bit you need that "
    "order, though it rounds twice.",
)
