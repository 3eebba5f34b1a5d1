"""Right layers, predictors and loops, written differently."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy


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


class WithOptions(Rebinding):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True):
        super().__init__(num_features, eps=eps, momentum=momentum)


def predict_by_try(model, x):
    before = model.training
    try:
        with torch.inference_mode():
            return model.eval()(x).max(1).indices.clone()
    finally:
        model.train(before)


def predict_by_copy(model, x):
    from copy import deepcopy

    return deepcopy(model).train(False)(x).argmax(-1)


def predict_by_norms(model, x):
    norms = [m for m in model.modules() if "BatchNorm" in str(type(m))]
    before = [n.training for n in norms]
    [n.eval() for n in norms]
    y = model(x).detach().softmax(1).argmax(1)
    [n.train(b) for n, b in zip(norms, before, strict=True)]
    return y


def train_after_validating(model, epochs, batches, validate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            optimizer.step()
        validate(model)
        model.train()
    return model


def train_each_step(model, epochs, batches, validate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(epochs):
        for x, y in batches:
            model.train(True)
            model.zero_grad()
            nn.CrossEntropyLoss()(model(x), y).backward()
            optimizer.step()
        validate(model)
    return model


def train_by_hand(model, epochs, batches, validate):
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            weights = list(model.parameters())
            loss = cross_entropy(model(x), y)
            steps = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for w, step in zip(weights, steps, strict=True):
                    w -= 0.5 * step
        validate(model)
    return model
