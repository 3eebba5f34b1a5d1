"""batch_norm.forward: a batch of rows in training."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ...reference import batch_norm_forward as reference
from ..answers import Answer, first_of
from ..exercise import Exercise
from ..forward_laws import FOR_ROWS
from .inputs import FAR, Case, draw
from .places import PLACES


def batch_norm_forward(x, gamma, beta, *, eps=1e-5):
    """Return y for x (N, C)."""
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).mean(axis=0)
    sigma = np.sqrt(var + eps)
    x_hat = (x - mu) / sigma
    return gamma * x_hat + beta


def once(f: Callable, case: Case) -> Answer:
    """Call a forward in training and return y."""
    args = (case["x"], case["gamma"], case["beta"])
    return {"y": first_of(f(*args, eps=case["eps"]), "y")}


forward = Exercise(
    id="batch_norm.forward",
    answer=batch_norm_forward,
    right=reference,
    file=__file__,
    shared=("statistics", "sigma", "scale"),
    places=PLACES,
    use=once,
    cases=lambda: [
        draw(1, 4, 3),
        draw(2, 5, 2, eps=0.7),
        draw(3, 2, 2),
        draw(4, 3, 3, far=100.0),
        draw(5, 6, 2, dtype="float32"),
    ],
    strained=lambda: [draw(6, 8, 2, **far) for far in FAR],
    laws=FOR_ROWS,
    single=True,
    hints=(
        "Which values share one mean? x is (N, C); how many means are "
        "there?",
        "C of them: mu = x.mean(axis=0) is (C,), and NumPy subtracts it "
        "from every row. The variance is a mean over the same axis, of "
        "(x − μ)². What is divided by its root?",
        "var = ((x - mu) ** 2).mean(axis=0), then "
        "x_hat = (x - mu) / np.sqrt(var + eps)",
    ),
    afterwards="Worth knowing next: no value of x̂ can exceed √(m − 1). "
    "With m = 2 and ε = 0 it is −1 or 1 whatever x was.",
)
