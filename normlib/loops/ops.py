"""Layer and RMS norm on tensors: arrays for the loops, and threads."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from . import rows
from .lines import is_large
from .operators import (
    Dtype,
    Gradients,
    flat,
    kept_dtype,
    narrow,
    operator,
)
from .threads import added, shared

Outputs = tuple[Tensor, Tensor, Tensor]  # y, μ, 1/σ


def forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    centre: bool, shape: Sequence[int] | None = None,
) -> Outputs:  # fmt: skip
    """Return y as x (*, *shape), and of each of M rows μ, (M, 2) as two
    addends, and 1/σ (M,).
    """
    x_, (M, N) = flat(x), sizes(x, shape)
    y, kind = x.new_empty(x.shape, dtype=kept_dtype(x)), x_.dtype
    mu, rstd = np.empty((M if centre else 0, 2), kind), np.empty(M, kind)
    gamma = np.ones(N, kind) if weight is None else flat(weight, y.dtype)
    beta = np.zeros(N, kind) if bias is None else flat(bias, y.dtype)
    y_ = flat(y)
    around = is_large(y_, N)
    shared(M, x_.size, lambda a, b: rows.forward(
        x_, gamma, beta, eps, centre, around, a, b, y_, mu, rstd
    ))  # fmt: skip
    return y.to(x.dtype), torch.from_numpy(mu), torch.from_numpy(rstd)


def sizes(x: Tensor, shape: Sequence[int] | None) -> tuple[int, int]:
    """Return how many rows x (*, *shape) has, and their numbers.

    Without a shape a row is the last axis.
    """
    shape = x.shape[-1:] if shape is None else shape
    return math.prod(x.shape[: x.ndim - len(shape)]), math.prod(shape)


def empty_outputs(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    centre: bool, shape: Sequence[int] | None = None,
) -> Outputs:  # fmt: skip
    """Return what `forward` does, without numbers."""
    (M, _), kind = sizes(x, shape), kept_dtype(x)
    mu = x.new_empty((M if centre else 0, 2), dtype=kind)
    return x.new_empty(x.shape), mu, x.new_empty(M, dtype=kind)


def backward(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, centre: bool,
    shape: Sequence[int] | None = None,
) -> Gradients:  # fmt: skip
    """Return dx as x, dγ and dβ as shape, each where a dtype is given."""
    x_, (M, N) = flat(x), sizes(x, shape)
    dy_, mu_, rstd_ = flat(dy, rstd.dtype), mu.numpy(), rstd.numpy()
    weighs = weight is not None
    gamma = flat(weight, rstd.dtype) if weighs else np.ones(N, x_.dtype)
    dx = x.new_empty(x.shape, dtype=rstd.dtype)
    dx_ = flat(dx)
    wanted, around = (weight_dtype, bias_dtype), is_large(dx_, N)

    def some(a: int, b: int) -> list[np.ndarray | None]:
        # Of one thread, in float64.
        sums = [None if dtype is None else np.zeros(N) for dtype in wanted]
        rows.backward(
            dy_, x_, gamma, mu_, rstd_, centre, around, a, b, dx_, *sums
        )
        return sums

    sums = added(shared(M, x_.size, some))
    dgamma, dbeta = (
        x.new_empty(0)
        if p is None
        else narrow(p.reshape(shape or (N,)), dtype)
        for p, dtype in zip(sums, wanted, strict=True)
    )
    return dx.to(x.dtype), dgamma, dbeta


def empty_gradients(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, centre: bool,
    shape: Sequence[int] | None = None,
) -> Gradients:  # fmt: skip
    """Return what `backward` does, without numbers."""
    dgamma, dbeta = (
        x.new_empty(
            0 if dtype is None else shape or x.shape[-1:], dtype=dtype
        )
        for dtype in (weight_dtype, bias_dtype)
    )
    return x.new_empty(x.shape), dgamma, dbeta


norm, traced_norm = operator(
    "rows", forward, backward, empty_outputs, empty_gradients
)
