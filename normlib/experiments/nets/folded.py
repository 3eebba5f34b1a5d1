"""Folding: in evaluation a convolution and its BatchNorm are one."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn


def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """Return one convolution that does what both do in evaluation.

    W′ = (γ/σ) W,  b′ = β + (γ/σ)(b − μ),  σ = √(running variance + ε).
    """
    folded = deepcopy(conv)
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    bias = 0 if conv.bias is None else conv.bias
    weight = conv.weight * scale.view(-1, 1, 1, 1)
    folded.weight = nn.Parameter(weight)
    shift = norm.bias + scale * (bias - norm.running_mean)
    folded.bias = nn.Parameter(shift)
    return folded


def fold_all(net: nn.Sequential) -> nn.Sequential:
    """Fold every BatchNorm that follows a convolution."""
    layers: list[nn.Module] = []
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fold(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers).eval()


def stack(
    seed: int, *, kind: str, channels: int, blocks: int
) -> nn.Sequential:
    """Return convolutions whose norms hold any statistics, γ and β.

    A block is a 3×3 convolution, BatchNorm and ReLU; "depthwise" has a
    3×3 convolution of each channel by itself and then a 1×1 one.
    """
    C, layers = channels, []
    shapes = [(3, 1)] if kind == "3×3" else [(3, C), (1, 1)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for side, groups in shapes * blocks:
            conv = nn.Conv2d(
                C, C, side, padding=side // 2, groups=groups, bias=False
            )
            norm = nn.BatchNorm2d(C)
            for v in (norm.weight, norm.running_var):
                nn.init.uniform_(v, 0.5, 1.5)
            for v in (norm.bias, norm.running_mean):
                nn.init.normal_(v)
            layers += [conv, norm, nn.ReLU()]
    return nn.Sequential(*layers).eval()
