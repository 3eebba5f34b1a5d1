"""A net with a bug in four of five placements, and parts to run it."""

# ruff: noqa: ANN001, ANN201 (it is code that a learner reads)

from collections.abc import Callable

import numpy as np


def net(x, sublayers, last, place):
    """Return what the output reads; four placements have a bug."""
    alpha = len(sublayers) ** 0.25
    for f, first, second in sublayers:
        if place == "before":
            x = first(x)
            x = x + f(x)
        elif place == "behind":
            x = second(x + f(x))
        elif place == "both sides":
            x = x + first(f(first(x)))
        elif place == "outputs":
            x = x + second(f(x))
        elif place == "DeepNorm":
            x = second(x + alpha * f(x))
    return x if place == "DeepNorm" else last(x)


def drawn(seed: int, D: int, count: int) -> tuple:
    """Draw x (3, D), sublayers with γ and β of their own, a last norm."""
    rng = np.random.default_rng(seed)

    def norm() -> Callable:
        gamma, beta = rng.uniform(0.5, 2, D), rng.normal(size=D)

        def of(x: np.ndarray) -> np.ndarray:
            d = x - x.mean(axis=1, keepdims=True)
            return gamma * d / d.std(axis=1, keepdims=True) + beta

        return of

    def branch() -> Callable:
        W = rng.normal(size=(D, D))
        return lambda x: np.tanh(x @ W)

    parts = [(branch(), norm(), norm()) for _ in range(count)]
    return rng.normal(size=(3, D)), parts, norm()
