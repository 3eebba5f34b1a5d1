"""LayerNorm, RMSNorm, and LayerNorm without its mean, in one library each.

"no mean" is RMSNorm with a shift β: what is left of LayerNorm when the
mean alone is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from ... import reference as ref
from . import contenders
from .contenders import EPS, Do

Phases = Callable[[list[Tensor], Tensor], dict[str, Do]]


KINDS = ("layer", "no mean", "rms")


def phases(library: str) -> dict[str, Phases]:
    """Return by kind what makes both phases of x, γ and β, and of dy."""
    if library == "numpy":
        return {kind: partial(by_numpy, kind) for kind in KINDS}
    return {
        kind: partial(by_torch, function)
        for kind, function in functions(library).items()
    }


def by_torch(
    function: Callable, given: list[Tensor], dy: Tensor
) -> dict[str, Do]:
    """Return both phases, on the same memory."""
    leaves = [t.detach().requires_grad_() for t in given]

    @torch.no_grad()
    def forward() -> None:
        function(*given)

    def both() -> None:
        torch.autograd.grad(function(*leaves), leaves, dy)

    return {"forward": forward, "both": both}


def functions(library: str) -> dict[str, Callable]:
    """Return "layer", "no mean" and "rms" of x, γ and β, where a library
    has them.
    """
    return {
        "numpy": numpy, "formula": formulas, "torch.nn": torch_nn,
        "compiled": compiled, "loops": loops, "kernels": kernels,
    }[library]()  # fmt: skip


def formula(x: Tensor, w: Tensor, b: Tensor | None, mean: bool) -> Tensor:
    """Write a norm down as it stands: an operation, an array."""
    d = x - x.mean(-1, keepdim=True) if mean else x
    y = d * torch.rsqrt(d.square().mean(-1, keepdim=True) + EPS) * w
    return y if b is None else y + b


def formulas() -> dict[str, Callable]:
    """Return the three by the formula."""
    return {
        "layer": lambda x, w, b: formula(x, w, b, True),
        "no mean": lambda x, w, b: formula(x, w, b, False),
        "rms": lambda x, w: formula(x, w, None, False),
    }


def torch_nn() -> dict[str, Callable]:
    """Return the two that torch.nn has."""
    return {n: contenders.library(n, F) for n in ("layer", "rms")}


def compiled() -> dict[str, Callable]:
    """Return torch.nn's, compiled, and RMSNorm with a shift."""
    whole = torch_nn()
    whole["no mean"] = lambda x, w, b: F.rms_norm(x, w.shape, w, EPS) + b
    return {kind: contenders.compiled(f) for kind, f in whole.items()}


def loops() -> dict[str, Callable]:
    """Return the three by normlib.loops, which are one function."""
    from ...loops import ops

    return {
        "layer": lambda x, w, b: ops.norm(x, w, b, EPS, True)[0],
        "no mean": lambda x, w, b: ops.norm(x, w, b, EPS, False)[0],
        "rms": lambda x, w: ops.norm(x, w, None, EPS, False)[0],
    }


def kernels() -> dict[str, Callable]:
    """Return the two that our kernels have."""
    return {n: contenders.fused(n) for n in ("layer", "rms")}


def numpy() -> dict[str, Callable]:
    """Return the three by normlib.reference, forward."""
    return {
        kind: lambda *given, kind=kind: by_numpy(kind, [*given], given[0])[
            "forward"
        ]()[0]
        for kind in KINDS
    }


def by_numpy(kind: str, given: list[Tensor], dy: Tensor) -> dict[str, Do]:
    """Return both phases of normlib.reference, on the same memory."""
    x, w, dy, *b = (t.numpy() for t in (*given[:2], dy, *given[2:]))

    def forward() -> tuple:
        if kind == "layer":
            return ref.layer_norm_forward(x, w, *b, eps=EPS)
        y, cache = ref.rms_norm_forward(x, w, eps=EPS)
        return (y + b[0] if b else y), cache

    def both() -> tuple:
        _, cache = forward()
        if kind == "layer":
            return ref.layer_norm_backward(dy, cache)
        shift = dy.sum(0) if b else None
        return *ref.rms_norm_backward(dy, cache), shift

    return {"forward": forward, "both": both}
