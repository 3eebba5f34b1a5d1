"""LayerNorm and RMSNorm fused, forward and backward, for GPUs (Triton).

One family: a residual may be added first, and `layer_norm` subtracts a
mean that `rms_norm` does not. All is computed in float32, γ and β too,
and rounded once, to x's dtype (Llama's code rounds x̂ before γ). Autocast
changes nothing: the dtype is x's. The same input gives the same bits on
the same model of GPU. With TRITON_INTERPRET=1 it runs on a CPU, slowly.
"""

import torch
from torch import Tensor
from triton.runtime.interpreter import InterpretedFunction

from . import forward
from .launch import rows
from .ops import Norm, norm

MAX_N = 2**18
DTYPES = (torch.float32, torch.float16, torch.bfloat16)
INTERPRETED = isinstance(forward.whole_rows, InterpretedFunction)
PLAIN = (Tensor, torch.nn.Parameter)  # not a stand-in that is traced

__all__ = ["layer_norm", "rms_norm"]


def layer_norm(
    x: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    residual: Tensor | None = None,
) -> Tensor | tuple[Tensor, Tensor]:
    """y = γ (s − μ)/σ + β over the last axis, s = x + residual.

    σ = √(var + ε); x (*, N), residual as x, weight and bias (N,), N from
    1 to 262144. Returns y, and s with it where a residual was given.
    Raises ValueError for another shape, dtype or device, or ε < 0. Ba,
    Kiros & Hinton (2016), section 3.
    """
    return _norm(x, residual, weight, bias, eps, centre=True)


def rms_norm(
    x: Tensor,
    weight: Tensor | None = None,
    eps: float | None = None,
    residual: Tensor | None = None,
) -> Tensor | tuple[Tensor, Tensor]:
    """y = γ s/σ, σ = √(Σs²/N + ε), over the last axis, s = x + residual.

    Shapes, results and errors are those of `layer_norm`; `eps=None` is,
    as in torch, the machine epsilon of float32. Zhang & Sennrich (2019),
    section 4.
    """
    eps = torch.finfo(torch.float32).eps if eps is None else eps
    return _norm(x, residual, weight, None, eps, centre=False)


def _norm(
    x: Tensor,
    residual: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
    centre: bool,
) -> Tensor | tuple[Tensor, Tensor]:
    _check(x, residual, weight, bias)
    if not eps >= 0:
        raise ValueError(f"eps must be 0 or more, got {eps}")
    N = x.shape[-1]
    r = residual
    traced = torch.compiler.is_compiling() or type(x) not in PLAIN
    run = norm if traced else Norm.apply
    y, s, _, _ = run(
        rows(x.reshape(-1, N)),
        None if r is None else rows(r.reshape(-1, N)),
        None if weight is None else weight.contiguous(),
        None if bias is None else bias.contiguous(),
        eps,
        centre,
    )
    y = y.view(x.shape)
    return y if r is None else (y, s.view(x.shape))


def _check(
    x: Tensor, residual: Tensor | None, *params: Tensor | None
) -> None:
    """Raise ValueError naming what the kernels can not take."""

    def check(ok: bool, name: str, wanted: str, got: object) -> None:
        if not ok:
            raise ValueError(f"{name} must be {wanted}, got {got}")

    check(x.is_cuda or INTERPRETED, "x", "on a CUDA device", x.device)
    known = ", ".join(str(d) for d in DTYPES)
    check(x.dtype in DTYPES, "x", f"one of {known}", x.dtype)
    shape = tuple(x.shape)
    N = shape[-1] if shape else 0
    check(1 <= N <= MAX_N, "x", f"(*, N), 1 ≤ N ≤ {MAX_N}", shape)
    if residual is not None:
        got = tuple(residual.shape), residual.dtype, residual.device
        same = (shape, x.dtype, x.device)
        check(got == same, "residual", f"as x, {same}", got)
    for name, p in zip(("weight", "bias"), params, strict=True):
        if p is None:
            continue
        fits = tuple(p.shape) == (N,) and p.device == x.device
        got = tuple(p.shape), p.device
        check(fits, name, f"({N},) on {x.device}", got)
        check(p.dtype in DTYPES, name, f"one of {known}", p.dtype)
