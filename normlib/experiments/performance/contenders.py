"""The same norm by several libraries, on the same memory.

A technique of "vectors" takes x (rows, features), one of "images" x
(N, C, H, W), weight norm a matrix. `build` returns what a contender does
in the forward, and in the forward and backward together.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ... import reference as ref
from ...layers import functional as ours
from ...layers.weight import _WeightNorm

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


def library(norm: str, module: Any) -> Callable[..., Any]:
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


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile for one shape, with a backward that can run again.

    By default the compiler lets a backward overwrite what it was given.
    """
    torch._functorch.config.donated_buffer = False
    return torch.compile(function, dynamic=False)


def fused(norm: str) -> Callable[..., Any] | None:
    """Return the norm by our kernels, where there is one."""
    from ... import kernels

    return {
        "layer": lambda x, w, b: kernels.layer_norm(x, w, b, EPS),
        "rms": lambda x, w: kernels.rms_norm(x, w, EPS),
        "residual": lambda x, r, w: kernels.rms_norm(x, w, EPS, r),
    }.get(norm)


def liger(norm: str) -> Callable[..., Any] | None:
    """Return the norm by Liger-Kernel, where it is installed."""
    if find_spec("liger_kernel") is None:
        return None
    from liger_kernel.ops.layer_norm import LigerLayerNormFunction
    from liger_kernel.ops.rms_norm import LigerRMSNormFunction

    def rms(x: Tensor, w: Tensor) -> Tensor:
        return LigerRMSNormFunction.apply(x, w, EPS, 0.0, "llama", False)

    return {
        "layer": lambda x, w, b: LigerLayerNormFunction.apply(x, w, b, EPS),
        "rms": rms,
    }.get(norm)


def quack(norm: str) -> Callable[..., Any] | None:
    """Return the norm by quack, where it is installed."""
    if norm != "rms" or find_spec("quack") is None:
        return None
    from quack import rmsnorm

    return lambda x, w: rmsnorm(x, w, eps=EPS)


def tensors(
    norm: str, shape: tuple[int, ...], dtype: str, device: str
) -> list[Tensor]:
    """Return x, the residual where there is one, and the parameters."""
    g = torch.Generator().manual_seed(0)

    def draw(*size: int) -> Tensor:
        return torch.randn(size, generator=g).to(device, DTYPES[dtype])

    x = draw(*shape)
    channels = shape[1]
    if norm == "weight":
        return [x, draw(shape[0], 1)]
    params = 1 if norm in ("rms", "residual") else 2
    given = [x, draw(*shape)] if norm == "residual" else [x]
    return given + [draw(channels) for _ in range(params)]


def torch_contenders(
    norm: str, wanted: list[str]
) -> dict[str, Callable[..., Any]]:
    """Return the functions of those wanted that are there."""
    eager = library(norm, F)
    makers: dict[str, Do] = {
        "layers": lambda: library(norm, ours),
        "eager": lambda: eager,
        "compiled": lambda: compiled(eager),
        "kernels": lambda: fused(norm),
        "liger": lambda: liger(norm),
        "quack": lambda: quack(norm),
    }
    made = {name: makers[name]() for name in wanted if name in makers}
    return {name: f for name, f in made.items() if f is not None}


def phases(
    function: Callable[..., Any], given: list[Tensor], device: str
) -> dict[str, Do]:
    """Return "forward", "both", and on a GPU "backward" by itself."""
    leaves = [t.detach().requires_grad_() for t in given]

    def outputs() -> list[Tensor]:
        out = function(*leaves)
        return list(out) if isinstance(out, tuple) else [out]

    dy = [torch.randn_like(y) for y in outputs()]

    @torch.no_grad()
    def forward() -> None:
        function(*given)

    def both() -> None:
        torch.autograd.grad(outputs(), leaves, dy)

    found: dict[str, Do] = {"forward": forward, "both": both}
    if device.startswith("cuda"):
        kept = outputs()
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
