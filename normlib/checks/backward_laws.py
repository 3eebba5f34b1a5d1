"""Laws of a backward that is given dy, x̂, γ and σ."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .answers import named
from .laws import Given, law

X = np.array([[1.0, 4.0], [3.0, 9.0], [8.0, 2.0]])
DY = np.array([[0.5, -1.0], [2.0, 0.3], [-0.7, 1.5]])
GAMMA, EPS, STEP = np.array([2.0, -0.5]), 0.25, 1e-6
NAMES = ("dx", "dgamma", "dbeta")


def standardized(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x̂ and σ."""
    sigma = np.sqrt(x.var(0) + EPS)
    return (x - x.mean(0)) / sigma, sigma


def _grads(f: Callable, given: Given) -> dict[str, np.ndarray]:
    x, dy, gamma, _ = given.values()
    x_hat, sigma = standardized(x)
    return named(f(dy, x_hat, gamma, sigma), NAMES)


def _loss(x: np.ndarray, given: Given, gamma: np.ndarray) -> np.ndarray:
    """Return Σ dy·y by channel; β would only add a constant."""
    return (given["dy"] * gamma * standardized(x)[0]).sum(0)


def _shapes(f: Callable, given: Given) -> tuple:
    x = given["x"]
    wanted = [x.shape, x.shape[1:], x.shape[1:]]
    return wanted, [g.shape for g in _grads(f, given).values()]


def _ones(f: Callable, given: Given) -> tuple:
    return np.zeros(given["x"].shape[1]), _grads(f, given)["dx"].sum(0)


def _dbeta(f: Callable, given: Given) -> tuple:
    return given["dy"].sum(0), _grads(f, given)["dbeta"]


def _dgamma(f: Callable, given: Given) -> tuple:
    slope = _loss(given["x"], given, np.ones_like(given["γ"]))
    return slope, _grads(f, given)["dgamma"]


def _dx(f: Callable, given: Given) -> tuple:
    x, slopes = given["x"], np.empty_like(given["x"])
    for i in np.ndindex(*x.shape):
        loss = []
        for sign in (1, -1):
            moved = x.copy()
            moved[i] += sign * STEP
            loss.append(_loss(moved, given, given["γ"]).sum())
        slopes[i] = (loss[0] - loss[1]) / (2 * STEP)
    return slopes, _grads(f, given)["dx"]


_law = partial(
    law,
    inputs=[
        {"x": X[:n, :c], "dy": DY[:n, :c], "γ": GAMMA[:c], "ε": EPS}
        for n, c in ((2, 1), (3, 1), (3, 2))
    ],
)
BACKWARD = (
    _law("shape", "dx has the shape of x, dγ and dβ that of γ.", _shapes),
    _law(
        "mean",
        "a column of dx sums to zero: adding a constant to x "
        "changes nothing.",
        _ones,
    ),
    _law("dβ", "dβ is the sum of dy over the batch.", _dbeta),
    _law("dγ", "dγ is the slope of the loss.", _dgamma),
    _law(
        "gradient",
        "dx is the slope of the loss, by differences.",
        _dx,
    ),
)
