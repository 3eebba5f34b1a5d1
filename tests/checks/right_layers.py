"""Right layers, written differently; nothing from the catalogue."""

import torch
from register import right
from torch import nn


@right("module")
class Folded(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        for name, start in (("mean", 0.0), ("var", 1.0)):
            value = torch.full((num_features,), start)
            self.register_buffer(f"running_{name}", value)
        count = torch.tensor(0, dtype=torch.long)
        self.register_buffer("num_batches_tracked", count)

    def forward(self, input):
        N, C, H, W = input.shape
        flat = input.transpose(0, 1).reshape(C, -1)
        mu, var = self.running_mean, self.running_var
        if self.training:
            mu = flat.mean(1)
            var = ((flat - mu[:, None]) ** 2).mean(1)
            m = N * H * W
            with torch.no_grad():
                a = self.momentum
                self.running_mean.mul_(1 - a).add_(a * mu)
                self.running_var.mul_(1 - a).add_(a * var * m / (m - 1))
                self.num_batches_tracked.add_(1)
        scale = self.weight * (var + self.eps).rsqrt()
        y = flat * scale[:, None] + (self.bias - mu * scale)[:, None]
        return y.reshape(C, N, H, W).transpose(0, 1)


@right("module")
class Rebinding(Folded):
    """New tensors for the buffers, detached: also right."""

    def forward(self, x):
        keep = [1, -1, 1, 1]
        if self.training:
            var, mu = torch.var_mean(x, (0, 2, 3), correction=0)
            a, m = self.momentum, x.numel() / x.shape[1]
            var1 = var.detach() * m / (m - 1)
            self.running_mean = self.running_mean.lerp(mu.detach(), a)
            self.running_var = self.running_var.lerp(var1, a)
            self.num_batches_tracked = self.num_batches_tracked + 1
        else:
            mu, var = self.running_mean, self.running_var
        y = (x - mu.view(keep)) / (var.view(keep) + self.eps).sqrt()
        return torch.addcmul(
            self.bias.view(keep), self.weight.view(keep), y
        )


@right("module")
class WithOptions(Rebinding):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True):
        super().__init__(num_features, eps=eps, momentum=momentum)


class Standardize(torch.autograd.Function):
    """x̂ with a gradient derived by hand."""

    @staticmethod
    def forward(ctx, x, eps):
        sigma = (x.var((0, 2, 3), correction=0, keepdim=True) + eps).sqrt()
        x_hat = (x - x.mean((0, 2, 3), keepdim=True)) / sigma
        ctx.save_for_backward(x_hat, sigma)
        return x_hat

    @staticmethod
    def backward(ctx, g):
        x_hat, sigma = ctx.saved_tensors
        mean = {"dim": (0, 2, 3), "keepdim": True}
        dx = g - g.mean(**mean) - x_hat * (g * x_hat).mean(**mean)
        return dx / sigma, None


@right("module")
class ByHand(Folded):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        with torch.no_grad():
            m = x[:, 0].numel()
            new = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
            correct = 1, m / (m - 1)
            kept = self.running_mean, self.running_var
            for old, value, factor in zip(kept, new, correct, strict=True):
                old += self.momentum * (value * factor - old)
            self.num_batches_tracked += 1
        y = Standardize.apply(x, self.eps)
        return y * self.weight[:, None, None] + self.bias[:, None, None]


@right("module")
class ChannelLast(Rebinding):
    def forward(self, x):
        return super().forward(
            x.contiguous(memory_format=torch.channels_last)
        )


@right("module")
class Borrowing(nn.modules.batchnorm._NormBase):
    """The names and buffers of torch, its arithmetic by hand."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum, True, True)

    def forward(self, x):
        rows = x.movedim(1, -1)
        mean, var = self.running_mean, self.running_var
        if self.training:
            rows_flat = rows.flatten(0, 2)
            mean, n = rows_flat.mean(0), len(rows_flat)
            var = rows_flat.sub(mean).square().sum(0) / n
            self.num_batches_tracked.add_(1)
            self.running_mean.data.lerp_(mean.data, self.momentum)
            self.running_var.data.lerp_(
                var.data * n / (n - 1), self.momentum
            )
        y = (rows - mean) * torch.rsqrt(var + self.eps)
        return (y * self.weight + self.bias).movedim(-1, 1)
