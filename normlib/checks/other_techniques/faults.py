"""other_techniques.broken: what is wrong in a run, by what comes out."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from functools import partial

import numpy as np

from ..answers import Answer
from ..exercise import Exercise
from ..naming import all_named, confusions
from .places import PLACES
from .runs import FAULTS, run


def fault_of(h, y, t):
    """Return the fault of a run in evaluation, or "healthy"."""
    if h[0, 0].size < 3:
        return "too few positions"
    if abs(h.std(axis=(2, 3)) - 1).max() > 0.1:
        return "running averages"
    if abs(y.std(axis=1) - 1).max() < 0.01:
        return "norm behind the output"
    if np.ptp(y, axis=0).max() < 1e-3:
        return "pooled at once"
    for i, j in np.ndindex(len(t), len(t)):
        if t[i] != t[j] and abs(y[i] - y[j]).max() < 1e-3:
            return "asks what it forgets"
    return "healthy"


# Seed, size of h, and classes.
CASES = [(1, (4, 4), 3), (2, (3, 5), 2)]
CASES += [(3, (5, 1), 3), (4, (6, 2), 4), (5, (1, 8), 2), (6, (4, 3), 3)]


def told(f: Callable, case: tuple) -> Answer:
    """Let a function name one run of each kind."""
    runs = {f"{fault} {case}": run(fault, *case) for fault in FAULTS}
    return all_named(f, runs, FAULTS)


broken = Exercise(
    id="other_techniques.broken",
    answer=fault_of,
    file=__file__,
    places=PLACES,
    use=told,
    cases=lambda: CASES,
    measured=partial(confusions, things="runs"),
    hints=(
        "What must hold of each channel of each picture behind an instance "
        "norm? And which pictures must not have the same y?",
        "Two positions give ±1. Mean 0 and deviation 1, but for ε, in each "
        "h[n, c]. A normed row of y has the deviation 1. Pooled at once, "
        "y is the same for all; else look for two of different class.",
        "h[0, 0].size < 3; h.std((2, 3)) far from 1; y.std(1) near 1; "
        "np.ptp(y, 0) near 0; t[i] != t[j] and y[i] near y[j]",
    ),
    afterwards="Worth knowing next: a single position alone raises an "
    "error, in training. Else the loss stays high, without a word.",
)
