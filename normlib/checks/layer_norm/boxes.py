"""Norms to be judged from outside: does a row feel the other rows?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray


class Box:
    """A norm for x (N, m) that has two modes and tells nothing else."""

    def __init__(self, f: Callable[[Array, bool], Array]) -> None:
        self._f, self._training = f, True

    def train(self, mode: bool = True) -> Box:
        """Go into training."""
        self._training = mode
        return self

    def eval(self) -> Box:
        """Go into evaluation."""
        return self.train(False)

    def __call__(self, x: Array) -> Array:
        """Return y (N, m)."""
        return self._f(np.array(x, float), self._training)


def _standard(x: Array, axis: int) -> Array:
    var = x.var(axis, keepdims=True)
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(var + 1e-9)


def _layer(x: Array) -> Array:
    return _standard(x, 1)


def _batch(x: Array) -> Array:
    return _standard(x, 0)


def _in_another_order(x: Array) -> Array:
    features = x.astype("f4").T
    if len(x) > 4:
        features = features[::-1]
    total = np.float32(0)
    for feature in features:
        total = total + feature
    return _layer(x) + total[:, None] / 64


def _in_groups(x: Array) -> Array:
    groups = [x[i : i + 4] for i in range(0, len(x), 4)]
    return np.vstack([_batch(group) for group in groups])


def _half(x: Array) -> Array:
    cut = x.shape[1] // 2
    return np.hstack([_layer(x[:, :cut]), _batch(x[:, cut:])])


def _over_n(x: Array) -> Array:
    d = x - x.mean(1, keepdims=True)
    return d / np.sqrt((d**2).sum(1, keepdims=True) / len(x) + 1e-9)


# What it is, and whether a row of y depends on the other rows.
BOXES = {
    "LayerNorm": (lambda x, _: _layer(x), False),
    "RMSNorm": (
        lambda x, _: x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-9),
        False,
    ),
    "tanh, no norm": (lambda x, _: np.tanh(x / 2), False),
    "LayerNorm, scaled in training": (
        lambda x, training: _layer(x) * (0.9 if training else 1),
        False,
    ),
    "LayerNorm and a float32 sum, in another order in large batches": (
        lambda x, _: _in_another_order(x),
        False,
    ),
    "BatchNorm": (lambda x, on: _batch(x) if on else x / 2, True),
    "BatchNorm, its modes exchanged": (
        lambda x, on: x / 2 if on else _batch(x),
        True,
    ),
    "BatchNorm in groups of four rows": (lambda x, _: _in_groups(x), True),
    "BatchNorm for half of the features": (lambda x, _: _half(x), True),
    "LayerNorm with two per cent BatchNorm": (
        lambda x, _: 0.98 * _layer(x) + 0.02 * _batch(x),
        True,
    ),
    "LayerNorm, squares divided by N": (lambda x, _: _over_n(x), True),
    "division by the largest value of the batch": (
        lambda x, _: x / abs(x).max(),
        True,
    ),
}
