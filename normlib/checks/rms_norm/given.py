"""What the exercises on RMSNorm give: a norm in halves, wrong norms."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def in_half(x: Array, eps: float) -> Array:
    """Return x̂ for a row x (D,) of float16, every step in float16."""
    squares = x * x
    total = squares.sum(dtype=np.float16)
    r = np.sqrt(total / np.float16(len(x)) + np.float16(eps))
    return x / r


def rms_norm(x: Array, gamma: Array, eps: float) -> Array:
    """Return y for x (N, m)."""
    return gamma * x / np.sqrt((x**2).mean(1, keepdims=True) + eps)


def _centred(x: Array, gamma: Array, eps: float) -> Array:
    return rms_norm(x - x.mean(1, keepdims=True), gamma, eps)


def _summed(x: Array, gamma: Array, eps: float) -> Array:
    return gamma * x / np.sqrt((x**2).sum(1, keepdims=True) + eps)


def _shared(x: Array, gamma: Array, eps: float) -> Array:
    return gamma * x / np.sqrt((x**2).mean() + eps)


def _first_half(x: Array, gamma: Array, eps: float) -> Array:
    part = x[:, : (x.shape[1] + 1) // 2]
    return gamma * x / np.sqrt((part**2).mean(1, keepdims=True) + eps)


def _squared_in_half(x: Array, gamma: Array, eps: float) -> Array:
    squares = (x.astype(np.float16) ** 2).astype(float)
    return gamma * x / np.sqrt(squares.mean(1, keepdims=True) + eps)


def _eps_outside(x: Array, gamma: Array, eps: float) -> Array:
    return gamma * x / (np.sqrt((x**2).mean(1, keepdims=True)) + eps)


# What a wrong norm does, the norm, and where it shows.
WRONG = {
    "subtracts the mean": (_centred, "a row whose mean is not 0"),
    "forgets γ": (lambda x, g, e: rms_norm(x, 1, e), "a γ that is not 1"),
    "has one γ for all": (
        lambda x, g, e: rms_norm(x, g.mean(), e),
        "γ that differ",
    ),
    "multiplies by 1 + γ": (
        lambda x, g, e: rms_norm(x, 1 + g, e),
        "a row that is not zero",
    ),
    "sums, does not average": (_summed, "two features or more"),
    "shares r between rows": (_shared, "rows of different length"),
    "measures half a row": (_first_half, "halves of different length"),
    "squares in float16": (_squared_in_half, "values of 256 or more"),
    "forgets ε": (
        lambda x, g, e: rms_norm(x, g, 0),
        "a row small beside √ε",
    ),
    "adds ε to the root": (_eps_outside, "the same, but not of zeros"),
}
