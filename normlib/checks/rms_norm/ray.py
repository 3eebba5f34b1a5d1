"""rms_norm.backward: the gradient with one projector."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, named
from ..exercise import Exercise
from ..laws import Given, law
from .inputs import Case, draw
from .places import PLACES


def rms_norm_backward(dy, x, gamma, *, eps=1e-6):
    """Return dx, dgamma for x (N, m); a set is a row."""
    r = np.sqrt((x**2).mean(axis=1, keepdims=True) + eps)
    x_hat = x / r
    g = gamma * dy
    along = x_hat * (g * x_hat).mean(axis=1, keepdims=True)
    dx = (g - along) / r
    dgamma = (dy * x_hat).sum(axis=0)
    return dx, dgamma


def project(f: Callable, case: Case) -> Answer:
    """Call a backward; return both gradients."""
    dy, x, gamma, eps = (case[k] for k in ("dy", "x", "gamma", "eps"))
    return named(f(dy, x, gamma, eps=eps), ("dx", "dgamma"))


def _ray(f: Callable, given: Given) -> tuple:
    along = (project(f, given)["dx"] * given["x"]).sum(axis=1)
    return np.zeros(len(given["x"])), along


def _length(f: Callable, given: Given) -> tuple:
    far = given | {"x": 10 * given["x"]}
    return project(f, given)["dx"] / 10, project(f, far)["dx"]


SMALL = [draw(3, n, m, eps=0.0) for n, m in ((1, 2), (2, 2), (2, 3))]
backward = Exercise(
    id="rms_norm.backward",
    answer=rms_norm_backward,
    file=__file__,
    shared=("rms", "gradients"),
    without=("dgamma-without-x-hat", "dgamma-not-summed"),
    places=PLACES,
    use=project,
    cases=lambda: [
        draw(1, 4, 3),
        draw(2, 2, 5, eps=0.7),
        draw(4, 3, 1),
        draw(5, 3, 3),
        draw(6, 1, 4, dtype="float32"),
    ],
    laws=(
        law("ray", "at ε = 0, dx·x is 0 in each row.", _ray, SMALL),
        law("length", "ten times x gives a tenth of dx.", _length, SMALL),
    ),
    same_dtype=False,
    hints=(
        "Along which direction can a row move without changing x̂?",
        "Along its own ray, at ε = 0. With g = γ dy, write "
        "dx = (g − b·x̂)/r, one b a row. What must b be, so that dx·x̂ is "
        "0? Recall Σ x̂² = m.",
        "dx = (g - x_hat * (g * x_hat).mean(1, keepdims=True)) / r",
    ),
    afterwards="Worth knowing next: nothing removes the mean of g. A bias "
    "in front of RMSNorm gets a gradient; before LayerNorm one that is the "
    "same for all features gets none.",
)
