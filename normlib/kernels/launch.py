"""Launch the kernels on rows: x (M, N) in, tensors of results out.

A tensor that does not apply is None going in and empty coming out.
"""

from __future__ import annotations

from functools import cache
from math import gcd

import torch
from torch import Tensor

from . import backward as kernels_backward
from . import forward as kernels_forward
from . import plan
from .plan import Plan

Outputs = tuple[Tensor, Tensor, Tensor, Tensor]  # y, s, μ, 1/σ
Gradients = tuple[Tensor, Tensor, Tensor]  # dx, dγ, dβ
Dtype = torch.dtype | None  # of a gradient that is wanted


def forward(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Outputs:
    """Return y and s (M, N), μ and 1/σ (M,) in float32."""
    y, s, mu, rstd = empty_outputs(x, residual, weight, bias, eps, centre)
    M, N = x.shape
    if M == 0:
        return y, s, mu, rstd
    tile = plan.forward(
        M, N, x.element_size(), processors=_processors(x.device)
    )
    name = "looped_row" if tile.loops else "whole_rows"
    kernel = getattr(kernels_forward, name)
    unit, *strides = _strides(x, residual)
    with torch.cuda.device_of(x):
        kernel[(tile.programs or -(-M // tile.rows),)](
            x, residual, weight, bias, y,
            None if residual is None else s, mu if centre else None, rstd,
            M, *strides, eps,
            N=N, UNIT=unit, CENTRE=centre,
            ROWS=tile.rows, COLS=tile.cols, num_warps=tile.warps,
        )  # fmt: skip
    return y, s, mu, rstd


def empty_outputs(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Outputs:
    """Return what `forward` fills."""
    M, N = x.shape
    s = x.new_empty((M, N) if residual is not None else (0, N))
    mu = x.new_empty(M if centre else 0, dtype=torch.float32)
    rstd = x.new_empty(M, dtype=torch.float32)
    return x.new_empty((M, N)), s, mu, rstd


def backward(
    dy: Tensor,
    ds: Tensor | None,
    s: Tensor,
    weight: Tensor | None,
    mu: Tensor,
    rstd: Tensor,
    weight_dtype: Dtype,
    bias_dtype: Dtype,
    centre: bool,
) -> Gradients:
    """Return dx (M, N), dγ and dβ (N,), each where a dtype is given.

    ds (M, N) is the gradient that reaches s from beyond the norm.
    """
    dx, dw, db = empty_gradients(
        dy, ds, s, weight, mu, rstd, weight_dtype, bias_dtype, centre
    )
    M, N = s.shape
    if M == 0:
        return dx, dw.zero_(), db.zero_()
    processors = _processors(s.device)
    tile = plan.backward(
        M, N, s.element_size(),
        centre=centre, residual=ds is not None, processors=processors,
    )  # fmt: skip
    sums = plan.column_sums(M, N, processors) if tile.loops else tile
    wanted = weight_dtype, bias_dtype
    parts = [
        None
        if dtype is None
        else s.new_empty((sums.programs, N), dtype=torch.float32)
        for dtype in wanted
    ]  # a row a program; each writes all of its row
    inputs = dy, ds, s, weight, mu if centre else None, rstd
    with torch.cuda.device_of(s):
        _launch(inputs, dx, parts, tile, sums)
        if wanted != (None, None):
            last = plan.finish()
            totals = [
                None if p is None else t
                for p, t in zip(parts, (dw, db), strict=True)
            ]
            kernels_backward.finish[(-(-N // last.cols),)](
                *parts, *totals, sums.programs, N=N,
                ROWS=last.rows, COLS=last.cols, STAGES=last.stages,
                num_warps=last.warps,
            )  # fmt: skip
    return dx, dw, db


def empty_gradients(
    dy: Tensor,
    ds: Tensor | None,
    s: Tensor,
    weight: Tensor | None,
    mu: Tensor,
    rstd: Tensor,
    weight_dtype: Dtype,
    bias_dtype: Dtype,
    centre: bool,
) -> Gradients:
    """Return what `backward` fills."""
    M, N = s.shape
    dw, db = (
        s.new_empty(0) if dtype is None else s.new_empty(N, dtype=dtype)
        for dtype in (weight_dtype, bias_dtype)
    )
    return s.new_empty((M, N)), dw, db


def rows(x: Tensor) -> Tensor:
    """Return x (M, N) with neighbouring columns next to each other."""
    return x if x.stride(1) == 1 or x.shape[1] == 1 else x.contiguous()


def _launch(
    inputs: tuple,
    dx: Tensor,
    parts: list[Tensor | None],
    tile: Plan,
    sums: Plan,
) -> None:
    """Launch one kernel; two where a row is too long for registers."""
    dy, ds, s, _, mu, rstd = inputs
    M, N = s.shape
    unit, *strides = _strides(dy, ds, s)
    fixed = {"N": N, "UNIT": unit}
    if not tile.loops:
        kernels_backward.whole_rows[(tile.programs,)](
            *inputs, dx, *parts, M, *strides, **fixed,
            ROWS=tile.rows, COLS=tile.cols, STAGES=tile.stages,
            HOLD=tile.hold, num_warps=tile.warps,
        )  # fmt: skip
        return
    kernels_backward.looped_row[(M,)](
        *inputs, dx, *strides, **fixed,
        COLS=tile.cols, num_warps=tile.warps,
    )  # fmt: skip
    if parts != [None, None]:
        kernels_backward.column_sums[(-(-N // sums.cols), sums.programs)](
            dy, s, mu, rstd, *parts, M, strides[0], strides[2], **fixed,
            ROWS=sums.rows, COLS=sums.cols, STAGES=sums.stages,
            num_warps=sums.warps,
        )  # fmt: skip


def _strides(*tensors: Tensor | None) -> list[int]:
    """Return UNIT, and in it how far apart the rows of each tensor are."""
    strides = [0 if x is None else x.stride(0) for x in tensors]
    unit = gcd(16, *strides)
    return [unit, *(s // unit for s in strides)]


@cache
def _processors(device: torch.device) -> int:
    if device.type != "cuda":  # the interpreter; any number is right
        return 2
    return torch.cuda.get_device_properties(device).multi_processor_count
