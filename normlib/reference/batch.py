"""Batch norm: a channel shares statistics over batch and space."""

import numpy as np

from . import arguments as need
from .arguments import Array, Cache, Coef
from .operator import norm_backward, scale_shift, standardize


@np.errstate(divide="ignore", invalid="ignore")
def batch_norm_forward(
    x: Array,
    gamma: Coef,
    beta: Coef,
    *,
    running_mean: Coef = None,
    running_var: Coef = None,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/√(var + ε) + β for x (N, C, *spatial); m = N·H·W.

    In training μ and var are the set's, and in place, as in torch,
    running ← (1 − momentum) running + momentum (μ, m/(m−1) var). In
    evaluation they are the running arrays: (C,), as γ and β. Raises
    ValueError for a wrong shape or dtype, m < 2 in training, one running
    array alone or, in evaluation, none, momentum outside 0 … 1, ε < 0.
    Source: Ioffe & Szegedy (2015), arXiv:1502.03167.
    """
    need.array("x", x, ndim=2)
    need.params(x, x.shape[1:2], gamma=gamma, beta=beta)
    need.running(x, running_mean, running_var, training)
    need.number("momentum", momentum, high=1)
    need.number("eps", eps)
    if training:
        axes = (0, *range(2, x.ndim))  # the set: all but the channel
        need.values("x", x, axes, least=2)
        x_hat, cache = standardize(x, axes, eps=eps)
    else:  # another function: μ and σ are constants
        shape = (-1, *(1,) * (x.ndim - 2))  # (C, 1, …)
        mu, var = running_mean.reshape(shape), running_var.reshape(shape)
        sigma = np.sqrt(var.astype(np.float64) + eps)
        x_hat = (x.astype(np.float64) - mu) / sigma
        cache = Cache(x_hat=x_hat, mu=mu, var=var, sigma=sigma, axes=None)
        cache.shape, cache.dtype = x.shape, x.dtype
    y, cache = scale_shift(x_hat, gamma, beta, (1,), cache)
    if training and running_mean is not None:
        mu, var, m = cache.mu.ravel(), cache.var.ravel(), cache.m
        keep = 1 - momentum
        running_var[:] = keep * running_var + momentum * var * m / (m - 1)
        running_mean[:] = keep * running_mean + momentum * mu
    return y, cache


batch_norm_backward = norm_backward  # there is one
