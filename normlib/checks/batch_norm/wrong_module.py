"""A wrong torch module; each mistake is a switch, named by its id."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def batch_norm(on: frozenset[str]) -> type[nn.Module]:
    """Return a class that makes the mistakes `on`."""

    class BatchNorm(nn.Module):
        def __init__(
            self,
            num_features: int,
            eps: float = 1e-5,
            momentum: float = 0.1,
        ) -> None:
            super().__init__()
            self.eps, self.momentum = eps, momentum
            if "eps-fixed" in on:
                self.eps = 1e-5
            C, zeros, ones = num_features, torch.zeros, torch.ones
            weight = zeros(C) if "weight-starts-at-zero" in on else ones(C)
            if "weight-not-parameter" in on:
                self.weight, self.bias = weight, zeros(C)
            else:
                self.weight = nn.Parameter(weight)
                self.bias = nn.Parameter(zeros(C))
            low = "running-var-starts-at-zero" in on
            self._keep("running_mean", zeros(C))
            self._keep("running_var", zeros(C) if low else ones(C))
            count = torch.tensor(0)
            if "counter-with-an-axis" in on:
                count = torch.zeros(1, dtype=torch.long)
            if "counter-as-attribute" in on:
                self.num_batches_tracked = count
            elif "no-batch-counter" not in on:
                self.register_buffer("num_batches_tracked", count)

        def _keep(self, name: str, value: Tensor) -> None:
            if "running-as-parameters" in on:
                setattr(self, name, nn.Parameter(value))
            elif "running-as-attributes" in on:
                setattr(self, name, value)
            else:
                lasting = "running-not-saved" not in on
                self.register_buffer(name, value, persistent=lasting)

        def forward(self, x: Tensor) -> Tensor:
            dims = (0, 2, 3)
            training = self.training
            if "eval-by-grad-mode" in on:
                training = torch.is_grad_enabled()
            if "always-training" in on:
                training = True
            if "mode-inverted" in on:
                training = not self.training
            mu, var = self.running_mean, self.running_var
            if training:
                mu, var = x.mean(dims), x.var(dims, correction=0)
                if "unbiased-variance" in on:
                    var = x.var(dims)
            if "statistics-detached" in on:
                mu, var = mu.detach(), var.detach()
            if training or "updated-in-evaluation" in on:
                self._remember(x)
            mu, var, gamma, beta = (
                v.reshape(1, -1, 1, 1)
                for v in (mu, var, self.weight, self.bias)
            )
            sigma = torch.sqrt(var + self.eps)
            if "eps-outside-root" in on:
                sigma = torch.sqrt(var) + self.eps
            if "evaluates-without-graph" in on and not self.training:
                x = x.detach()
            return gamma * (x - mu) / sigma + beta

        def _remember(self, x: Tensor) -> None:
            N, C = x.shape[:2]
            m = x.numel() // C
            mu = x.mean((0, 2, 3))
            var = x.var((0, 2, 3), correction=0)
            if "running-var-n-not-m" in on:
                var = var * N / (N - 1)
            elif "running-var-biased" not in on:
                var = var * m / (m - 1)
            take = self.momentum
            take = 1 - take if "momentum-inverted" in on else take
            take = 0.1 if "momentum-fixed" in on else take
            self._move("running_mean", mu, take)
            self._move("running_var", var, take)
            if "no-batch-counter" not in on and "counter-still" not in on:
                self.num_batches_tracked += 1

        def _move(self, name: str, new: Tensor, take: float) -> None:
            old = getattr(self, name)
            if "graph-kept" in on:
                setattr(self, name, (1 - take) * old + take * new)
                return
            with torch.no_grad():
                old.copy_((1 - take) * old + take * new)

    return BatchNorm
