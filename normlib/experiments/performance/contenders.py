"""The same norm by several libraries, on the same memory.

A technique of "vectors" takes x (rows, features), one of "images" x
(N, C, H, W), weight norm a matrix. `build` returns what a contender does
in the forward, and in the forward and backward together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ... import reference as ref
from ...layers import functional as ours
from ...layers.weight import _WeightNorm
from . import peers

EPS = 1e-5
GROUPS = 8
KINDS = {
    "vectors": ("layer", "rms", "residual"),
    "images": ("batch", "instance", "group"),
    "matrices": ("weight",),
}
DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
Do = Callable[[], Any]
Function = Callable[..., Any]
COPIES = ("copy", "elementwise")  # no norms: what they are held against


def library(norm: str, module: Any) -> Function:
    """Return a norm by torch.nn.functional or normlib.layers."""

    def weight(v: Tensor, g: Tensor) -> Tensor:
        return _WeightNorm(0)(g, v)

    def residual(x: Tensor, r: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        s = x + r
        return module.rms_norm(s, w.shape, w, EPS), s

    return {
        "layer": lambda x, w, b: module.layer_norm(x, w.shape, w, b, EPS),
        "rms": lambda x, w: module.rms_norm(x, w.shape, w, EPS),
        "residual": residual,
        "batch": lambda x, w, b: module.batch_norm(
            x, None, None, w, b, True, 0.1, EPS
        ),
        "instance": lambda x, w, b: module.instance_norm(
            x, None, None, w, b, True, 0.1, EPS
        ),
        "group": lambda x, w, b: module.group_norm(x, GROUPS, w, b, EPS),
        "weight": torch._weight_norm if module is F else weight,
    }[norm]


def compiled(function: Function) -> Function:
    """Compile for one shape, with a backward that can run again.

    By default the compiler lets a backward overwrite what it was given.
    """
    torch._functorch.config.donated_buffer = False
    return torch.compile(function, dynamic=False)


def fused(norm: str) -> Function | None:
    """Return the norm by our kernels; None where there is none."""
    if norm not in KINDS["vectors"]:
        return None
    from ... import kernels

    return {
        "layer": lambda x, w, b: kernels.layer_norm(x, w, b, EPS),
        "rms": lambda x, w: kernels.rms_norm(x, w, EPS),
        "residual": lambda x, r, w: kernels.rms_norm(x, w, EPS, r),
    }[norm]


def tensors(
    norm: str, shape: tuple[int, ...], dtype: str, device: str
) -> list[Tensor]:
    """Return x, the residual where there is one, and the parameters.

    All are drawn on the device. Parameters are 1 ± 0.1: a library that
    writes dx over dy may then do so a hundred times.
    """
    g = torch.Generator(device).manual_seed(0)

    def draw(*size: int) -> Tensor:
        return torch.randn(size, generator=g, device=device)

    def param(*size: int) -> Tensor:
        return (1 + 0.1 * draw(*size)).to(DTYPES[dtype])

    x = draw(*shape).to(DTYPES[dtype])
    if norm == "weight":
        return [x, param(shape[0], 1)]
    params = 1 if norm in ("rms", "residual") else 2
    given = [x]
    if norm == "residual":
        given.append(draw(*shape).to(DTYPES[dtype]))
    return given + [param(shape[1]) for _ in range(params)]


def copies(given: list[Tensor], wanted: list[str]) -> dict[str, Do]:
    """Return the copies: torch's own, and one that multiplies by 1."""
    x, spare = given[0], torch.empty_like(given[0])
    made = {
        "copy": lambda: spare.copy_(x),
        "elementwise": lambda: torch.mul(x, 1, out=spare),
    }
    return {n: do for n, do in made.items() if n == "copy" or n in wanted}


def makers(norm: str) -> dict[str, Callable[[], Function | None]]:
    """Return what makes each contender, or None where it has no such norm.

    A maker raises ImportError where the library is not there.
    """
    eager = library(norm, F)
    return {
        "layers": lambda: library(norm, ours),
        "eager": lambda: eager,
        "compiled": lambda: compiled(eager),
        "kernels": lambda: fused(norm),
        "liger": lambda: peers.liger(norm),
        "liger kept": lambda: peers.liger(norm, in_place=False),
        "quack": lambda: peers.quack(norm),
    }


def torch_contenders(norm: str, wanted: list[str]) -> dict[str, Function]:
    """Return the functions of those wanted that have the norm."""
    known = makers(norm)
    made = {name: known[name]() for name in wanted if name in known}
    return {name: f for name, f in made.items() if f is not None}


def outputs(function: Function, given: list[Tensor]) -> list[Tensor]:
    """Return what a norm returns, in a list."""
    out = function(*given)
    return list(out) if isinstance(out, tuple) else [out]


def phases(function: Function, given: list[Tensor]) -> dict[str, Do]:
    """Return "forward", "both", and on a GPU "backward" by itself."""
    leaves = [t.detach().requires_grad_() for t in given]
    dy = [torch.randn_like(y) for y in outputs(function, leaves)]

    @torch.no_grad()
    def forward() -> None:
        function(*given)

    def both() -> None:
        torch.autograd.grad(outputs(function, leaves), leaves, dy)

    found: dict[str, Do] = {"forward": forward, "both": both}
    if given[0].is_cuda:
        kept = outputs(function, leaves)
        found["backward"] = lambda: torch.autograd.grad(
            kept, leaves, dy, retain_graph=True
        )
    return found


def reference(norm: str, given: list[Tensor]) -> dict[str, Do]:
    """Return the phases of normlib.reference, on the same memory."""
    x, *rest = (t.numpy() for t in given)
    dy = torch.randn_like(given[0]).numpy()

    def forward() -> Any:
        if norm == "residual":
            s = x + rest[0]
            return ref.rms_norm_forward(s, rest[1], eps=EPS)
        if norm == "weight":
            return ref.weight_norm_forward(x, *rest)
        options = {"num_groups": GROUPS} if norm == "group" else {}
        whole = getattr(ref, f"{norm}_norm_forward")
        return whole(x, *rest, eps=EPS, **options)

    name = "rms" if norm == "residual" else norm
    backward = getattr(ref, f"{name}_norm_backward")
    return {
        "forward": forward,
        "both": lambda: backward(dy, forward()[1]),
    }
