"""`backend="triton"`: LayerNorm and RMSNorm by the kernels, on a GPU."""

import math
from collections.abc import Sequence
from types import ModuleType

from torch import Tensor

from .validate import require_normalized_shape, require_params

BACKENDS = ("torch", "triton")


def require_backend(backend: str) -> str:
    """Return the name of a backend that is there, or raise ValueError."""
    if backend not in BACKENDS:
        wanted = " or ".join(map(repr, BACKENDS))
        raise ValueError(f"backend must be {wanted}, got {backend!r}")
    if backend == "triton":
        _kernels()
    return backend


def layer_norm(
    input: Tensor,
    shape: Sequence[int],
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> Tensor:
    """Do `functional.layer_norm` in one kernel; ValueError off a GPU."""
    require_normalized_shape(input, shape)
    require_params(input, shape, weight=weight, bias=bias)
    x, w, b = _flat(shape, input, weight, bias)
    return _kernels().layer_norm(x, w, b, eps).view(input.shape)


def rms_norm(
    input: Tensor,
    shape: Sequence[int],
    weight: Tensor | None,
    eps: float | None,
) -> Tensor:
    """Do `functional.rms_norm` in one kernel; ValueError off a GPU."""
    require_normalized_shape(input, shape)
    require_params(input, shape, any_dtype=True, weight=weight)
    x, w = _flat(shape, input, weight)
    return _kernels().rms_norm(x, w, eps).view(input.shape)


def _flat(shape: Sequence[int], *tensors: Tensor | None) -> list:
    """Make the last axes, those of `shape`, one."""
    N = math.prod(shape)
    return [
        None if t is None else t.reshape(*t.shape[: -len(shape)], N)
        for t in tensors
    ]


def _kernels() -> ModuleType:
    try:
        from .. import kernels
    except ImportError as error:
        raise ValueError(
            "backend: got 'triton', and Triton can not be imported "
            f"({error}); it comes with PyTorch for CUDA on Linux"
        ) from None
    return kernels
