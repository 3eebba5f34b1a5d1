"""rms_norm.fold: a net with LayerNorm becomes one with RMSNorm."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, named
from ..exercise import Exercise
from .places import PLACES


def to_rms_norm(W, b, gamma, beta, V, c):
    """Return W, b, gamma, V, c of the net with RMSNorm."""
    W = W - W.mean(axis=1, keepdims=True)  # (d, m)
    b = b - b.mean()  # (m,)
    c = c + beta @ V  # (k,)
    return W, b, gamma, V, c


def net(seed: int, d: int, m: int, k: int) -> dict[str, np.ndarray]:
    """Draw the six parameters; no mean of them is near zero."""
    rng = np.random.default_rng(seed)
    shapes = {"W": (d, m), "b": m, "gamma": m, "beta": m}
    shapes |= {"V": (m, k), "c": k}
    return {
        name: rng.normal(rng.choice([-1.5, 1.5]), 1, shape)
        for name, shape in shapes.items()
    }


def run(f: Callable, case: dict) -> Answer:
    """Run the net with what f returns, and RMSNorm in the middle."""
    new = named(f(**net(**case)), ("W", "b", "gamma", "V", "c"))
    W, b, gamma, V, c = new.values()
    x = np.random.default_rng(case["seed"]).normal(1, 1, (4, case["d"]))
    h = x @ W + b
    r = np.sqrt((h**2).mean(axis=1, keepdims=True) + 0.3)
    return {"y of the net": (gamma * h / r) @ V + c}


fold = Exercise(
    id="rms_norm.fold",
    answer=to_rms_norm,
    file=__file__,
    places=PLACES,
    use=run,
    cases=lambda: [
        {"seed": 1, "d": 4, "m": 4, "k": 4},
        {"seed": 2, "d": 3, "m": 5, "k": 2},
    ],
    hints=(
        "RMSNorm is LayerNorm for which rows? Which parameters make rows "
        "of h = x W + b so, whatever x is?",
        "Rows of mean 0. The mean of h over the features is x·(mean of W "
        "over its m columns) + mean(b): what must be taken off W and b? "
        "And where does β end up, once V multiplies it?",
        "W - W.mean(axis=1, keepdims=True), b - b.mean(), c + beta @ V",
    ),
    afterwards="Worth knowing next: what stands before the norm must be "
    "linear. In a pre-norm net that is the residual stream: every layer "
    "that writes into it is centred, the embedding too.",
)
