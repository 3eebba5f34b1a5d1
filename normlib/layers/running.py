"""Norms that remember: batch statistics in training, running ones after."""

from torch import Tensor

from ..reference.sets import Set
from .core import per_channel, scale_shift, standardize, working_dtype
from .validate import refuse_single_value, require_params

Running = tuple[Tensor | None, Tensor | None]  # mean, variance: (C,) each


def channel_norm(
    x: Tensor,
    norm: Set,
    running: Running,
    weight: Tensor | None,
    bias: Tensor | None,
    from_batch: bool,
    momentum: float | Tensor,
    eps: float,
) -> Tensor:
    """Standardize the sets of x (N, C, *), scale and shift by channel.

    With `from_batch` μ and var are those of `x` and `running` moves
    towards them; else they are read from `running`. Raises ValueError
    before anything is updated.
    """
    running_mean, running_var = running
    require_params(
        x,
        x.shape[1:2],
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
    )
    gamma, beta = per_channel(weight, x.ndim), per_channel(bias, x.ndim)
    if from_batch:
        m = norm.m(x.shape)
        refuse_single_value(x, m)
        dims = norm.axes(x.ndim)
        x_hat, mu, var = standardize(x, dims, eps, norm.centred)
        y = scale_shift(x_hat, gamma, beta).to(x.dtype)
        if x.numel() > 0:  # an empty batch has nothing to say
            update_(running_mean, mu, momentum)
            unbiased = var * (m / (m - 1))
            update_(running_var, unbiased, momentum)
        return y
    if running_mean is None or running_var is None:
        raise ValueError(
            "running_mean and running_var must be tensors in evaluation, "
            "got None"
        )
    # Constants here: autograd sees an affine map, and dx = γ dy/σ.
    wide = working_dtype(x.dtype)
    mu = per_channel(running_mean.to(wide), x.ndim)
    sigma = per_channel((running_var.to(wide) + eps).sqrt(), x.ndim)
    x_hat = (x.to(wide) - mu) / sigma
    return scale_shift(x_hat, gamma, beta).to(x.dtype)


def update_(
    running: Tensor | None, batch: Tensor, momentum: float | Tensor
) -> None:
    """running ← (1 − momentum)·running + momentum·batch, in place.

    running (C,), batch (N or 1, C, 1, …): samples are averaged.
    """
    if running is not None:
        batch = batch.detach().flatten(1).mean(0)  # (C,)
        running.copy_((1 - momentum) * running + momentum * batch)
