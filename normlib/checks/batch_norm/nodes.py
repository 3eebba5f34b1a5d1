"""batch_norm.staged_backward: the gradient, one node at a time."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, staged
from ..exercise import Exercise
from .inputs import Case, draw
from .places import PLACES

STAGES = ("dbeta", "dgamma", "dx_hat", "dvar", "dmu", "dx")


def batch_norm_staged_backward(dy, x, mu, var, gamma, eps):
    """Return a dict of the six gradients."""
    m, sigma = len(x), np.sqrt(var + eps)
    x_hat = (x - mu) / sigma
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx_hat = gamma * dy
    dvar = (dx_hat * (x - mu)).sum(axis=0) * -0.5 / sigma**3
    dmu = -dx_hat.sum(axis=0) / sigma
    dx = dx_hat / sigma + 2 * (x - mu) * dvar / m + dmu / m
    grads = {"dbeta": dbeta, "dgamma": dgamma, "dx_hat": dx_hat}
    return grads | {"dvar": dvar, "dmu": dmu, "dx": dx}


def fill(f: Callable, case: Case) -> Answer:
    """Call a staged backward and return what it has of the stages."""
    x, gamma, _, dy, eps = case.values()
    grads = f(dy, x, x.mean(axis=0), x.var(axis=0), gamma, eps)
    return staged(grads, STAGES)


staged_backward = Exercise(
    id="batch_norm.staged_backward",
    answer=batch_norm_staged_backward,
    file=__file__,
    shared=("gradients",),
    places=PLACES,
    use=fill,
    cases=lambda: [
        draw(6, 4, 3),
        draw(7, 5, 2, eps=0.6),
        draw(13, 2, 2),
        draw(14, 3, 2, dtype="float32"),
    ],
    stages=True,
    same_dtype=False,
    hints=(
        "Draw the forward as a graph: x goes three ways into x̂. Which "
        "nodes does every sample share?",
        "var and μ: what comes back to them is a sum over the batch. "
        "x̂ = (x − μ)·(var + ε)^(−½), so one sample sends "
        "dx̂·(x − μ)·(−½)σ⁻³ to var and −dx̂/σ to μ. And x gets three "
        "parts: through x̂ 1/σ, through var 2(x − μ)/m, through μ 1/m.",
        "dvar = (dx_hat * (x - mu)).sum(axis=0) * -0.5 / sigma**3, and "
        "dx = dx_hat / sigma + 2 * (x - mu) * dvar / m + dmu / m",
    ),
    afterwards="Worth knowing next: put dvar and dmu into dx and the three "
    "terms become one projection, dx = (1/σ) P g.",
)
