"""A loop's forward and backward as one step of autograd.

What runs eagerly is a `Function`. Under `torch.compile` the operators
`normlib::<name>` and `normlib::<name>_backward` stand in for it, and stay
whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.forward_ad import unpack_dual

Gradients = tuple[Tensor, Tensor, Tensor]  # dx, dγ, dβ
Dtype = torch.dtype | None  # of a gradient that is wanted
Run = Callable[..., Any]
PLAIN = (Tensor, torch.nn.Parameter)  # not a stand-in that is traced


def is_traced(x: Tensor) -> bool:
    """Tell whether somebody looks on whom arrays of NumPy would escape."""
    return (
        torch.compiler.is_compiling()
        or type(x) not in PLAIN
        or torch._C._len_torch_dispatch_stack() > 0  # a mode: make_fx
        or torch._is_functional_tensor(x)
    )


def flat(t: Tensor, dtype: Dtype = None) -> np.ndarray:
    """Return t as an array whose rows lie one behind the other, in float32
    at least.
    """
    dtype = dtype or kept_dtype(t)
    # Each step that does nothing still takes up to a microsecond.
    t = t.detach().resolve_neg()
    if t.dtype != dtype:
        t = t.to(dtype)
    return t.contiguous().numpy().reshape(-1)


def narrow(values: np.ndarray, dtype: torch.dtype) -> Tensor:
    """Return float64 as a tensor of another dtype."""
    if dtype == torch.float32:  # NumPy does it in a fifth of the time
        return torch.from_numpy(values.astype(np.float32))
    return torch.from_numpy(values).to(dtype)


def kept_dtype(t: Tensor) -> torch.dtype:
    """Return the dtype of statistics: that of t, or float32."""
    return torch.promote_types(t.dtype, torch.float32)


def operator(
    name: str, there: Run, back: Run, there_empty: Run, back_empty: Run
) -> tuple[Run, Run]:
    """Return the norm for eager calls, and for traced ones.

    there(x, γ, β, eps, *how) gives y, μ, 1/σ and what else is to be told;
    back(dy, x, γ, μ, 1/σ, dtypes of dγ and dβ, *how) gives dx, dγ, dβ.
    The other two return what these fill.
    """
    forward, backward = (
        torch.library.custom_op(
            f"normlib::{name}", run, mutates_args=(), device_types="cpu"
        )
        for name, run in ((name, there), (f"{name}_backward", back))
    )

    class Gradient(Function):
        """The backward as a step that is refused a gradient of its own."""

        @staticmethod
        def forward(ctx: Any, *given: Any) -> Gradients:
            return back(*given)

        backward = staticmethod(_refuse)

    def once(*given: Any) -> Gradients:
        if torch.compiler.is_compiling():  # of autograd's own graph
            return backward(*given)
        asked = torch.is_grad_enabled()  # for a gradient of the gradient
        return (Gradient.apply if asked else back)(*given)

    class Norm(Function):
        """The forward without the Python of an operator."""

        @staticmethod  # a setup_context would cost as much again
        def forward(ctx: Any, *given: Any) -> tuple[Tensor, ...]:
            found = there(*given)
            _setup(ctx, given, found)
            return found

        @staticmethod
        def backward(ctx: Any, *dy: Tensor | None) -> tuple:
            return _gradients(once, ctx, *dy)

    def eager(*given: Any) -> tuple[Tensor, ...]:
        tensors = [t for t in given[:3] if t is not None]
        learns = any(t.requires_grad for t in tensors)
        learns = learns and torch.is_grad_enabled()
        # A tangent is refused by the Function, and would be lost without.
        learns = learns or any(
            unpack_dual(t).tangent is not None for t in tensors
        )
        return (Norm.apply if learns else there)(*given)

    forward.register_fake(there_empty)
    backward.register_fake(back_empty)
    forward.register_autograd(
        partial(_gradients, backward), setup_context=_setup
    )
    backward.register_autograd(_refuse)
    return eager, forward


def _setup(ctx: Any, inputs: tuple, output: tuple[Tensor, ...]) -> None:
    x, weight, bias, _, *ctx.how = inputs
    _, *told = output
    ctx.mark_non_differentiable(*told)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(x, weight, *told[:2])
    ctx.dtypes = [None if p is None else p.dtype for p in (weight, bias)]


def _gradients(run: Run, ctx: Any, dy: Tensor | None, *_: Any) -> tuple:
    if dy is None:  # nobody asked for y's
        return (None,) * (4 + len(ctx.how))
    wanted = [  # none for a weight that is frozen
        dtype if needed else None
        for dtype, needed in zip(
            ctx.dtypes, ctx.needs_input_grad[1:3], strict=True
        )
    ]
    dx, *both = run(dy, *ctx.saved_tensors, *wanted, *ctx.how)
    dw, db = (
        None if dtype is None else p
        for p, dtype in zip(both, wanted, strict=True)
    )
    return dx, dw, db, None, *(None for _ in ctx.how)


def _refuse(ctx: Any, *_: Any) -> None:
    raise NotImplementedError(
        "the loops have one backward and not a second; take normlib.layers "
        "for a gradient of a gradient"
    )
