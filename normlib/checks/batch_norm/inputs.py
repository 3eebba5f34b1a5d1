"""Seeded inputs where nothing is 0 or 1 and no mean is near zero."""

from __future__ import annotations

from typing import Any

import numpy as np

Case = dict[str, Any]


def draw(seed: int, *shape: int, eps: float = 0.3) -> Case:
    """Return x, γ, β, dy and a large ε, so that ε cannot hide."""
    rng = np.random.default_rng(seed)
    C = shape[1]
    spread = (1, C, *(1,) * (len(shape) - 2))
    mean = rng.uniform(1, 3, spread) * rng.choice([-1, 1], spread)
    x = mean + rng.uniform(0.5, 2, spread) * rng.normal(size=shape)
    gamma = rng.uniform(0.5, 0.9, C) * (1 + np.arange(C) % 2)
    beta = rng.uniform(0.2, 0.8, C) * (-1.0) ** np.arange(C)
    dy = 0.4 + rng.normal(size=shape)
    return {"x": x, "gamma": gamma, "beta": beta, "dy": dy, "eps": eps}


def running(seed: int, C: int) -> dict[str, np.ndarray]:
    """Return running arrays that have seen something."""
    rng = np.random.default_rng(seed)
    mean, var = rng.uniform(0.3, 0.9, C), rng.uniform(1.5, 2.5, C)
    return {"running_mean": mean, "running_var": var}
