"""InstanceNorm1d, InstanceNorm2d, InstanceNorm3d."""

import warnings
from typing import Any

import torch
from torch import Tensor

from .base import RunningNorm
from .functional import instance_norm
from .validate import require_ndim


class _InstanceNorm(RunningNorm):
    _spatial: int  # axes after the channel

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features,
            eps,
            momentum,
            affine,
            track_running_stats,
            device,
            dtype,
            bias=bias,
        )

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (N, C, *) or one sample (C, *)."""
        no_batch = self._spatial + 1
        require_ndim(input, (no_batch, no_batch + 1))
        x = input.unsqueeze(0) if input.ndim == no_batch else input
        unused = self.weight is None and self.running_mean is None
        if unused and x.shape[1] != self.num_features:
            warnings.warn(
                f"num_features is {self.num_features} but the input has "
                f"{x.shape[1]} channels; no matter without affine",
                stacklevel=2,
            )
        y = instance_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return y.squeeze(0) if input.ndim == no_batch else y


class InstanceNorm1d(_InstanceNorm):
    """y = γ (x − μ)/σ + β, σ = √(var + ε), over a channel of a sample.

    Input and output (N, C, L) or (C, L); m = L values share μ and σ.
    Drop-in for `torch.nn.InstanceNorm1d`: as there, `affine` and
    `track_running_stats` are off unless asked for, `momentum=None`
    leaves the running arrays alone and `num_batches_tracked` stays 0.

    Raises ValueError for another ndim, C (a warning where C is not
    used) or dtype, and for m = 1 unless the running arrays are used.
    Source: Ulyanov, Vedaldi & Lempitsky (2016).
    """

    _spatial = 1


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` for (N, C, H, W) or (C, H, W): m = H·W."""

    _spatial = 2


class InstanceNorm3d(_InstanceNorm):
    """`InstanceNorm1d` for (N, C, T, H, W) or (C, T, H, W): m = T·H·W."""

    _spatial = 3
