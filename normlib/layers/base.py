"""Bookkeeping the modules share: parameters and running arrays."""

from typing import Any

import torch
from torch import nn

Factory = dict[str, Any]  # device and dtype of what a module creates


class AffineNorm(nn.Module):
    """Owns γ as `weight` and β as `bias`; None where not wanted."""

    def _add_parameter(
        self, name: str, wanted: bool, shape: Any, factory: Factory
    ) -> None:
        value = torch.empty(shape, **factory) if wanted else None
        p = None if value is None else nn.Parameter(value)
        self.register_parameter(name, p)

    def reset_parameters(self) -> None:
        """Set γ to 1 and β to 0."""
        if self.weight is not None:
            nn.init.ones_(self.weight)
        if getattr(self, "bias", None) is not None:  # RMSNorm has none
            nn.init.zeros_(self.bias)


class RunningNorm(AffineNorm):
    """Adds the running arrays: `running_mean`, `running_var` (C,)."""

    _version = 2  # as in torch.nn: 2 brought num_batches_tracked

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        shape, factory = (num_features,), {"device": device, "dtype": dtype}
        self._add_parameter("weight", affine, shape, factory)
        self._add_parameter("bias", affine and bias, shape, factory)
        mean = var = count = None
        if track_running_stats:
            mean = torch.zeros(shape, **factory)
            var = torch.ones(shape, **factory)
            count = torch.tensor(0, device=device)
        self.register_buffer("running_mean", mean)
        self.register_buffer("running_var", var)
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget every batch: mean 0, variance 1, count 0."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set γ to 1 and β to 0, and forget every batch."""
        self.reset_running_stats()
        super().reset_parameters()

    def extra_repr(self) -> str:
        """Return the arguments, as torch.nn prints them."""
        return (
            f"{self.num_features}, eps={self.eps}, "
            f"momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        *rest: Any,
    ) -> None:
        version = local_metadata.get("version") or 1
        if version < 2 and self.track_running_stats:
            # Saved before the count existed: keep the one we have.
            key = prefix + "num_batches_tracked"
            state_dict.setdefault(key, self.num_batches_tracked)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, *rest
        )
