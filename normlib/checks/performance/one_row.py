"""performance.one_row: the backward of a row, and its share of sums."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .places import PLACES


def backward(dy, x, gamma, mu, rstd, dgamma, dbeta):
    """Return dx of one row; add its share to dgamma and dbeta."""
    N = len(x)
    x_hat = [(v - mu) * rstd for v in x]
    g = [w * d for w, d in zip(gamma, dy, strict=True)]
    a = b = 0.0
    for j in range(N):
        a += g[j]
        b += g[j] * x_hat[j]
        dgamma[j] += dy[j] * x_hat[j]
        dbeta[j] += dy[j]
    return [rstd * (g[j] - a / N - x_hat[j] * b / N) for j in range(N)]


def walk(f: Callable, case: dict) -> Answer:
    """Take some rows through it, with one dγ and dβ."""
    rng = np.random.default_rng(case["seed"])
    M, N = case["shape"]
    x = 1 + rng.normal(size=(M, N)) * rng.uniform(1, 3, (M, 1))
    dy, gamma = rng.normal(size=(M, N)), rng.uniform(0.5, 1.5, N)
    mu, rstd = x.mean(1), 1 / np.sqrt(x.var(1) + 0.1)
    dgamma, dbeta = np.zeros((2, N))
    rows = []
    for i in range(M):
        given = list(dy[i]), list(x[i]), list(gamma), mu[i], rstd[i]
        dx = f(*given, dgamma=dgamma, dbeta=dbeta)
        if dx is None:
            raise Blank("Your function returns None: return dx.")
        if np.shape(dx) != (N,):
            raise Unusable("What you return must be dx alone, N numbers.")
        rows.append(dx)
    return {"dx": np.array(rows), "dgamma": dgamma, "dbeta": dbeta}


one_row = Exercise(
    id="performance.one_row",
    answer=backward,
    file=__file__,
    places=PLACES,
    slips=True,
    may_change=("dgamma", "dbeta"),
    use=walk,
    cases=lambda: [
        {"seed": 0, "shape": (1, 4)},
        {"seed": 1, "shape": (3, 5)},
        {"seed": 2, "shape": (6, 8)},
    ],
    hints=(
        "Which sums must be complete before the first number of dx can be "
        "written? And which sums are never needed for dx?",
        "Along the row: a = Σg and b = Σ g x̂, with g = γ dy. Down the "
        "rows: dβ gets dy and dγ gets dy x̂. Then dx = (g − a/N − x̂ "
        "b/N)/σ.",
        "in the loop: a += g[j]; b += g[j] * x_hat[j]; dgamma[j] += dy[j] "
        "* x_hat[j]; dbeta[j] += dy[j]. Then dx[j] = rstd * (g[j] - a / N "
        "- x_hat[j] * b / N)",
    ),
    afterwards="Worth knowing next: each row adds to all of dγ and dβ, so "
    "two threads may not share them. Each has sums of its own, and they "
    "are added at the end.",
)
