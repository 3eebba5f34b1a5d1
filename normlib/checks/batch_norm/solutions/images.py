"""Answer: the forward for images."""

# ruff: noqa: ANN001, ANN201, D103

import numpy as np


def batch_norm_forward(x, gamma, beta, *, eps=1e-5):
    mu = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    x_hat = (x - mu) / np.sqrt(var + eps)
    gamma, beta = (v.reshape(1, -1, 1, 1) for v in (gamma, beta))
    return gamma * x_hat + beta
