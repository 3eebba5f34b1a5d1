"""What a norm gives out, with an outlier planted; or with none."""

from __future__ import annotations

from functools import cache

import numpy as np

# What is planted, and what it is called.
KINDS = {
    "a large γ": "loud feature",
    "a large β": "loud feature",
    "the first token": "loud token",
    "a later token": "loud token",
    "six tokens": "loud token",
    "a column": "loud column",
    "a column, its feature small": "loud column",
    "nothing": "none",
    "nothing, heavy tails": "none",
    "a column that is small": "none",
    "a small γ": "none",
}
CAUSES = ("loud feature", "loud token", "loud column", "none")
SEEN = {"the first token": [0], "a later token": [11]}
SEEN["six tokens"] = [5, 11, 14, 17, 23, 29]
GAMMA = {"a large γ": 1, "a column, its feature small": -1, "a small γ": -1}
COLUMN = {"a column": 1, "a column that is small": -1}
COLUMN |= {"a column, its feature small": 1, "a large γ": -1}


@cache
def drawn(
    kind: str, tokens: int, width: int, c: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return y (tokens, width) and columns (width,), the largest |W|.

    `c` is how many times as large, or as small, what is planted is.
    """
    rng = np.random.default_rng(seed + 100 * [*KINDS].index(kind))
    x, j = rng.normal(size=(tokens, width)), rng.integers(width)
    if kind == "nothing, heavy tails":
        x = x * abs(x)
    x[SEEN.get(kind, []), j] = 1e4 * rng.choice([-1, 1])
    x = x - x.mean(axis=1, keepdims=True)
    x_hat = x / x.std(axis=1, keepdims=True)
    gamma, beta = rng.uniform(0.7, 1.4, width), rng.normal(0, 0.1, width)
    gamma[j] = rng.choice([-1, 1]) * c ** GAMMA.get(kind, 0)
    beta[j] = rng.choice([-3, 3]) * c * (kind == "a large β")
    columns = rng.uniform(0.05, 0.1, width)
    columns[j] = 0.07 * c ** COLUMN.get(kind, 0)
    return gamma * x_hat + beta, columns
