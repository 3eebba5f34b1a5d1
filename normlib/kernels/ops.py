"""The kernels under autograd, and as operators of PyTorch.

`Norm` is what runs eagerly. Under `torch.compile` the operators
`normlib::norm` and `normlib::norm_backward` stand in for it: the compiler
leaves them whole, and eagerly their Python would cost more than a launch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from . import launch
from .launch import Gradients, Outputs


@torch.library.custom_op("normlib::norm", mutates_args=())
def norm(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Outputs:
    """Return y, s, μ and 1/σ of x (M, N), as `launch.forward` does."""
    return launch.forward(x, residual, weight, bias, eps, centre)


@torch.library.custom_op("normlib::norm_backward", mutates_args=())
def norm_backward(
    dy: Tensor,
    ds: Tensor | None,
    s: Tensor,
    weight: Tensor | None,
    mu: Tensor,
    rstd: Tensor,
    weight_dtype: torch.dtype | None,
    bias_dtype: torch.dtype | None,
    centre: bool,
) -> Gradients:
    """Return dx, dγ and dβ, as `launch.backward` does."""
    return launch.backward(
        dy, ds, s, weight, mu, rstd, weight_dtype, bias_dtype, centre
    )


def _setup(ctx: Any, inputs: tuple, output: Outputs) -> None:
    x, residual, weight, bias, _, centre = inputs
    _, s, mu, rstd = output
    ctx.mark_non_differentiable(mu, rstd)
    ctx.set_materialize_grads(False)
    x = x if residual is None else s
    ctx.save_for_backward(x, weight, mu, rstd)
    ctx.has_residual, ctx.centre = residual is not None, centre
    ctx.dtypes = [None if p is None else p.dtype for p in (weight, bias)]


def _gradients(
    run: Callable[..., Gradients],
    ctx: Any,
    dy: Tensor | None,
    ds: Tensor | None,
    *_: Any,
) -> tuple:
    s, weight, mu, rstd = ctx.saved_tensors
    dy = torch.zeros_like(s) if dy is None else launch.rows(dy)
    if ds is not None:
        ds = launch.rows(ds) if ctx.has_residual else None
    wanted = [  # none for a weight that is frozen
        dtype if needed else None
        for dtype, needed in zip(
            ctx.dtypes, ctx.needs_input_grad[2:4], strict=True
        )
    ]
    dx, dw, db = run(dy, ds, s, weight, mu, rstd, *wanted, ctx.centre)
    dw, db = (
        None if dtype is None else p
        for p, dtype in zip((dw, db), wanted, strict=True)
    )
    return dx, dx if ctx.has_residual else None, dw, db, None, None


def _refuse(ctx: Any, *_: Any) -> None:
    raise NotImplementedError(
        "the fused kernels have one backward and not a second; take "
        'backend="torch" for a gradient of a gradient'
    )


class Gradient(Function):
    """`normlib::norm_backward` without the Python of an operator."""

    forward = staticmethod(launch.backward)
    setup_context = staticmethod(lambda ctx, inputs, output: None)
    backward = staticmethod(_refuse)


class Norm(Function):
    """`normlib::norm` without the Python of an operator."""

    forward = staticmethod(launch.forward)
    setup_context = staticmethod(_setup)
    backward = staticmethod(partial(_gradients, Gradient.apply))


norm.register_fake(launch.empty_outputs)
norm_backward.register_fake(launch.empty_gradients)
norm.register_autograd(
    partial(_gradients, norm_backward), setup_context=_setup
)
norm_backward.register_autograd(_refuse)
