"""The kernels as PyTorch operators: autograd, compile and fake tensors.

`normlib::norm` and `normlib::norm_backward` work on rows: x (M, N). A
tensor that does not apply is None going in and empty coming out.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

from . import backward as back
from . import forward as forth
from . import plan
from .plan import Plan

Kept = tuple[Tensor, Tensor, Tensor, Tensor]  # y, s, μ, 1/σ


@torch.library.custom_op("normlib::norm", mutates_args=())
def norm(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Kept:
    """Launch the forward for x (M, N); return y, s, μ (M,) and 1/σ (M,)."""
    y, s, mu, rstd = _kept(x, residual, weight, bias, eps, centre)
    M, N = x.shape
    if M == 0:
        return y, s, mu, rstd
    cut = plan.forward(N, x.element_size())
    kernel = forth.walked if cut.walks else forth.held
    with torch.cuda.device_of(x):
        kernel[(-(-M // cut.rows),)](
            x, residual, weight, bias, y,
            None if residual is None else s, mu if centre else None, rstd,
            M, N, x.stride(0), _stride(residual), eps,
            CENTRE=centre, ROWS=cut.rows, COLS=cut.cols,
            num_warps=cut.warps,
        )  # fmt: skip
    return y, s, mu, rstd


@norm.register_fake
def _kept(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Kept:
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
    cut = plan.backward(
        M, N, s.element_size(),
        centre=centre, residual=ds is not None, processors=processors,
    )  # fmt: skip
    apart = plan.columns(M, N, processors) if cut.walks else cut
    dx = s.new_empty((M, N))
    # Partial sums, a row a program; each writes all of its row.
    sums = torch.zeros if M == 0 else torch.empty
    dw, db = (
        sums(apart.programs, N, dtype=torch.float32, device=s.device)
        if wanted
        else None
        for wanted in (weight is not None, has_bias)
    )
    if M > 0:
        given = dy, ds, s, weight, mu if centre else None, rstd
        with torch.cuda.device_of(s):
            _launch(given, (dx, dw, db), cut, apart)
    return dx, _total(dw, s), _total(db, s)


def _launch(given: tuple, wanted: tuple, cut: Plan, apart: Plan) -> None:
    """Launch one kernel; two where a row is too long to be held."""
    dy, ds, s, _, mu, rstd = given
    dx, dw, db = wanted
    M, N = s.shape
    strides = dy.stride(0), _stride(ds), s.stride(0)
    if not cut.walks:
        back.held[(cut.programs,)](
            *given, *wanted, M, N, *strides,
            ROWS=cut.rows, COLS=cut.cols, STAGES=cut.stages,
            num_warps=cut.warps,
        )  # fmt: skip
        return
    back.walked[(M,)](
        *given, dx, M, N, *strides, COLS=cut.cols, num_warps=cut.warps
    )
    if dw is not None or db is not None:
        back.columns[(-(-N // apart.cols), apart.programs)](
            dy, s, mu, rstd, dw, db, M, N, dy.stride(0), s.stride(0),
            ROWS=apart.rows, COLS=apart.cols, num_warps=apart.warps,
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


def _setup(ctx: Any, inputs: tuple, output: Kept) -> None:
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
