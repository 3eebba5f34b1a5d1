"""One batch through the BatchNorm of four frameworks.

And through two controls: PyTorch's, given the rows in reverse order, and
one with a mistake planted, that divides by the deviation with m − 1.

Each function takes x (m, C) and returns y with ε all but 0 (torch
refuses 0), the variance stored when nothing of the start (1) is kept,
and the one stored by default.
"""

import os
from types import ModuleType

import numpy as np
import torch

from ... import layers


def in_torch(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Ask torch.nn."""
    return _module(torch.nn, x)


def in_normlib(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Ask normlib.layers."""
    return _module(layers, x)


def in_reverse(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Ask torch.nn, and give it the last row first."""
    y, *stored = _module(torch.nn, x[::-1].copy())
    return y[::-1], *stored


def planted(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Divide by the deviation with 1/(m − 1), and store what torch does."""
    _, *stored = _module(torch.nn, x)
    return (x - x.mean(0)) / x.std(0, ddof=1), *stored


def _module(library: ModuleType, x: np.ndarray) -> tuple[np.ndarray, ...]:
    all_new = library.BatchNorm1d(x.shape[1], eps=1e-12, momentum=1.0)
    default = library.BatchNorm1d(x.shape[1])
    y = all_new(torch.tensor(x)).detach()
    default(torch.tensor(x))
    stored = (all_new.running_var, default.running_var)
    return y.numpy(), *(v.numpy() for v in stored)


def in_keras(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Ask Keras."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    all_new = keras.layers.BatchNormalization(epsilon=1e-12, momentum=0.0)
    default = keras.layers.BatchNormalization()
    y = all_new(x, training=True)
    default(x, training=True)
    stored = (all_new.moving_variance, default.moving_variance)
    return np.asarray(y), *(np.asarray(v) for v in stored)


def in_flax(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Ask Flax."""
    import jax
    from flax import linen

    def once(**options: float) -> tuple[np.ndarray, np.ndarray]:
        layer = linen.BatchNorm(use_running_average=False, **options)
        start = layer.init(jax.random.key(0), x)
        y, new = layer.apply(start, x, mutable=["batch_stats"])
        return np.asarray(y), np.asarray(new["batch_stats"]["var"])

    y, stored = once(epsilon=1e-12, momentum=0.0)
    return y, stored, once()[1]


ONCE = {
    "torch": in_torch, "normlib": in_normlib, "keras": in_keras,
    "flax": in_flax, "reversed": in_reverse, "planted": planted,
}  # fmt: skip
