"""GroupNorm."""

from typing import Any

import torch
from torch import Tensor

from .base import AffineNorm
from .functional import group_norm


class GroupNorm(AffineNorm):
    """y = γ (x − μ)/σ + β, σ = √(var + ε), over a group of channels.

    Input and output (N, C, *); m = C/G·H·W values share μ and σ, while
    γ, β (C,) belong to a channel. G = 1 takes all of a sample, G = C is
    instance norm. Drop-in for `torch.nn.GroupNorm`.

    Raises ValueError when G does not divide C, for another C or dtype,
    and for a single value. Source: Wu & He (2018), section 3.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by "
                f"num_groups ({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        shape, factory = num_channels, {"device": device, "dtype": dtype}
        self._add_parameter("weight", affine, shape, factory)
        self._add_parameter("bias", affine and bias, shape, factory)
        self.reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (N, C, *)."""
        return group_norm(
            input, self.num_groups, self.weight, self.bias, self.eps
        )

    def extra_repr(self) -> str:
        """Return the arguments, as torch.nn prints them."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, "
            f"affine={self.affine}, bias={self.bias is not None}"
        )
