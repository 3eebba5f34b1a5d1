"""Seeded rows: no mean near zero, γ of both signs, none of them 1."""

from __future__ import annotations

from typing import Any

import numpy as np

Case = dict[str, Any]


def draw(
    seed: int, n: int, m: int, eps: float = 0.3, dtype: str = "float64"
) -> Case:
    """Return x and dy (N, m), γ (m,) and a large ε."""
    rng = np.random.default_rng(seed)
    mean = rng.uniform(1, 2, (n, 1)) * rng.choice([-1, 1], (n, 1))
    odd = np.arange(m) % 2
    arrays = {
        "x": mean + rng.uniform(0.5, 2, (n, 1)) * rng.normal(size=(n, m)),
        "gamma": rng.uniform(0.5, 0.9, m) * (1 + odd) * (1 - 2 * odd),
        "dy": 0.4 + rng.normal(size=(n, m)),
    }
    return {k: v.astype(dtype) for k, v in arrays.items()} | {"eps": eps}
