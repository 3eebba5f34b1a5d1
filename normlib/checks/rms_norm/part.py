"""rms_norm.partial: r from the first features alone (pRMSNorm)."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from math import ceil

import numpy as np

from ..answers import Answer, first_of
from ..exercise import Exercise
from ..laws import Given, law
from .inputs import Case, draw
from .places import PLACES


def partial_rms_norm(x, gamma, p, *, eps=1e-6):
    """Return y for x (N, m), with r from a share p of the features."""
    m = x.shape[1]
    k = ceil(p * m)
    part = x[:, :k]
    r = np.sqrt((part**2).mean(axis=1, keepdims=True) + eps)
    x_hat = x / r
    return gamma * x_hat


def norm(f: Callable, case: Case) -> Answer:
    """Call a forward and return y."""
    x, gamma, p, eps = (case[k] for k in ("x", "gamma", "p", "eps"))
    return {"y": first_of(f(x, gamma, p, eps=eps), "y")}


def _rest(f: Callable, given: Given) -> tuple:
    k, other = 2, given["x"].copy()
    other[:, k:] *= 3
    y, moved = (norm(f, given | {"x": x})["y"] for x in (given["x"], other))
    return y[:, :k], moved[:, :k]


SMALL = [draw(6, n, 4) | {"p": 0.5} for n in (1, 2)]
partial = Exercise(
    id="rms_norm.partial",
    answer=partial_rms_norm,
    file=__file__,
    shared=("rms",),
    without=("over-rows",),  # no shape fits
    places=PLACES,
    use=norm,
    cases=lambda: [
        draw(1, 3, 8) | {"p": 0.3},
        draw(2, 4, 5, eps=0.7) | {"p": 0.5},
        draw(3, 2, 6) | {"p": 1.0},
        draw(4, 2, 8) | {"p": 0.0625},
        draw(5, 3, 7, dtype="float32") | {"p": 0.25},
        draw(7, 3, 8) | {"p": 0.5},  # p·m is whole: it stays as it is
        draw(8, 2, 4) | {"p": 0.25},
    ],
    laws=(
        law(
            "rest",
            "features after the k-th do not move those before.",
            _rest,
            SMALL,
        ),
    ),
    single=True,
    hints=(
        "Which features are measured, and which are divided?",
        "The first k = ⌈p·m⌉ are measured; all m are divided. r² is a mean "
        "over k squares. What must stand where m stood?",
        "r = np.sqrt((x[:, :k] ** 2).mean(axis=1, keepdims=True) + eps), "
        "with k = ceil(p * m)",
    ),
    afterwards="Worth knowing next: a widely copied code takes "
    "int(m·p), one feature less than ⌈m·p⌉ where m·p is not whole. A "
    "checkpoint has to be read with the rounding it was trained with.",
)
