"""Laws of a forward that standardizes each channel over its set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from .answers import first_of
from .laws import Given, Sides, law

EPS = 0.25
ROWS = np.array([[1.0, 4.0], [3.0, 9.0], [8.0, 2.0]])
# Two images of two channels, 2 × 3 pixels.
IMAGES = np.array([1, 3, 8, 2, 7, 4, 9, 6, 5, 0, 2, 3] * 2, float)
IMAGES = IMAGES.reshape(2, 2, 2, 3) + np.array([[[[0]]], [[[2]]]])


def given(x: np.ndarray) -> Given:
    """Add γ, β and ε to x (N, C, …)."""
    C = x.shape[1]
    gamma, beta = np.array([2.0, -0.5])[:C], np.array([0.3, -0.7])[:C]
    return {"x": x, "γ": gamma, "β": beta, "ε": EPS}


def call(f: Callable, given: Given, **other: np.ndarray) -> np.ndarray:
    """Return y, where something of the input may be another."""
    x, gamma, beta, eps = (given | other).values()
    return first_of(f(x.copy(), gamma, beta, eps=eps), "y")


def over_set(reduce: Callable, x: np.ndarray) -> np.ndarray:
    """Reduce over all axes but the channel's."""
    return reduce(x, axis=(0, *range(2, x.ndim)))


def column(v: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Give v (C,) the axes of x."""
    return v.reshape(-1, *(1,) * (x.ndim - 2))


def _shape(f: Callable, given: Given) -> tuple:
    return given["x"].shape, call(f, given).shape


def _mean(f: Callable, given: Given) -> tuple:
    return given["β"], over_set(np.mean, call(f, given))


def _variance(f: Callable, given: Given) -> tuple:
    var = over_set(np.var, given["x"])
    wanted = given["γ"] ** 2 * var / (var + EPS)
    return wanted, over_set(np.var, call(f, given))


def _scale(f: Callable, given: Given) -> tuple:
    beta = column(given["β"], given["x"])
    twice = call(f, given, γ=2 * given["γ"])
    return 2 * (call(f, given) - beta), twice - beta


def _offset(f: Callable, given: Given) -> tuple:
    return call(f, given) + 3.0, call(f, given, β=given["β"] + 3.0)


def _shift(f: Callable, given: Given) -> tuple:
    return call(f, given), call(f, given, x=given["x"] + 5.0)


def _independent(f: Callable, given: Given) -> tuple:
    other = given["x"].copy()
    other[:, 1:] = other[::-1, 1:] * 3
    return call(f, given)[:, 0], call(f, given, x=other)[:, 0]


def _order(f: Callable, given: Given) -> tuple:
    x = given["x"]
    return call(f, given)[::-1], call(f, given, x=x[::-1])


def _formula(f: Callable, given: Given) -> tuple:
    x = given["x"]
    mu, var = (column(over_set(r, x), x) for r in (np.mean, np.var))
    gamma, beta = column(given["γ"], x), column(given["β"], x)
    y = gamma * (x - mu) / np.sqrt(var + EPS) + beta
    return y, call(f, given)


LAWS: tuple[tuple[str, str, Sides], ...] = (
    ("shape", "y has the shape of x.", _shape),
    ("mean", "the mean of y over a channel is β.", _mean),
    (
        "variance",
        "the variance of y over a channel is γ²·var/(var + ε).",
        _variance,
    ),
    ("scale", "twice γ gives twice y − β.", _scale),
    ("offset", "β + 3 gives y + 3.", _offset),
    ("shift", "adding 5 to x changes nothing.", _shift),
    ("independence", "a channel does not feel another.", _independent),
    ("order", "samples in another order give the same values.", _order),
    ("formula", "y = γ (x − μ)/√(var + ε) + β.", _formula),
)


def _all(inputs: Iterable[np.ndarray]) -> tuple[Any, ...]:
    make = partial(law, inputs=[given(x) for x in inputs])
    return tuple(make(*each) for each in LAWS)


FOR_ROWS = _all((ROWS[:2, :1], ROWS[:, :1], ROWS))
FOR_IMAGES = _all(
    (
        IMAGES[:, :1, :1, :1],
        IMAGES[:1, :1, :1],
        IMAGES[:1, :1],
        IMAGES[:, :1],
        IMAGES[..., :2],  # N = C = W: what lines up wrongly runs
        IMAGES,
    )
)
