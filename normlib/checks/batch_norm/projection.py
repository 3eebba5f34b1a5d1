"""batch_norm.backward: the gradient as a projection."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

from ..answers import Answer, named
from ..backward_laws import BACKWARD, NAMES
from ..exercise import Exercise
from .inputs import Case, draw
from .places import PLACES


def batch_norm_backward(dy, x_hat, gamma, sigma):
    """Return dx, dgamma, dbeta; ε is inside sigma."""
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    g = gamma * dy
    along = x_hat * (g * x_hat).mean(axis=0)
    dx = (g - g.mean(axis=0) - along) / sigma
    return dx, dgamma, dbeta


def project(f: Callable, case: Case) -> Answer:
    """Call a backward on what a forward kept."""
    x, dy, gamma = case["x"], case["dy"], case["gamma"]
    sigma = (x.var(axis=0) + case["eps"]) ** 0.5
    x_hat = (x - x.mean(axis=0)) / sigma + case.get("shift", 0)
    return named(f(dy, x_hat, gamma, sigma), NAMES)


backward = Exercise(
    id="batch_norm.backward",
    answer=batch_norm_backward,
    file=__file__,
    shared=("gradients", "projection"),
    places=PLACES,
    use=project,
    cases=lambda: [
        draw(8, 4, 3),
        draw(9, 5, 2, eps=0.6),
        draw(10, 2, 2),
        draw(11, 3, 2, far=100.0, dtype="float32"),
    ],
    # mean(g)·mean(x̂) is 0 like a term left out, unless x̂ is shifted.
    probes=lambda: [draw(12, 4, 3) | {"shift": 1.0}],
    laws=BACKWARD,
    stages=True,
    same_dtype=False,
    hints=(
        "Which two directions of dx can change nothing in x̂?",
        "Along the ones and, at ε = 0, along x̂. With g = γ dy, write "
        "dx = (g − a − b·x̂)/σ with one a and one b a channel. What must "
        "they be, so that dx sums to 0 and so does dx·x̂? Recall Σ x̂ = 0 "
        "and Σ x̂² = m.",
        "dx = (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / sigma",
    ),
    afterwards="Worth knowing next: the columns of dx sum to zero, so a "
    "bias in front of batch norm gets no gradient.",
)
