"""Answer: the torch module."""

# ruff: noqa: ANN001, ANN204, ANN201, D101, D102

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        zeros, ones = torch.zeros(num_features), torch.ones(num_features)
        self.register_buffer("running_mean", zeros)
        self.register_buffer("running_var", ones)
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        mu, var = self.running_mean, self.running_var
        if self.training:
            mu = x.mean((0, 2, 3))
            var = x.var((0, 2, 3), correction=0)
            self.remember(mu.detach(), var.detach(), x[:, 0].numel())
        mu, var, weight, bias = (
            v.view(1, -1, 1, 1) for v in (mu, var, self.weight, self.bias)
        )
        return weight * (x - mu) / torch.sqrt(var + self.eps) + bias

    def remember(self, mu, var, m):
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mu, self.momentum)
        self.running_var.lerp_(var * m / (m - 1), self.momentum)
