"""Batch, instance and group norm on tensors: blocks or columns.

`groups` is 0 for batch norm, C for instance norm. x is (N, C, *), with
`last` in memory (N, *, C).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from . import by_columns, sets
from .layout import Array, Sizes, as_it_lies, empty_as, sizes
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

Outputs = tuple[Tensor, Tensor, Tensor, Tensor]  # y, μ, 1/σ, variance


def forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    groups: int, last: bool,
) -> Outputs:  # fmt: skip
    """Return y as x, and of each set μ (S, 2) as two addends, 1/σ and the
    variance, (S,).
    """
    x_, of = as_it_lies(x, last), sizes(x, groups)
    y, kind = empty_as(x, last, kept_dtype(x)), x_.dtype
    y_, S = as_it_lies(y, last), of.images * of.G
    gamma = np.ones(of.C, kind) if weight is None else flat(weight, y.dtype)
    beta = np.zeros(of.C, kind) if bias is None else flat(bias, y.dtype)
    mu, rstd, var = (np.empty((S, *n), kind) for n in ((2,), (), ()))
    if last:
        by_columns.forward(of, x_, gamma, beta, eps, y_, mu, rstd, var)
    else:
        plan = sets.plan(of.N, of.C, of.L, groups)
        around = is_large(y_, of.L)
        shared(S, x_.size, lambda a, b: sets.forward(
            x_, gamma, beta, eps, plan, around, a, b, y_, mu, rstd, var
        ))  # fmt: skip
    told = (torch.from_numpy(t) for t in (mu, rstd, var))
    return y.to(x.dtype), *told


def empty_outputs(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    groups: int, last: bool,
) -> Outputs:  # fmt: skip
    """Return what `forward` does, without numbers."""
    of, kind = sizes(x, groups), kept_dtype(x)
    S = of.images * of.G
    mu, rstd, var = (
        x.new_empty((S, *more), dtype=kind) for more in ((2,), (), ())
    )
    return empty_as(x, last, x.dtype), mu, rstd, var


def backward(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, groups: int, last: bool,
) -> Gradients:  # fmt: skip
    """Return dx as x, dγ and dβ (C,), each where a dtype is given."""
    of, kind = sizes(x, groups), rstd.dtype
    dx = empty_as(x, last, kind)
    dy_, x_, dx_ = (as_it_lies(t, last, kind) for t in (dy, x, dx))
    weighs = weight is not None
    gamma = flat(weight, kind) if weighs else np.ones(of.C, x_.dtype)
    wanted = weight_dtype, bias_dtype
    given = dy_, x_, gamma, mu.numpy(), rstd.numpy(), dx_
    if last:
        sums = by_columns.backward(of, *given)
    else:
        sums = by_sets(of, *given, wanted, groups)
    dgamma, dbeta = (
        x.new_empty(0) if dtype is None else narrow(p, dtype)
        for p, dtype in zip(sums, wanted, strict=True)
    )
    return dx.to(x.dtype), dgamma, dbeta


def by_sets(
    of: Sizes, dy: Array, x: Array, gamma: Array, mu: Array, rstd: Array,
    dx: Array, wanted: Sequence[Dtype], groups: int,
) -> list[Array | None]:  # fmt: skip
    """Fill dx; return dγ and dβ, if wanted. Threads add up their own."""
    plan = sets.plan(of.N, of.C, of.L, groups)
    around = is_large(dx, of.L)

    def some(a: int, b: int) -> list[Array | None]:
        sums = [
            None if dtype is None else np.zeros(of.C) for dtype in wanted
        ]
        sets.backward(dy, x, gamma, plan, around, a, b, mu, rstd, dx, *sums)
        return sums

    return added(shared(len(rstd), x.size, some))


def empty_gradients(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, groups: int, last: bool,
) -> Gradients:  # fmt: skip
    """Return what `backward` does, without numbers."""
    dgamma, dbeta = (
        x.new_empty(0 if dtype is None else x.shape[1], dtype=dtype)
        for dtype in (weight_dtype, bias_dtype)
    )
    return empty_as(x, last, x.dtype), dgamma, dbeta


norm, traced_norm = operator(
    "channels", forward, backward, empty_outputs, empty_gradients
)
