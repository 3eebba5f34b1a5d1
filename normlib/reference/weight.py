"""Weight norm: the operator on a row of weights, not on activations."""

import numpy as np

from . import arguments as need
from .arguments import Array, Cache
from .operator import norm_backward, scale_shift, standardize


def weight_norm_forward(
    v: Array, g: Array, *, dim: int | None = 0
) -> tuple[Array, Cache]:
    """w = g v/‖v‖: the direction of v, the length g.

    A row is the m values of v with one index of axis `dim`: v (out, in, …)
    and dim 0 want g (out, 1, …). As in torch, None and −1 make all of v
    one row, with g (). It is RMS norm with ε = 0 and γ = g/√m; zeros give
    NaN. Raises ValueError for a wrong shape or dtype, a dim v lacks, m =
    0. Source: Salimans & Kingma (2016), arXiv:1602.07868.
    """
    kept = need.row(v, g, dim)
    axes = tuple(i for i in range(v.ndim) if i not in kept)
    m = need.values("v", v, axes)
    x_hat, cache = standardize(v, axes, eps=0, centre=False)
    return scale_shift(x_hat, g / np.sqrt(m), None, kept, cache)


def weight_norm_backward(dy: Array, cache: Cache) -> tuple[Array, Array]:
    """Return dv and dg = Σ dy v/‖v‖. Raises ValueError for dy unlike w."""
    dv, dgamma, _ = norm_backward(dy, cache)
    return dv, np.array(dgamma / np.sqrt(cache.m), dy.dtype)  # γ = g/√m
