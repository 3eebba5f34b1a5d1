"""Seeded inputs: no mean near zero, γ of both signs, none of them 1."""

from __future__ import annotations

from typing import Any

import numpy as np

Case = dict[str, Any]


def draw(
    seed: int,
    *shape: int,
    eps: float = 0.3,
    far: float = 0.0,
    dtype: str = "float64",
) -> Case:
    """Return x (N, C, …), γ, β, dy and a large ε, so that ε cannot hide.

    `far` moves x that much further from zero.
    """
    rng = np.random.default_rng(seed)
    C = shape[1]
    spread = (1, C, *(1,) * (len(shape) - 2))
    mean = (far + rng.uniform(1, 3, spread)) * rng.choice([-1, 1], spread)
    x = mean + rng.uniform(0.5, 2, spread) * rng.normal(size=shape)
    odd = np.arange(C) % 2
    gamma = rng.uniform(0.5, 0.9, C) * (1 + odd) * (1 - 2 * odd)
    beta = rng.uniform(0.2, 0.8, C) * (-1.0) ** np.arange(C)
    dy = 0.4 + rng.normal(size=shape)
    arrays = {"x": x, "gamma": gamma, "beta": beta, "dy": dy}
    return {k: v.astype(dtype) for k, v in arrays.items()} | {"eps": eps}


def running(seed: int, case: Case) -> dict[str, np.ndarray]:
    """Return running arrays that have seen something; fresh for seed 0."""
    rng, C = np.random.default_rng(seed), case["x"].shape[1]
    mean, var = rng.uniform(0.3, 0.9, C), rng.uniform(1.5, 2.5, C)
    if seed == 0:
        mean, var = np.zeros(C), np.ones(C)
    dtype = case["x"].dtype
    arrays = {"running_mean": mean, "running_var": var}
    return {k: v.astype(dtype) for k, v in arrays.items()}


# Far from zero for the dtype: nearly all digits of x are those of its
# mean. Not judged; but a right answer that fails here is told so.
FAR = ({"far": 1e8}, {"far": 1e4, "dtype": "float32"})
