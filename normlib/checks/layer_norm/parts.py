"""layer_norm.shards: one row, kept in parts on several devices."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, named
from ..exercise import Exercise
from .places import PLACES


def of_the_row(n, mean, var):
    """Return mu, var (N,) of N rows from those of their parts (k, N)."""
    share = (n / n.sum())[:, None]
    mu = (share * mean).sum(axis=0)
    within = (share * var).sum(axis=0)
    between = (share * (mean - mu) ** 2).sum(axis=0)
    return mu, within + between


def merge(f: Callable, case: tuple) -> Answer:
    """Cut N rows into parts of n features; call f on what each knows."""
    seed, N, n, far = case
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.5, 3, (2, len(n), N, 1))
    parts = [
        far + a + b * rng.normal(size=(N, m))
        for m, a, b in zip(n, *scale, strict=True)
    ]
    mean = np.array([x.mean(axis=1) for x in parts])
    var = np.array([x.var(axis=1) for x in parts])
    return named(f(np.array(n), mean, var), ("mu", "var"))


shards = Exercise(
    id="layer_norm.shards",
    answer=of_the_row,
    file=__file__,
    places=PLACES,
    slips=True,
    use=merge,
    cases=lambda: [
        (1, 3, (2, 5, 9), 0),
        (2, 4, (1, 6), -2),
        (3, 2, (4, 4), 1),
        (4, 2, (7,), 0),
    ],
    strained=lambda: [(5, 2, (8, 3), 1e8)],
    hints=(
        "Two parts, (1, 1) and (3, 3). Each has the variance 0. What is "
        "the variance of the row?",
        "1: it has a part within, the mean of the variances, and a part "
        "between, the variance of the means. A mean of what belongs to "
        "parts of n features: with which weights?",
        "share = (n / n.sum())[:, None]; mu = (share * mean).sum(0); var = "
        "(share * (var + (mean - mu) ** 2)).sum(0)",
    ),
    afterwards="Worth knowing next: a kernel that reads a long row in "
    "blocks merges them in the same way, and so does BatchNorm over "
    "several devices.",
)
