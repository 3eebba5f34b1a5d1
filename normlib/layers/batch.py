"""BatchNorm1d, BatchNorm2d, BatchNorm3d."""

import torch
from torch import Tensor

from .base import RunningNorm
from .functional import batch_norm
from .validate import require_ndim


class _BatchNorm(RunningNorm):
    _ndims: tuple[int, ...]  # of the inputs it takes

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (N, C, *) by its batch or the running statistics."""
        require_ndim(input, self._ndims)
        tracks = self.training and self.track_running_stats
        keeps = tracks or not self.training  # the arrays take part
        counts = tracks and self.num_batches_tracked is not None
        mean = self.running_mean if keeps else None
        var = self.running_var if keeps else None
        y = batch_norm(
            input,
            mean,
            var,
            self.weight,
            self.bias,
            self.training or (mean is None and var is None),
            self._momentum(counts),
            self.eps,
        )
        if counts:  # last: a call that raises is not counted
            self.num_batches_tracked.add_(1)
        return y

    def _momentum(self, counts: bool) -> float | Tensor:
        """Return the weight of this batch; 1/n averages all n equally."""
        if self.momentum is not None:
            return self.momentum
        if not counts:
            return 0.0
        n = self.num_batches_tracked + 1
        # A division of integers would give float32, also for float64.
        wide = torch.promote_types(self.running_mean.dtype, torch.float32)
        return n.to(wide).reciprocal()


class BatchNorm1d(_BatchNorm):
    """y = γ (x − μ)/σ + β, σ = √(var + ε), over a channel in the batch.

    Input and output (N, C) or (N, C, L); m = N or N·L values share μ and
    σ. Drop-in for `torch.nn.BatchNorm1d`: biased var in σ, unbiased in
    `running_var`, `momentum=None` for the average of all batches.

    Raises ValueError for another ndim, C or dtype, and for m = 1 in
    training; nothing is updated then, not even `num_batches_tracked`.
    Source: Ioffe & Szegedy (2015), Algorithms 1 and 2.
    """

    _ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for (N, C, H, W): m = N·H·W."""

    _ndims = (4,)


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` for (N, C, T, H, W): m = N·T·H·W."""

    _ndims = (5,)
