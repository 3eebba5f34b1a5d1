"""EvalNorm: Singh and Shrivastava (2019), arXiv 1904.06031."""

from __future__ import annotations

import torch
from torch import Tensor

from ...data import Split
from ...layers import BatchNorm2d
from ...layers.core import per_channel, scale_shift
from .ensemble import Ensemble
from .sets import SetBatchNorm
from .training import error


class EvalNorm2d(BatchNorm2d):
    """BatchNorm that evaluates an image as training would have seen it.

    In training the image is one of the n of its set, so its own mean μ_i
    and variance s_i² make up an n-th of the set's. With α = 1/n, and μ and
    v the mean and the *set's* variance as training met them on average:

        μ̂  = α μ_i + (1 − α) μ
        σ̂² = α s_i² + (1 − α) v + α (1 − α) (μ_i − μ)²

    That is what to expect, given the image; `among` is n, and with 0 this
    is BatchNorm. The running variance is m/(m − 1) times v, m = n·H·W.
    """

    among = 0

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (N, C, H, W)."""
        if self.training or not self.among:
            return super().forward(x)
        share = 1 / self.among
        m = self.among * x[0, 0].numel()
        mu, v = (
            per_channel(b, 4) for b in (self.running_mean, self.running_var)
        )
        own, spread = x.mean((2, 3)), x.var((2, 3), correction=0)  # (N, C)
        off = own[..., None, None] - mu
        var = (1 - share) * (v * (m - 1) / m + share * off.square())
        var = var + share * spread[..., None, None]
        x_hat = (x - mu - share * off) / torch.sqrt(var + self.eps)
        gamma, beta = (per_channel(p, 4) for p in (self.weight, self.bias))
        return scale_shift(x_hat, gamma, beta)


@torch.no_grad()
def eval_error(nets: Ensemble, data: Split) -> Tensor:
    """Return the test error (E,) by EvalNorm, of sets as in training."""
    sets = (m.n for m in nets.form.modules() if isinstance(m, SetBatchNorm))
    with nets.options(among=next(sets, 0)):
        return error(nets, data.test_x, data.test_y)
