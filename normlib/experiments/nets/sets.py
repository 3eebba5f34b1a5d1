"""BatchNorm over sets of n images × k positions.

m = n·k values share a mean. n and k are chosen apart, all else stays: so
one m is reached with few images or with many, in one net.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from ... import layers
from ...data import Split
from ...layers.core import per_channel, scale_shift, standardize
from ...layers.running import update_
from .ensemble import Ensemble

LOOK = 1920  # images that effective sizes are measured on


class SetBatchNorm(nn.Module):
    """BatchNorm2d of sets: n images, and k of the positions of each.

    Which positions share a set is drawn once, anew for every place in the
    batch, so that no set belongs to a part of the image. Every set moves
    the running statistics, all of a batch by one momentum, as PyTorch
    does: by m/(m − 1) times its variance. Evaluation, and n = 0, take the
    batch as it is. `norm` may be `BatchRenorm2d`.
    """

    look = False  # in evaluation, measure `between` and `total`

    def __init__(
        self,
        C: int,
        n: int,
        k: int,
        norm: type[nn.Module] = layers.BatchNorm2d,
    ) -> None:
        super().__init__()
        self.norm, self.n, self.k = norm(C), n, k
        self.register_buffer("between", torch.zeros(C))
        self.register_buffer("total", torch.zeros(C))

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (B, C, H, W), B a multiple of n, H·W of k."""
        if not self.n or not (self.training or self.look):
            return self.norm(x)
        n = min(self.n, len(x))
        both = places(len(x), x[0, 0].numel(), n, self.k)
        to, back = (order.to(x.device) for order in both)
        v = x.transpose(0, 1).flatten(1).index_select(1, to)
        v = v.unflatten(1, (-1, n * self.k)).transpose(0, 1)[..., None]
        if self.look:  # v (sets, C, m, 1)
            self.between.copy_(v.mean((2, 3)).var(0))
            self.total.copy_(v.var((0, 2, 3)))
            return self.norm(x)
        norm, m = self.norm, n * self.k
        y, mu, var = standardize(v, (2, 3), norm.eps)
        if hasattr(norm, "correct"):
            r, d = norm.correct(mu, var)
            y = y * r + d
        update_(norm.running_mean, mu, norm.momentum)
        update_(norm.running_var, var * m / (m - 1), norm.momentum)
        y = y.transpose(0, 1).flatten(1).index_select(1, back)
        y = y.view(x.shape[1], len(x), *x.shape[2:]).transpose(0, 1)
        gamma, beta = (per_channel(p, 4) for p in (norm.weight, norm.bias))
        return scale_shift(y, gamma, beta)


@cache
def places(B: int, positions: int, n: int, k: int) -> tuple[Tensor, Tensor]:
    """Return the order that puts B·`positions` values one set after
    another, and the order that puts them back.
    """
    draws = np.random.default_rng(0)
    order = np.tile(np.arange(positions), (B, 1))
    if k < positions:
        order = draws.permuted(order, axis=1)
    order += positions * np.arange(B)[:, None]
    order = order.reshape(B // n, n, positions // k, k)
    order = order.swapaxes(1, 2).reshape(-1)
    back = order.argsort()
    return torch.from_numpy(order), torch.from_numpy(back)


@torch.no_grad()
def effective(nets: Ensemble, data: Split) -> Tensor:
    """Return m_eff (E,): independent values that err like a set does.

    The mean of m independent values varies by σ²/m. Over sets of test
    images, with all layers in evaluation: 1/m_eff is the variance of the
    means over σ², averaged over channels and layers. 0 without sets.
    """
    with nets.remembering(), nets.options(look=True):
        nets(data.test_x[:, :LOOK], training=False)
        names = [k for k in nets.buffers if k.endswith(".between")]
        shares = [
            nets.buffers[name]
            / nets.buffers[name.replace("between", "total")].clamp(min=1e-9)
            for name in names
        ]
    if not shares:
        return torch.zeros(len(nets))
    found = 1 / torch.cat(shares, 1).mean(1)
    return found.nan_to_num(0.0, posinf=0.0)  # a diverged net
