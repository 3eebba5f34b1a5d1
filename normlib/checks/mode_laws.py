"""Laws of a norm with two modes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .answers import first_of
from .laws import Given, law

X = np.array([[1.0, 4.0], [3.0, 9.0]])
MORE = np.array([[5.0, 2.0], [4.0, 8.0]])
MOMENTUM, EPS = 0.25, 0.25
KEPT = ("running_mean", "running_var")
TWO = {"x": X, "γ": np.array([2.0, -0.5]), "β": np.array([0.3, -0.7])}
TWO |= {"running_mean": np.array([0.5, 2.0])}
TWO |= {"running_var": np.array([4.0, 9.0])}
OPTIONS = {"ε": EPS, "momentum": MOMENTUM}
ONE = {name: value[..., :1] for name, value in TWO.items()} | OPTIONS


def _call(
    f: Callable, given: Given, training: bool, **other: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return y and both running arrays, which begin afresh."""
    used = given | other
    kept = {name: used[name].copy() for name in KEPT}
    options = {"training": training, "momentum": MOMENTUM, "eps": EPS}
    y = f(used["x"].copy(), given["γ"], given["β"], **options, **kept)
    return (first_of(y, "y"), *kept.values())


def _trains(f: Callable, given: Given) -> tuple:
    other = {name: given[name] + 7.0 for name in KEPT}
    return _call(f, given, True)[0], _call(f, given, True, **other)[0]


def _spread(f: Callable, given: Given) -> tuple:
    var, y = given["x"].var(0), _call(f, given, True)[0]
    return given["γ"] ** 2 * var / (var + EPS), y.var(0)


def _mean_moves(f: Callable, given: Given) -> tuple:
    new = MOMENTUM * given["x"].mean(0)
    moved = (1 - MOMENTUM) * given["running_mean"] + new
    return moved, _call(f, given, True)[1]


def _var_moves(f: Callable, given: Given) -> tuple:
    new = MOMENTUM * given["x"].var(0, ddof=1)
    moved = (1 - MOMENTUM) * given["running_var"] + new
    return moved, _call(f, given, True)[2]


def _stays(f: Callable, given: Given) -> tuple:
    start = np.array([given[name] for name in KEPT])
    return start, np.array(_call(f, given, False)[1:])


def _alone(f: Callable, given: Given) -> tuple:
    more = MORE[:, : given["x"].shape[1]]
    together = np.concatenate([given["x"], more])
    y = _call(f, given, False, x=together)[0]
    return _call(f, given, False)[0], y[:2]


def _evaluates(f: Callable, given: Given) -> tuple:
    d = given["x"] - given["running_mean"]
    x_hat = d / np.sqrt(given["running_var"] + EPS)
    return given["γ"] * x_hat + given["β"], _call(f, given, False)[0]


_law = partial(law, inputs=(ONE, TWO | OPTIONS))
MODES = (
    _law("training", "y does not depend on the running arrays.", _trains),
    _law(
        "variance",
        "in training the variance of y is γ²·var/(var + ε).",
        _spread,
    ),
    _law(
        "running mean",
        "it moves by momentum towards the batch's mean.",
        _mean_moves,
    ),
    _law(
        "running variance",
        "it moves by momentum towards var·m/(m − 1).",
        _var_moves,
    ),
    _law("evaluation", "the running arrays stay.", _stays),
    _law(
        "independence",
        "in evaluation a row does not feel the others.",
        _alone,
    ),
    _law(
        "evaluated",
        "in evaluation y is γ (x − running_mean)/√(running_var + ε) + β.",
        _evaluates,
    ),
)
