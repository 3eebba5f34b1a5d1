"""Exercises on the forward: training, two modes, images."""

from __future__ import annotations

from collections.abc import Callable

from ... import reference
from ..answers import Answer, first_of
from ..exercise import Exercise
from ..modes import MODES
from ..properties import FORWARD as PROPERTIES
from . import (
    inputs,
    mistakes_forward,
    mistakes_running,
    mistakes_scale,
    wrong_forward,
)
from .solutions import images as images_solution
from .solutions import modes, plain


def once(f: Callable, case: inputs.Case) -> Answer:
    """Call a forward in training and return y."""
    args = (case["x"], case["gamma"], case["beta"])
    return {"y": first_of(f(*args, eps=case["eps"]), "y")}


def train_then_evaluate(f: Callable, case: inputs.Case) -> Answer:
    """Two steps of training, then an evaluation of other values."""
    seed, C = case["seed"], 3
    kept = inputs.running(seed, C)
    mean, var = kept.values()
    options = {"momentum": case["momentum"], "eps": 0.3, **kept}
    first, second, test = (
        inputs.draw(seed + i, n, C) for i, n in enumerate((4, 5, 2), 1)
    )
    params = first["gamma"], first["beta"]
    y = first_of(f(first["x"], *params, training=True, **options), "y")
    f(second["x"], *params, training=True, **options)
    seen = {"y in training": y}
    seen |= {"running_mean": mean.copy(), "running_var": var.copy()}
    y = f(test["x"], *params, training=False, **options)
    seen["y in evaluation"] = first_of(y, "y", " in evaluation")
    seen["running_mean after evaluation"] = mean.copy()
    seen["running_var after evaluation"] = var.copy()
    return seen


forward = Exercise(
    id="batch_norm.forward",
    act=once,
    cases=lambda: [inputs.draw(1, 4, 3), inputs.draw(2, 5, 2, eps=0.7)],
    right=reference.batch_norm_forward,
    wrong=wrong_forward.batch_norm,
    mistakes=mistakes_forward.FORWARD,
    hints=(
        "Which values share one mean? x is (N, C); how many means are "
        "there?",
        "C of them: mu = x.mean(axis=0) is (C,), and NumPy subtracts it "
        "from every row. The variance is a mean over the same axis, of "
        "(x − μ)². What is divided by its root?",
        "var = ((x - mu) ** 2).mean(axis=0), then "
        "x_hat = (x - mu) / np.sqrt(var + eps)",
    ),
    then="Worth knowing next: no value of x̂ can exceed √(m − 1). With "
    "m = 2 and ε = 0 it is −1 or 1 whatever x was.",
    answer=plain.batch_norm_forward,
    properties=PROPERTIES,
    single=True,
)

inference = Exercise(
    id="batch_norm.inference",
    act=train_then_evaluate,
    cases=lambda: [
        {"seed": 10, "momentum": 0.3},
        {"seed": 20, "momentum": 0.2},
    ],
    right=reference.batch_norm_forward,
    wrong=wrong_forward.batch_norm,
    mistakes=(
        *mistakes_running.RUNNING,
        *(
            m
            for m in mistakes_forward.FORWARD
            if m.id
            in (
                "unbiased-variance",
                "eps-outside-root",
                "eps-fixed",
                "no-gamma",
                "no-beta",
            )
        ),
    ),
    hints=(
        "Which numbers does the layer use when one image arrives alone? "
        "Where do they come from?",
        "Two branches, one formula. In training mu and var come from x, "
        "and afterwards the running arrays move; in evaluation they are "
        "the running arrays. `running_mean = …` would make a new array: "
        "what changes the one the caller holds?",
        "running_mean *= 1 - momentum; running_mean += momentum * mu; the "
        "same for running_var with var * m / (m - 1)",
    ),
    then="Worth knowing next: with momentum 0.1 the start still weighs "
    "0.9ⁿ after n steps: 35 % after 10, 0.5 % after 50.",
    answer=modes.batch_norm_forward,
    properties=MODES,
    single=True,
)

images = Exercise(
    id="batch_norm.images",
    act=once,
    # W = C comes first: there the silent mistakes run, and are named.
    cases=lambda: [
        inputs.draw(3, 5, 3, 2, 3),
        inputs.draw(4, 4, 3, 5, 3, eps=0.6),
        inputs.draw(5, 2, 3, 4, 5),
    ],
    right=reference.batch_norm_forward,
    wrong=wrong_forward.batch_norm,
    mistakes=(
        *mistakes_scale.IMAGES,
        *(
            m
            for m in mistakes_forward.FORWARD
            if m.id not in ("over-features", "range", "eps-squared")
        ),
    ),
    hints=(
        "A channel of (N, C, H, W): how many values does it have in the "
        "batch?",
        "N·H·W: reduce over every axis but the second. What is left is "
        "(C,), and NumPy would line it up with W. Which shape lines up "
        "with the channels of x?",
        "mu = x.mean(axis=(0, 2, 3), keepdims=True) is (1, C, 1, 1); so "
        "is gamma.reshape(1, -1, 1, 1)",
    ),
    then="Worth knowing next: m is N·H·W, so a batch of 2 images of "
    "32×32 still gives 2048 values a channel.",
    answer=images_solution.batch_norm_forward,
    properties=PROPERTIES,
    single=True,
    otherwise="No property fails on arrays (N, C, 1, 1). So look at what "
    "you do with H and W: which axes are reduced, and what is lined up "
    "with what.",
)
