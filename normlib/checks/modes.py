"""Laws of a norm with two modes, tried when no named mistake fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .answers import first_of, labelled
from .outcome import Part, pre, say

X, MORE = np.array([[1.0], [3.0]]), np.array([[5.0], [4.0]])
GAMMA, BETA = np.array([2.0]), np.array([0.3])
START = {"running_mean": 0.5, "running_var": 4.0}
EPS, MOMENTUM = 0.25, 0.5

Call = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]


def law(name: str, says: str, sides: Callable[[Call], tuple]) -> Callable:
    """Make a property; `sides` calls from fresh running arrays."""

    def holds(f: Callable) -> tuple[str, list[Part]] | None:
        def call(
            x: np.ndarray, training: bool, **start: float
        ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            kept = {k: np.array([v]) for k, v in (START | start).items()}
            options = {"momentum": MOMENTUM, "eps": EPS, **kept}
            y = f(x.copy(), GAMMA, BETA, training=training, **options)
            return (first_of(y, "y"), *kept.values())

        try:
            want, got = sides(call)
        except Exception:
            return None  # another law, or the difference, says more
        if np.shape(got) == want.shape and np.allclose(got, want):
            return None
        lines = [labelled("x = ", X), "γ = 2, β = 0.3, ε = 0.25"]
        lines += ["running_mean = 0.5, running_var = 4, momentum = 0.5"]
        lines += [labelled("expected ", want), labelled("got      ", got)]
        told = f"The first property that fails is {name}: {says}"
        return name, [say(told), pre("\n".join(lines))]

    return holds


def _trains(f: Call) -> tuple:
    return f(X, True)[0], f(X, True, running_mean=9.0, running_var=7.0)[0]


def _spread(f: Call) -> tuple:
    y, _, _ = f(X, True)
    return GAMMA**2 * X.var(0) / (X.var(0) + EPS), y.var(0)


def _mean_moves(f: Call) -> tuple:
    return (1 - MOMENTUM) * 0.5 + MOMENTUM * X.mean(0), f(X, True)[1]


def _var_moves(f: Call) -> tuple:
    new = MOMENTUM * X.var(0, ddof=1)
    return (1 - MOMENTUM) * 4.0 + new, f(X, True)[2]


def _stays(f: Call) -> tuple:
    return np.array([[0.5], [4.0]]), np.array(f(X, False)[1:])


def _alone(f: Call) -> tuple:
    return f(X, False)[0], f(np.concatenate([X, MORE]), False)[0][:2]


def _evaluates(f: Call) -> tuple:
    return GAMMA * (X - 0.5) / np.sqrt(4 + EPS) + BETA, f(X, False)[0]


MODES = (
    law("training", "y does not depend on the running arrays.", _trains),
    law(
        "variance",
        "in training the variance of y is γ²·var/(var + ε).",
        _spread,
    ),
    law(
        "running mean",
        "it moves by momentum towards the batch's mean.",
        _mean_moves,
    ),
    law(
        "running variance",
        "it moves by momentum towards var·m/(m − 1).",
        _var_moves,
    ),
    law("evaluation", "the running arrays stay.", _stays),
    law(
        "independence",
        "in evaluation a row does not feel the others.",
        _alone,
    ),
    law(
        "evaluated",
        "in evaluation y is γ (x − running_mean)/√(running_var + ε) + β.",
        _evaluates,
    ),
)
