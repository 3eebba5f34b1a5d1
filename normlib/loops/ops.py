"""Layer and RMS norm on tensors: arrays for the loops, and threads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from . import rows
from .lines import is_large
from .operators import Dtype, Gradients, operator, shared, wide

Outputs = tuple[Tensor, Tensor, Tensor]  # y, μ, 1/σ


def forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    centre: bool,
) -> Outputs:  # fmt: skip
    """Return y (M, N) of x, μ (M, 2) as two addends, and 1/σ (M,)."""
    v, M = wide(x), x.shape[0]
    y, mu, rstd = empty_outputs(v, weight, bias, eps, centre)
    gamma = ones(v) if weight is None else wide(weight, v.dtype)
    beta = torch.zeros_like(gamma) if bias is None else wide(bias, v.dtype)
    flat = v.view(-1), gamma, beta, y.view(-1), mu, rstd
    x_, gamma, beta, y_, mu_, rstd_ = (t.numpy() for t in flat)
    around = is_large(y, x.shape[1])
    shared(M, v.numel(), lambda a, b: rows.forward(
        x_, gamma, beta, eps, centre, around, a, b, y_, mu_, rstd_
    ))  # fmt: skip
    return y.to(x.dtype), mu, rstd


def empty_outputs(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    centre: bool,
) -> Outputs:  # fmt: skip
    """Return what `forward` fills."""
    M, N = x.shape
    kind = torch.promote_types(x.dtype, torch.float32)
    mu = x.new_empty((M if centre else 0, 2), dtype=kind)
    return x.new_empty((M, N)), mu, x.new_empty(M, dtype=kind)


def backward(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, centre: bool,
) -> Gradients:  # fmt: skip
    """Return dx (M, N), dγ and dβ (N,), each where a dtype is given."""
    v, back = wide(x), wide(dy, rstd.dtype)
    M, N = x.shape
    gamma = ones(v) if weight is None else wide(weight, v.dtype)
    dx = torch.empty_like(v)
    flat = back.view(-1), v.view(-1), gamma, mu, rstd, dx.view(-1)
    dy_, x_, gamma, mu_, rstd_, dx_ = (t.numpy() for t in flat)
    wanted, around = (weight_dtype, bias_dtype), is_large(dx, N)

    def some(a: int, b: int) -> list[np.ndarray | None]:
        # Of one thread, in float64.
        sums = [None if dtype is None else np.zeros(N) for dtype in wanted]
        rows.backward(
            dy_, x_, gamma, mu_, rstd_, centre, around, a, b, dx_, *sums
        )
        return sums

    parts = shared(M, v.numel(), some)
    dgamma, dbeta = (
        v.new_empty(0)
        if dtype is None
        else torch.from_numpy(sum(p[k] for p in parts)).to(dtype)
        for k, dtype in enumerate(wanted)
    )
    return dx.to(x.dtype), dgamma, dbeta


def empty_gradients(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, centre: bool,
) -> Gradients:  # fmt: skip
    """Return what `backward` fills."""
    M, N = x.shape
    dgamma, dbeta = (
        x.new_empty(0 if dtype is None else N, dtype=dtype or rstd.dtype)
        for dtype in (weight_dtype, bias_dtype)
    )
    return x.new_empty((M, N)), dgamma, dbeta


def ones(x: Tensor) -> Tensor:
    """Return γ (N,) where x (M, N) has none."""
    return x.new_ones(x.shape[1])


norm, traced_norm = operator(
    "rows", forward, backward, empty_outputs, empty_gradients
)
