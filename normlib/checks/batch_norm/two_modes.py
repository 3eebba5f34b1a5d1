"""batch_norm.inference: running statistics, training and evaluation."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ...reference import batch_norm_forward as reference
from ..answers import Answer, first_of
from ..exercise import Exercise
from ..mode_laws import MODES
from .inputs import FAR, Case, draw, running
from .places import PLACES


def batch_norm_forward(
    x,
    gamma,
    beta,
    *,
    running_mean,
    running_var,
    training=True,
    momentum=0.1,
    eps=1e-5,
):
    """Return y; in training, move the running arrays too."""
    if training:
        m, mu = len(x), x.mean(axis=0)
        var = ((x - mu) ** 2).mean(axis=0)
        unbiased = var * m / (m - 1)
        keep = 1 - momentum
        running_mean[:] = keep * running_mean + momentum * mu
        running_var[:] = keep * running_var + momentum * unbiased
    else:
        mu, var = running_mean, running_var
    sigma = np.sqrt(var + eps)
    x_hat = (x - mu) / sigma
    return gamma * x_hat + beta


def train_then_evaluate(f: Callable, case: Case) -> Answer:
    """Two steps of training, then an evaluation of other values."""
    seed, start = case["seed"], case.get("start", case["seed"])
    kind = {k: case[k] for k in ("far", "dtype") if k in case}
    first, second, test = (
        draw(seed + i, n, 3, **kind) for i, n in enumerate(case["rows"])
    )
    kept = running(start, first)
    options = {"momentum": case["momentum"], "eps": 0.3, **kept}
    params = first["gamma"], first["beta"]
    y = first_of(f(first["x"], *params, training=True, **options), "y")
    f(second["x"], *params, training=True, **options)
    seen = {"y in training": y}
    seen |= {name: array.copy() for name, array in kept.items()}
    y = f(test["x"], *params, training=False, **options)
    seen["y in evaluation"] = first_of(y, "y", " in evaluation")
    after = {f"{k} after evaluation": v.copy() for k, v in kept.items()}
    return seen | after


inference = Exercise(
    id="batch_norm.inference",
    answer=batch_norm_forward,
    right=reference,
    file=__file__,
    shared=("running", "statistics", "sigma", "scale"),
    places=PLACES,
    use=train_then_evaluate,
    cases=lambda: [
        {"seed": 11, "momentum": 0.3, "rows": (4, 5, 2)},
        {"seed": 21, "momentum": 0.2, "rows": (4, 5, 2)},
        {"seed": 31, "momentum": 0.4, "rows": (2, 3, 3), "start": 0},
        {"seed": 41, "momentum": 0.1, "rows": (3, 2, 1), "far": 100.0},
        {"seed": 51, "momentum": 0.2, "rows": (6, 4, 3), "dtype": "f4"},
    ],
    strained=lambda: [
        {"seed": 61, "momentum": 0.3, "rows": (8, 5, 3), **far}
        for far in FAR
    ],
    laws=MODES,
    single=True,
    hints=(
        "Which numbers does the layer use when one image arrives alone? "
        "Where do they come from?",
        "Two branches, one formula. In training mu and var come from x, "
        "and the running arrays move; in evaluation they are the running "
        "arrays. `running_mean = …` would make a new array: what changes "
        "the one the caller holds?",
        "running_mean *= 1 - momentum; running_mean += momentum * mu; the "
        "same for running_var with var * m / (m - 1)",
    ),
    afterwards="Worth knowing next: with momentum 0.1 the start still "
    "weighs 0.9ⁿ after n steps: 35 % after 10, 0.5 % after 50.",
)
