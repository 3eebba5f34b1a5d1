"""The kernels as PyTorch operators: autograd, compile and fake tensors.

`normlib::norm` and `normlib::norm_backward` work on rows: x (M, N). A
tensor that does not apply is None going in and empty coming out.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

from . import backward, forward, plan
from .plan import Plan

Outputs = tuple[Tensor, Tensor, Tensor, Tensor]  # y, s, μ, 1/σ


@torch.library.custom_op("normlib::norm", mutates_args=())
def norm(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Outputs:
    """Launch the forward for x (M, N); return y, s, μ (M,) and 1/σ (M,)."""
    y, s, mu, rstd = _allocate(x, residual, weight, bias, eps, centre)
    M, N = x.shape
    if M == 0:
        return y, s, mu, rstd
    tile = plan.forward(N, x.element_size())
    kernel = forward.looped_row if tile.loops else forward.whole_rows
    with torch.cuda.device_of(x):
        kernel[(-(-M // tile.rows),)](
            x, residual, weight, bias, y,
            None if residual is None else s, mu if centre else None, rstd,
            M, N, x.stride(0), _stride(residual), eps,
            CENTRE=centre, ROWS=tile.rows, COLS=tile.cols,
            num_warps=tile.warps,
        )  # fmt: skip
    return y, s, mu, rstd


@norm.register_fake
def _allocate(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Outputs:
    M, N = x.shape
    s = x.new_empty((M, N) if residual is not None else (0, N))
    mu = x.new_empty(M if centre else 0, dtype=torch.float32)
    rstd = x.new_empty(M, dtype=torch.float32)
    return x.new_empty((M, N)), s, mu, rstd


@torch.library.custom_op("normlib::norm_backward", mutates_args=())
def norm_backward(
    dy: Tensor,
    ds: Tensor | None,
    s: Tensor,
    weight: Tensor | None,
    mu: Tensor,
    rstd: Tensor,
    has_bias: bool,
    centre: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Launch the backward for dy (M, N); return dx, dγ (N,) and dβ (N,).

    ds is the gradient that reaches s from beyond the norm.
    """
    M, N = s.shape
    processors = _processors(s.device)
    tile = plan.backward(
        M, N, s.element_size(),
        centre=centre, residual=ds is not None, processors=processors,
    )  # fmt: skip
    sums = plan.column_sums(M, N, processors) if tile.loops else tile
    dx = s.new_empty((M, N))
    # Partial sums, a row a program; each writes all of its row.
    new = torch.zeros if M == 0 else torch.empty
    dw, db = (
        new(sums.programs, N, dtype=torch.float32, device=s.device)
        if wanted
        else None
        for wanted in (weight is not None, has_bias)
    )
    if M > 0:
        inputs = dy, ds, s, weight, mu if centre else None, rstd
        with torch.cuda.device_of(s):
            _launch(inputs, (dx, dw, db), tile, sums)
    return dx, _total(dw, s), _total(db, s)


def _launch(inputs: tuple, outputs: tuple, tile: Plan, sums: Plan) -> None:
    """Launch one kernel; two where a row is too long for registers."""
    dy, ds, s, _, mu, rstd = inputs
    dx, dw, db = outputs
    M, N = s.shape
    strides = dy.stride(0), _stride(ds), s.stride(0)
    if not tile.loops:
        backward.whole_rows[(tile.programs,)](
            *inputs, *outputs, M, N, *strides,
            ROWS=tile.rows, COLS=tile.cols, STAGES=tile.stages,
            num_warps=tile.warps,
        )  # fmt: skip
        return
    backward.looped_row[(M,)](
        *inputs, dx, M, N, *strides, COLS=tile.cols, num_warps=tile.warps
    )
    if dw is not None or db is not None:
        backward.column_sums[(-(-N // sums.cols), sums.programs)](
            dy, s, mu, rstd, dw, db, M, N, dy.stride(0), s.stride(0),
            ROWS=sums.rows, COLS=sums.cols,
            num_warps=sums.warps,
        )  # fmt: skip


@norm_backward.register_fake
def _(
    dy: Tensor,
    ds: Tensor | None,
    s: Tensor,
    weight: Tensor | None,
    mu: Tensor,
    rstd: Tensor,
    has_bias: bool,
    centre: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    N = s.shape[1]
    kept = {"dtype": torch.float32}
    return (
        s.new_empty(s.shape),
        s.new_empty(N, **kept) if weight is not None else s.new_empty(0),
        s.new_empty(N, **kept) if has_bias else s.new_empty(0),
    )


def _setup(ctx: Any, inputs: tuple, output: Outputs) -> None:
    x, residual, weight, bias, _, centre = inputs
    _, s, mu, rstd = output
    ctx.mark_non_differentiable(mu, rstd)
    ctx.set_materialize_grads(False)
    x = x if residual is None else s
    ctx.save_for_backward(x, weight, mu, rstd)
    ctx.has = residual is not None, bias is not None, centre
    ctx.dtypes = [None if p is None else p.dtype for p in (weight, bias)]


def _backward(
    ctx: Any, dy: Tensor | None, ds: Tensor | None, *_: Any
) -> tuple:
    s, weight, mu, rstd = ctx.saved_tensors
    has_residual, has_bias, centre = ctx.has
    dy = torch.zeros_like(s) if dy is None else rows(dy)
    ds = rows(ds) if has_residual and ds is not None else None
    dx, dw, db = norm_backward(
        dy, ds, s, weight, mu, rstd, has_bias, centre
    )
    dw, db = (
        None if dtype is None else p.to(dtype)
        for p, dtype in zip((dw, db), ctx.dtypes, strict=True)
    )
    return dx, dx if has_residual else None, dw, db, None, None


def _refuse(ctx: Any, *_: Any) -> None:
    raise NotImplementedError(
        "the fused kernels have one backward and not a second; take "
        'backend="torch" for a gradient of a gradient'
    )


norm.register_autograd(_backward, setup_context=_setup)
norm_backward.register_autograd(_refuse)


def rows(x: Tensor) -> Tensor:
    """Return x (M, N) with neighbouring columns next to each other."""
    return x if x.stride(1) == 1 or x.shape[1] == 1 else x.contiguous()


def _stride(x: Tensor | None) -> int:
    return 0 if x is None else x.stride(0)


def _total(sums: Tensor | None, like: Tensor) -> Tensor:
    """Add up the partial sums; an empty tensor stands for None."""
    return like.new_empty(0) if sums is None else sums.sum(0)


@cache
def _processors(device: torch.device) -> int:
    if device.type != "cuda":  # the interpreter; any number is right
        return 2
    return torch.cuda.get_device_properties(device).multi_processor_count
