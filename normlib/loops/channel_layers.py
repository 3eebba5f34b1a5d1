"""Batch, instance and group norm as functions and modules, by the loops."""

from torch import Tensor

from .. import layers
from ..layers import functional as plain
from ..layers.running import update_
from ..layers.validate import (
    refuse_single_value,
    require_ndim,
    require_params,
)
from ..reference.sets import SETS
from . import channels
from .layers import require_cpu
from .operators import is_traced


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """y = γ (x − μ)/σ + β over a channel of the batch, m = N·H·W.

    input (N, C, *) on a CPU, the rest (C,). Without `training` it is the
    affine map of `normlib.layers`. Raises ValueError as that does. Ioffe &
    Szegedy (2015), Algorithms 1 and 2.
    """
    running = running_mean, running_var
    if not training:
        return plain.batch_norm(input, *running, weight, bias, eps=eps)
    if not eps > 0:
        raise ValueError(f"eps must be positive in training, got {eps}")
    return _remembering(
        input, "batch", 0, running, weight, bias, momentum, eps
    )


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """y = γ (x − μ)/σ + β over a channel of one sample, m = H·W.

    input (N, C, *) on a CPU, the rest (C,). Raises ValueError as
    `normlib.layers` does. Ulyanov, Vedaldi & Lempitsky (2016).
    """
    running = running_mean, running_var
    if not use_input_stats:
        return plain.instance_norm(
            input, *running, weight, bias, False, eps=eps
        )
    return _remembering(
        input, "instance", None, running, weight, bias, momentum, eps
    )


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """y = γ (x − μ)/σ + β over C/G channels of one sample.

    input (N, C, *) on a CPU, weight and bias (C,). Raises ValueError as
    `normlib.layers` does. Wu & He (2018), section 3.
    """
    if input.ndim < 2:
        raise ValueError(
            f"input must be (N, C, …), got shape {tuple(input.shape)}"
        )
    N, C = input.shape[:2]
    require_params(input, (C,), weight=weight, bias=bias)
    if num_groups < 1 or C % num_groups:
        raise ValueError(
            f"num_groups must divide the {C} channels, got {num_groups}"
        )
    m = SETS["group"].m(tuple(input.shape), num_groups)
    refuse_single_value(input, N * m)
    return _norm(input, weight, bias, eps, num_groups)[0]


def _remembering(
    x: Tensor, name: str, groups: int | None,
    running: tuple[Tensor | None, Tensor | None], weight: Tensor | None,
    bias: Tensor | None, momentum: float | Tensor, eps: float,
) -> Tensor:  # fmt: skip
    """Norm by the statistics of x, and move the running ones to them."""
    running_mean, running_var = running
    if x.ndim < 2:
        raise ValueError(f"input must be (N, C, *), got {tuple(x.shape)}")
    C, m = x.shape[1], SETS[name].m(tuple(x.shape))
    require_params(
        x, (C,), running_mean=running_mean, running_var=running_var,
        weight=weight, bias=bias,
    )  # fmt: skip
    refuse_single_value(x, m)
    y, mu, _, var = _norm(x, weight, bias, eps, C if groups is None else 0)
    if running == (None, None):
        return y
    if x.numel() > 0:  # an empty batch has nothing to say
        sets = (-1, C, 1)  # the samples' statistics are averaged
        update_(running_mean, mu.sum(1).view(sets), momentum)
        update_(running_var, (var * (m / (m - 1))).view(sets), momentum)
    return y


def _norm(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    groups: int,
) -> tuple[Tensor, ...]:  # fmt: skip
    """Return y, μ, 1/σ and the variance of the sets."""
    if not eps >= 0:
        raise ValueError(f"eps must be 0 or more, got {eps}")
    require_cpu(input=x, weight=weight, bias=bias)
    behind = x.movedim(1, -1)  # (N, *, C)
    # As it lies: a matrix has its channels last, for want of positions.
    last = not x.is_contiguous() and behind.is_contiguous()
    last = last or (x.ndim == 2 and groups == 0)
    if last and not behind.is_contiguous():
        x = x.contiguous()
    run = channels.traced_norm if is_traced(x) else channels.norm
    return run(x, weight, bias, float(eps), groups, last)


class _BatchNorm:
    """The forward of `normlib.layers`, by the loops where it trains."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (N, C, *) by its batch or the running statistics."""
        if not self.training and self.running_mean is not None:
            return super().forward(input)
        require_ndim(input, self._ndims)
        tracks = self.training and self.track_running_stats
        counts = tracks and self.num_batches_tracked is not None
        y = batch_norm(
            input,
            self.running_mean if tracks else None,
            self.running_var if tracks else None,
            self.weight,
            self.bias,
            True,
            self._momentum(counts),
            self.eps,
        )
        if counts:  # last: a call that raises is not counted
            self.num_batches_tracked.add_(1)
        return y


class BatchNorm1d(_BatchNorm, layers.BatchNorm1d):
    """`normlib.layers.BatchNorm1d`, by columns on a CPU."""


class BatchNorm2d(_BatchNorm, layers.BatchNorm2d):
    """`normlib.layers.BatchNorm2d`, a channel at a time on a CPU."""


class BatchNorm3d(_BatchNorm, layers.BatchNorm3d):
    """`normlib.layers.BatchNorm3d`, a channel at a time on a CPU."""


class _InstanceNorm:
    """The forward of `normlib.layers`, by the loops where x is asked."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (N, C, *) or one sample (C, *)."""
        no_batch = self._spatial + 1
        require_ndim(input, (no_batch, no_batch + 1))
        uses_input = self.training or not self.track_running_stats
        without = self.weight is None and self.running_mean is None
        if without and input.shape[-self._spatial - 1] != self.num_features:
            return super().forward(input)  # which warns
        if not uses_input:
            return super().forward(input)
        y = instance_norm(
            input.unsqueeze(0) if input.ndim == no_batch else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            True,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return y.view(input.shape)


class InstanceNorm1d(_InstanceNorm, layers.InstanceNorm1d):
    """`normlib.layers.InstanceNorm1d`, a channel at a time on a CPU."""


class InstanceNorm2d(_InstanceNorm, layers.InstanceNorm2d):
    """`normlib.layers.InstanceNorm2d`, a channel at a time on a CPU."""


class InstanceNorm3d(_InstanceNorm, layers.InstanceNorm3d):
    """`normlib.layers.InstanceNorm3d`, a channel at a time on a CPU."""


class GroupNorm(layers.GroupNorm):
    """`normlib.layers.GroupNorm`, a group at a time on a CPU."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (N, C, *)."""
        return group_norm(
            input, self.num_groups, self.weight, self.bias, self.eps
        )
