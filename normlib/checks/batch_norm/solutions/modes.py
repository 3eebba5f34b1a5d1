"""Answer: training and evaluation."""

# ruff: noqa: ANN001, ANN201, D103

import numpy as np


def batch_norm_forward(
    x,
    gamma,
    beta,
    *,
    running_mean,
    running_var,
    training=True,
    momentum=0.1,
    eps=1e-5,
):
    mu, var = running_mean, running_var
    if training:
        mu, var, m = x.mean(axis=0), x.var(axis=0), len(x)
    x_hat = (x - mu) / np.sqrt(var + eps)
    if training:
        running_mean *= 1 - momentum
        running_mean += momentum * mu
        running_var *= 1 - momentum
        running_var += momentum * var * m / (m - 1)
    return gamma * x_hat + beta
