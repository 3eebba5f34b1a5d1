"""The norms of other projects' kernels, where they are installed.

An import that fails is passed on: who is absent is named in the record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

EPS = 1e-5
Function = Callable[..., Any]


def liger(norm: str, in_place: bool = True) -> Function | None:
    """Return the norm by Liger-Kernel; None where it has none.

    By default its RMSNorm writes dx over dy, its LayerNorm never does.
    """
    if norm not in ("layer", "rms", "residual"):
        return None
    if norm == "layer" and not in_place:  # has no choice, and raced
        return None
    from liger_kernel import ops

    how = (EPS, 0.0, "llama", in_place)

    def layer(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
        return ops.LigerLayerNormFunction.apply(x, w, b, EPS)

    def rms(x: Tensor, w: Tensor) -> Tensor:
        return ops.LigerRMSNormFunction.apply(x, w, *how)

    def residual(x: Tensor, r: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        return ops.LigerFusedAddRMSNormFunction.apply(x, r, w, *how)

    return {"layer": layer, "rms": rms, "residual": residual}[norm]


def quack(norm: str) -> Function | None:
    """Return the norm by quack; None where it has none."""
    if norm not in ("rms", "residual"):
        return None
    from quack import rmsnorm

    def residual(x: Tensor, r: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        return rmsnorm(x, w, residual=r, eps=EPS, prenorm=True)

    def rms(x: Tensor, w: Tensor) -> Tensor:
        return rmsnorm(x, w, eps=EPS)

    return residual if norm == "residual" else rms
