"""other_techniques.culprit: what is wrong with a layer, by its steps."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from functools import partial

import numpy as np

from ..answers import Answer
from ..exercise import Exercise
from ..naming import all_named, confusions
from .histories import CAUSES, history
from .places import PLACES


def fault_of(v, g, w, dw, rate, decay):
    """Return the fault of a run, or "healthy"."""
    rows = np.linalg.norm(w, axis=2)
    if rows.shape != g.shape or abs(rows - abs(g)).max() > 1e-6:
        return "a length an input"
    if abs(v[1:] - v[:-1]).max() == 0:
        return "not in the optimizer"
    if abs(g[1:] - g[:-1]).max() < 1e-6:
        return "norm behind"
    step = v[1:] - (1 - rate * decay) * v[:-1]
    if abs((step * v[:-1]).sum(axis=2)).max() > 1e-6:
        return "length held constant"
    unit = v / np.linalg.norm(v, axis=2, keepdims=True)
    dg = (dw * unit[:-1]).sum(axis=2)
    if abs(g[1:] - g[:-1] + rate * dg).max() > 1e-6:
        return "decay on g"
    return "healthy"


# Seed, steps and size of v, and the decay.
CASES = [(1, (5, 4, 4), 0.1), (2, (5, 3, 5), 0.0), (3, (6, 4, 3), 0.05)]
CASES += [(4, (4, 5, 5), 0.0), (5, (8, 2, 6), 0.2), (6, (5, 6, 4), 0.0)]


def told(f: Callable, case: tuple) -> Answer:
    """Let a function name one run of each kind."""
    seed, size, decay = case
    runs = {}
    for cause in CAUSES:
        lam = decay or 0.1 * (cause == "decay on g")
        made = seed, size, lam
        runs[f"{cause} {made}"] = history(cause, *made)
    return all_named(f, runs, CAUSES)


culprit = Exercise(
    id="other_techniques.culprit",
    answer=fault_of,
    file=__file__,
    places=PLACES,
    use=told,
    cases=lambda: CASES,
    measured=partial(confusions, things="runs"),
    hints=(
        "How long is a row of w? Which way does a step of v go, and what "
        "moves g?",
        "A row of w is |g| long. Without −ηλv a step is at a right angle "
        "to v. And g moves by −η v̂·∇_w, with v̂ = v/‖v‖.",
        "v[1:] - (1 - rate * decay) * v[:-1]; g[1:] - g[:-1] + rate * dg",
    ),
    afterwards="Worth knowing next: none of these raises an error, and the "
    "loss falls in four of the five.",
)
