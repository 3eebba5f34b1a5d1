"""The loops on tensors: threads, autograd, and operators of PyTorch.

`Norm` runs eagerly. Under `torch.compile` the operators `normlib::rows`
and `normlib::rows_backward` stand in for it, and stay whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function

from . import rows

Outputs = tuple[Tensor, Tensor, Tensor]  # y, μ, 1/σ
Gradients = tuple[Tensor, Tensor, Tensor]  # dx, dγ, dβ
Dtype = torch.dtype | None  # of a gradient that is wanted


def forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    centre: bool,
) -> Outputs:  # fmt: skip
    """Return y (M, N) of x, μ (M, 2) as two addends, and 1/σ (M,)."""
    v, M = wide(x), x.shape[0]
    y, mu, rstd = empty_outputs(v, weight, bias, eps, centre)
    gamma = ones(v) if weight is None else wide(weight, v.dtype)
    beta = torch.zeros_like(gamma) if bias is None else wide(bias, v.dtype)
    arrays = [t.numpy() for t in (v, gamma, beta, y, mu, rstd)]

    def some(a: int, b: int) -> None:
        x, gamma, beta, y, mu, rstd = arrays
        rows.forward(x[a:b], gamma, beta, eps, centre, y[a:b],
                     mu[a:b], rstd[a:b])  # fmt: skip

    shared(M, some)
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
    arrays = [t.numpy() for t in (back, v, gamma, mu, rstd, dx)]
    wanted = weight_dtype, bias_dtype

    def some(a: int, b: int) -> list[np.ndarray]:
        dy, x, gamma, mu, rstd, dx = arrays
        # Of one thread, in float64.
        sums = [np.zeros(0 if dtype is None else N) for dtype in wanted]
        rows.backward(dy[a:b], x[a:b], gamma, mu[a:b], rstd[a:b], centre,
                      dx[a:b], *sums)  # fmt: skip
        return sums

    parts = shared(M, some)
    dgamma, dbeta = (
        torch.from_numpy(sum(p[k] for p in parts)).to(dtype or v.dtype)
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


def wide(t: Tensor, dtype: Dtype = None) -> Tensor:
    """Return t as an array whose rows lie one behind the other, in float32
    at least.
    """
    dtype = dtype or torch.promote_types(t.dtype, torch.float32)
    return t.detach().to(dtype).contiguous()


def ones(x: Tensor) -> Tensor:
    """Return γ (N,) where x (M, N) has none."""
    return x.new_ones(x.shape[1])


def shared(M: int, some: Callable[[int, int], Any]) -> list[Any]:
    """Do `some` rows, from a to b, in each of torch's number of threads."""
    threads = max(1, min(torch.get_num_threads(), M))
    edges = [M * t // threads for t in range(threads + 1)]
    if threads == 1:
        return [some(0, M)]
    pool = _pool(os.getpid(), threads)
    return [*pool.map(some, edges[:-1], edges[1:])]


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Keep threads for a process; a forked one has none of its parent's."""
    return ThreadPoolExecutor(threads)


norm = torch.library.custom_op(
    "normlib::rows", forward, mutates_args=(), device_types="cpu"
)
norm_backward = torch.library.custom_op(
    "normlib::rows_backward", backward, mutates_args=(), device_types="cpu"
)


def _setup(ctx: Any, inputs: tuple, output: Outputs) -> None:
    x, weight, bias, _, centre = inputs
    _, mu, rstd = output
    ctx.mark_non_differentiable(mu, rstd)
    ctx.save_for_backward(x, weight, mu, rstd)
    ctx.centre = centre
    ctx.dtypes = [None if p is None else p.dtype for p in (weight, bias)]


def _gradients(
    run: Callable[..., Gradients], ctx: Any, dy: Tensor, *_: Any
) -> tuple:
    wanted = [  # none for a weight that is frozen
        dtype if needed else None
        for dtype, needed in zip(
            ctx.dtypes, ctx.needs_input_grad[1:3], strict=True
        )
    ]
    dx, *both = run(dy, *ctx.saved_tensors, *wanted, ctx.centre)
    dw, db = (
        None if dtype is None else p
        for p, dtype in zip(both, wanted, strict=True)
    )
    return dx, dw, db, None, None


def _refuse(ctx: Any, *_: Any) -> None:
    raise NotImplementedError(
        "the loops have one backward and not a second; take normlib.layers "
        "for a gradient of a gradient"
    )


class Gradient(Function):
    """`normlib::rows_backward` without the Python of an operator."""

    forward = staticmethod(backward)
    setup_context = staticmethod(lambda ctx, inputs, output: None)
    backward = staticmethod(_refuse)


class Norm(Function):
    """`normlib::rows` without the Python of an operator."""

    forward = staticmethod(forward)
    setup_context = staticmethod(_setup)
    backward = staticmethod(partial(_gradients, Gradient.apply))


norm.register_fake(empty_outputs)
norm_backward.register_fake(empty_gradients)
norm.register_autograd(
    partial(_gradients, norm_backward), setup_context=_setup
)
norm_backward.register_autograd(_refuse)
