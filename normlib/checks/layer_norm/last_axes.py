"""layer_norm.trailing: the set that `normalized_shape` describes."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, first_of
from ..exercise import Exercise
from .places import PLACES


def layer_norm(x, shape, gamma, beta, *, eps=1e-5):
    """Return y for x whose last axes have this shape."""
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    mu = x.mean(axis=axes, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=axes, keepdims=True)
    x_hat = (x - mu) / np.sqrt(var + eps)
    return gamma * x_hat + beta


def norm(f: Callable, case: tuple) -> Answer:
    """Call a forward on x (*batch, *shape); its rows differ in scale."""
    seed, batch, shape, eps, dtype, *far = case
    rng = np.random.default_rng(seed)
    x = rng.normal(1.5, 1, (*batch, *shape)) * rng.uniform(0.5, 2, shape)
    x = (x.T * rng.uniform(0.5, 2, batch).T).T + sum(far)
    gamma, beta = rng.uniform(0.5, 0.9, (2, *shape))
    gamma *= rng.choice([-2, 2], shape)
    x, gamma, beta = (v.astype(dtype) for v in (x, gamma, beta))
    y = f(x, shape, gamma, beta, eps=eps)
    return {f"y for x {x.shape} and shape {shape}": first_of(y, "y")}


trailing = Exercise(
    id="layer_norm.trailing",
    answer=layer_norm,
    file=__file__,
    shared=("scale",),
    places=PLACES,
    slips=True,
    use=norm,
    cases=lambda: [
        (1, (3, 3), (3,), 0.3, "f8"),  # two sentences: what lines up runs
        (2, (2,), (3, 4, 2), 0.7, "f8"),
        (3, (2, 3), (2, 4), 0.3, "f8"),
        (4, (), (3, 2), 0.3, "f8"),
        (5, (3,), (1,), 0.3, "f8"),
        (6, (4,), (5,), 0.3, "f4"),
    ],
    strained=lambda: [(7, (3,), (8,), 0.3, "f8", 1e8)],
    single=True,
    hints=(
        "x is (2, 5, 8) and shape is (8,): how many means are taken? And "
        "how many for shape (5, 8)?",
        "Ten, and two: the set is what the last len(shape) axes span. "
        "Which numbers have these axes, when x has x.ndim of them?",
        "axes = tuple(range(x.ndim - len(shape), x.ndim)), then "
        "x.mean(axis=axes, keepdims=True)",
    ),
    afterwards="Worth knowing next: the values of shape matter to γ and "
    "β alone. For the statistics its length would do.",
)
