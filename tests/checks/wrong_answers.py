"""Wrong answers, written by hand; nothing from the catalogue."""

import numpy as np
import right_forwards as forwards
import right_layers as layers
import right_programs as programs
import torch
from register import wrong
from torch import nn


@wrong("forward")
def softmax_like(x, gamma, beta, eps=1e-5):
    e = np.exp(x - x.max(0))
    return gamma * e / e.sum(0) + beta


@wrong("images", "cut-into-c-pieces")
def channel_rows(x, gamma, beta, eps=1e-5):
    rows = x.reshape(x.shape[1], -1)
    d = rows - rows.mean(1, keepdims=True)
    y = d / np.sqrt(rows.var(1, keepdims=True) + eps)
    gamma, beta = gamma[:, None, None], beta[:, None, None]
    return gamma * y.reshape(x.shape) + beta


@wrong("module", "graph-kept")
class Leaky(layers.Rebinding):
    def forward(self, x):
        before = self.running_mean
        y = super().forward(x)
        if self.training:
            mu = x.mean((0, 2, 3))
            a = self.momentum
            self.running_mean = (1 - a) * before + a * mu
        return y


@wrong("module", "borrowed")
class Subclass(nn.BatchNorm2d):
    pass


class WithAxes(layers.Folded):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps=eps, momentum=momentum)
        self.weight = nn.Parameter(torch.ones(1, num_features, 1, 1))

    def forward(self, x):
        d = x - x.mean((0, 2, 3), keepdims=True)
        sigma = (
            d.square().mean((0, 2, 3), keepdims=True) + self.eps
        ).sqrt()
        return self.weight * d / sigma + self.bias[:, None, None]


@wrong("forward")
def transposed(x, gamma, beta, eps=1e-5):
    return forwards.by_einsum(x, gamma, beta, eps).T


wrong("debug_predict", "norms-thawed")(programs.predict_by_try)


SHAPES = ((32, 100), (16, 8, 50), (2, 64, 28, 28), (1, 16, 14, 14))
SHAPES += ((8, 32, 1, 1),)
for rule, *names in (
    (lambda s: s[0], "m-is-n"),
    (lambda s: np.prod(s), "m-is-everything"),
    (lambda s: s[0] * s[1], "m-without-space"),
    (lambda s: s[0] * s[-1], "m-without-width"),  # as for square maps
    (lambda s: sum(s),),
):
    wrong("set_size", *names)({shape: rule(shape) for shape in SHAPES})
for rule, *names in (
    (lambda m: m - 1, "ceiling-without-root"),
    (lambda m: m**0.5, "ceiling-root-m"),
    (lambda m: (m + 1) ** 0.5,),
    (lambda m: 1,),
):
    wrong("ceiling", *names)({m: rule(m) for m in (2, 5, 17, 50, 1025)})
