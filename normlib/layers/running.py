"""Norms that remember: batch statistics in training, running ones after."""

import math

from torch import Tensor

from .core import per_channel, scale_shift, standardize, working_dtype
from .validate import require_fit, require_many

Running = tuple[Tensor | None, Tensor | None]  # mean, variance: (C,) each


def channel_norm(
    x: Tensor,
    dims: tuple[int, ...],
    running: Running,
    weight: Tensor | None,
    bias: Tensor | None,
    from_batch: bool,
    momentum: float | Tensor,
    eps: float,
) -> Tensor:
    """Standardize x (N, C, *) over `dims`, scale and shift by channel.

    With `from_batch` μ and σ² are those of `x` and `running` moves
    towards them; else they are read from `running`. Raises ValueError
    before anything is updated.
    """
    mean, var = running
    params = dict(running_mean=mean, running_var=var)
    require_fit(x, x.shape[1:2], **params, weight=weight, bias=bias)
    gamma, beta = per_channel(weight, x.ndim), per_channel(bias, x.ndim)
    if from_batch:
        m = math.prod([x.shape[d] for d in dims])
        require_many(x, m)
        x_hat, mu, sigma2 = standardize(x, dims, eps)
        y = scale_shift(x_hat, gamma, beta).to(x.dtype)
        if x.numel() > 0:  # an empty batch has nothing to say
            update_(mean, mu, momentum)
            update_(var, sigma2 * (m / (m - 1)), momentum)  # unbiased
        return y
    if mean is None or var is None:
        raise ValueError(
            "running_mean and running_var must be tensors in evaluation, "
            "got None"
        )
    # Constants here: autograd sees an affine map, and dx = γ dy/σ.
    wide = working_dtype(x.dtype)
    mu = per_channel(mean.to(wide), x.ndim)
    sigma = per_channel((var.to(wide) + eps).sqrt(), x.ndim)
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
