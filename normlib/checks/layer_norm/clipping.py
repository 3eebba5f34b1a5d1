"""layer_norm.clip: QK-clip where heads share a key."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, named
from ..exercise import Exercise
from .places import PLACES


def qk_clip(W_q, W_k, W_r, W_s, x, tau):
    """Return the four; no |score| that a query sees exceeds tau."""
    own = (x @ W_q) @ (x @ W_k).swapaxes(1, 2)
    shared = (x @ W_r) @ (x @ W_s).T
    S = np.tril(own + shared) / np.sqrt(W_q.shape[2] + W_r.shape[2])
    worst = abs(S).max(axis=(1, 2), keepdims=True)
    f = np.minimum(1, tau / worst)
    return W_q * np.sqrt(f), W_k * np.sqrt(f), W_r * f, W_s


def cut(f: Callable, case: tuple) -> Answer:
    """Cut drawn heads, the first of them quiet."""
    seed, (H, T, D, d, e) = case
    rng = np.random.default_rng(seed)
    shapes = (H, D, d), (H, D, d), (H, D, e), (D, e), (T, D)
    *W, x = (rng.normal(0.1, 1, shape) for shape in shapes)
    loud = np.linspace(0.2, 1.5, H)[:, None, None]
    W[0], W[2] = W[0] * loud, W[2] * loud
    return named(f(*W, x, 2.0), ("W_q", "W_k", "W_r", "W_s"))


clip = Exercise(
    id="layer_norm.clip",
    answer=qk_clip,
    file=__file__,
    places=PLACES,
    slips=True,
    use=cut,
    cases=lambda: [(167, (4, 4, 4, 4, 4)), (265, (3, 5, 4, 3, 2))],
    hints=(
        "By which factor must a head's scores fall? How does each of the "
        "two products get it, and which weights may not move at all?",
        "f = min(1, τ/max |S|), by head. Own are q, k and r, but not s.",
        "f = np.minimum(1, tau / abs(S).max((1, 2), keepdims=True)); "
        "return W_q * np.sqrt(f), W_k * np.sqrt(f), W_r * f, W_s",
    ),
    afterwards="Worth knowing next: where query heads share a whole key, "
    "W_k is nobody's own either, and W_q takes all of f.",
)
