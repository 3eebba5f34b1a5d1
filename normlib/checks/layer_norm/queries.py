"""layer_norm.to_query: what comes back to a query through its shares."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, staged
from ..exercise import Exercise
from .places import PLACES


def back_to_query(dp, p, S, k, q, c):
    """Return a dict: dcapped, dS, dq_hat, dq."""
    dcapped = p * (dp - (p * dp).sum(axis=1, keepdims=True))
    dS = dcapped * (1 - np.tanh(S / c) ** 2)
    dq_hat = dS @ k / np.sqrt(q.shape[1])
    r = np.sqrt((q**2).mean(axis=1, keepdims=True))
    along = q / r * (dq_hat * q / r).mean(axis=1, keepdims=True)
    dq = (dq_hat - along) / r
    return {"dcapped": dcapped, "dS": dS, "dq_hat": dq_hat, "dq": dq}


def come_back(f: Callable, case: tuple) -> Answer:
    """Draw queries and keys, go forward, and ask for the way back."""
    seed, (N, T, d), c, size = case
    rng = np.random.default_rng(seed)
    q, k = rng.normal(0.3, 2, (N, d)), size * rng.normal(size=(T, d))
    r = np.sqrt((q**2).mean(axis=1, keepdims=True))
    S = q / r @ k.T / np.sqrt(d)
    e = np.exp(c * np.tanh(S / c))
    p, dp = e / e.sum(axis=1, keepdims=True), rng.normal(size=S.shape)
    found = f(dp, p, S, k, q, c)
    return staged(found, ("dcapped", "dS", "dq_hat", "dq"))


to_query = Exercise(
    id="layer_norm.to_query",
    answer=back_to_query,
    file=__file__,
    places=PLACES,
    slips=True,
    use=come_back,
    cases=lambda: [
        (1, (4, 4, 4), 3.0, 1.0),
        (2, (2, 3, 6), 0.5, 1e-3),  # tiny scores
        (3, (3, 4, 2), 50.0, 1e3),  # huge ones
    ],
    stages=True,
    hints=(
        "What must dcapped of a query sum to? Which dq cannot change q̂?",
        "∂pᵢ/∂capped_j = pᵢ(δᵢⱼ − p_j). The slope of c·tanh(S/c) is "
        "1 − tanh²(S/c). The norm's way back is (1/r)(I − q̂ q̂ᵀ/d).",
        "g = dq_hat; dq = (g - q_hat * (g * q_hat).mean(1)[:, None]) / r",
    ),
    afterwards="Worth knowing next: three things can take it all away: "
    "one share near 1, scores far above c, and a long query.",
)
