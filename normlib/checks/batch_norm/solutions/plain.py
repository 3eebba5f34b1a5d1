"""Answer: the forward in training."""

# ruff: noqa: ANN001, ANN201, D103

import numpy as np


def batch_norm_forward(x, gamma, beta, *, eps=1e-5):
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).mean(axis=0)
    x_hat = (x - mu) / np.sqrt(var + eps)
    return gamma * x_hat + beta
