"""Laws of a backward, tried in order when no named mistake fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..reference import batch_norm_forward
from .answers import labelled, named
from .outcome import Part, pre, say

X = np.array([[1.0, 4.0], [3.0, 9.0], [8.0, 2.0]])
DY = np.array([[0.5, -1.0], [2.0, 0.3], [-0.7, 1.5]])
GAMMA, BETA = np.array([2.0, 0.5]), np.array([0.3, -0.7])
EPS, STEP = 0.25, 1e-6


def law(name: str, says: str, sides: Callable) -> Callable:
    """Make a property; `sides` gets gradients, x, dy, γ and the cache."""

    def holds(f: Callable) -> tuple[str, list[Part]] | None:
        for n, c in ((2, 1), (3, 1), (3, 2)):
            x, dy, gamma = X[:n, :c], DY[:n, :c], GAMMA[:c]
            _, kept = batch_norm_forward(x, gamma, BETA[:c], eps=EPS)
            sigma = kept.sigma.ravel()
            try:
                out = f(dy, kept.x_hat, gamma, sigma)
                grads = named(out, ("dx", "dgamma", "dbeta"))
                want, got = sides(grads, x, dy, gamma, kept)
            except Exception:
                continue  # this input is too small for it
            if not isinstance(want, np.ndarray):
                ok = want == got
            else:
                ok = np.shape(got) == want.shape
                ok = ok and np.allclose(got, want, rtol=1e-4, atol=1e-5)
            if not ok:
                lines = [
                    labelled(f"{k} = ", v)
                    for k, v in (("x", x), ("dy", dy), ("γ", gamma))
                ]
                lines += [f"ε = {EPS}", labelled("expected ", want)]
                lines += [labelled("got      ", got)]
                told = f"The first property that fails is {name}: {says}"
                return name, [say(told), pre("\n".join(lines))]
        return None

    return holds


def _shapes(grads: dict, x: np.ndarray, *_: object) -> tuple:
    want = [x.shape, x.shape[1:], x.shape[1:]]
    return want, [g.shape for g in grads.values()]


def _dtypes(grads: dict, x: np.ndarray, *_: object) -> tuple:
    return [x.dtype] * 3, [g.dtype for g in grads.values()]


def _ones(grads: dict, x: np.ndarray, *_: object) -> tuple:
    return np.zeros(x.shape[1]), grads["dx"].sum(0)


def _dbeta(grads: dict, x: np.ndarray, dy: np.ndarray, *_: object) -> tuple:
    return dy.sum(0), grads["dbeta"]


def _by_differences(
    grads: dict,
    x: np.ndarray,
    dy: np.ndarray,
    gamma: np.ndarray,
    *_: object,
) -> tuple:
    beta, slopes = BETA[: len(gamma)], np.empty_like(x)
    for i in np.ndindex(*x.shape):
        loss = []
        for sign in (1, -1):
            moved = x.copy()
            moved[i] += sign * STEP
            y, _ = batch_norm_forward(moved, gamma, beta, eps=EPS)
            loss.append((dy * y).sum())
        slopes[i] = (loss[0] - loss[1]) / (2 * STEP)
    return slopes, grads["dx"]


def _scale_by_differences(
    grads: dict,
    x: np.ndarray,
    dy: np.ndarray,
    gamma: np.ndarray,
    *_: object,
) -> tuple:
    beta = BETA[: len(gamma)]
    y = [
        batch_norm_forward(x, gamma + s * STEP, beta, eps=EPS)[0]
        for s in (1, -1)
    ]
    return (dy * (y[0] - y[1])).sum(0) / (2 * STEP), grads["dgamma"]


BACKWARD = (
    law("shape", "dx has the shape of x, dγ and dβ that of γ.", _shapes),
    law("dtype", "gradients have the dtype of x.", _dtypes),
    law(
        "mean",
        "a column of dx sums to zero: adding a constant to x "
        "changes nothing.",
        _ones,
    ),
    law("dβ", "dβ is the sum of dy over the batch.", _dbeta),
    law(
        "dγ",
        "dγ is the slope of the loss, by differences.",
        _scale_by_differences,
    ),
    law(
        "gradient",
        "dx is the slope of the loss, by differences.",
        _by_differences,
    ),
)
