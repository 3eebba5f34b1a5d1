"""LayerNorm and RMSNorm: the set is the features of one position."""

import numbers
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from . import fused
from .base import AffineNorm
from .functional import layer_norm, rms_norm


class LayerNorm(AffineNorm):
    """y = γ (x − μ)/σ + β, σ = √(var + ε), over one position.

    Input and output (*, *normalized_shape); m is the product of
    `normalized_shape`, and γ, β have that shape. Drop-in for
    `torch.nn.LayerNorm`; training and evaluation are the same.

    Raises ValueError when the input ends in another shape or has
    another dtype. `backend="triton"` computes it in one kernel, which
    needs a GPU. Source: Ba, Kiros & Hinton (2016), section 3.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "torch",
    ) -> None:
        super().__init__()
        self.backend = fused.require_backend(backend)
        shape = self.normalized_shape = _as_tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        factory = {"device": device, "dtype": dtype}
        affine = elementwise_affine
        self._add_parameter("weight", affine, shape, factory)
        self._add_parameter("bias", affine and bias, shape, factory)
        self.reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (*, *normalized_shape)."""
        by = fused.layer_norm if self.backend == "triton" else layer_norm
        return by(
            input, self.normalized_shape, self.weight, self.bias, self.eps
        )

    def extra_repr(self) -> str:
        """Return the arguments, as torch.nn prints them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(AffineNorm):
    """y = γ x/σ, σ = √(Σx²/m + ε): layer norm without mean and shift.

    Input and output (*, *normalized_shape); m is the product of
    `normalized_shape`. Drop-in for `torch.nn.RMSNorm`: `eps=None` is
    the machine epsilon of float64 for float64, else of float32.

    Raises ValueError when the input ends in another shape or is not
    real. `backend="triton"` computes it in one kernel, which needs a
    GPU. Source: Zhang & Sennrich (2019), section 4.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "torch",
    ) -> None:
        super().__init__()
        self.backend = fused.require_backend(backend)
        shape = self.normalized_shape = _as_tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        factory = {"device": device, "dtype": dtype}
        self._add_parameter("weight", elementwise_affine, shape, factory)
        self.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (*, *normalized_shape)."""
        by = fused.rms_norm if self.backend == "triton" else rms_norm
        return by(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments, as torch.nn prints them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}"
        )


def _as_tuple(shape: int | Sequence[int]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, numbers.Integral) else tuple(shape)
