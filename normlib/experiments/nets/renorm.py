"""Batch Renormalization: Ioffe (2017), arXiv 1702.03275."""

from __future__ import annotations

import torch
from torch import Tensor

from ...data import Split
from ...layers import BatchNorm2d
from ...layers.core import per_channel, scale_shift, standardize
from ...layers.running import update_
from .ensemble import Ensemble

R_MAX, D_MAX = 3.0, 5.0


class BatchRenorm2d(BatchNorm2d):
    """y = γ (x̂ r + d) + β, with r and d from the running statistics.

    x̂ r + d is (x − μ_run)/σ_run as long as r = σ/σ_run lies in 1/r_max …
    r_max and d = (μ − μ_run)/σ_run in ±d_max; both count as constants in
    the backward. `bound` moves r_max from 1 to 3 and d_max from 0 to 5:
    at 0 this is BatchNorm.
    """

    bound = 0.0

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (N, C, H, W)."""
        if not self.training:
            return super().forward(x)
        x_hat, mu, var = standardize(x, (0, 2, 3), self.eps)
        r, d = self.correct(mu, var)
        m = x.numel() // x.shape[1]
        update_(self.running_mean, mu, self.momentum)
        update_(self.running_var, var * m / (m - 1), self.momentum)
        gamma, beta = (per_channel(v, 4) for v in (self.weight, self.bias))
        return scale_shift(x_hat * r + d, gamma, beta)

    @torch.no_grad()
    def correct(self, mu: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
        """Return r and d for the batch's μ and variance (1, C, 1, 1)."""
        r_max = 1 + self.bound * (R_MAX - 1)
        d_max = self.bound * D_MAX
        sigma = per_channel(torch.sqrt(self.running_var + self.eps), 4)
        off = mu - per_channel(self.running_mean, 4)
        r = (torch.sqrt(var + self.eps) / sigma).clamp(1 / r_max, r_max)
        return r, (off / sigma).clamp(-d_max, d_max)


def widen(steps: int, step: int, nets: Ensemble, _: Split) -> None:
    """Move all bounds from 0 to 1 between a tenth and half of training."""
    for layer in nets.form.modules():
        if isinstance(layer, BatchRenorm2d):
            layer.bound = min(max(step / steps - 0.1, 0.0) / 0.4, 1.0)
