"""Nets whose batch is split into groups: m is chosen, all else stays.

A step sees G·n images in G groups of n, as G machines do that hold n
images each, or one that accumulates gradients over G small batches.
BatchNorm takes its statistics within a group, over n images and S
positions: m = n·S. E nets are trained at once; activations are
(E, B, S, C) with B = G·n and S = P².

A net cuts the 8×8 image into P×P patches and maps each to C numbers,
then a 3×3 convolution, then a linear layer from all positions. With
P = 1 the one patch is the image, and the net is an MLP.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..layers.core import standardize
from .ensemble import error, splits, train
from .trial import Config, Rows, Unit

HIDDEN = {1: 64, 2: 32, 4: 16}  # units or channels, by P
GROUPS = 4  # of GroupNorm
R_MAX, D_MAX = 3.0, 5.0  # Batch Renormalization's bounds


@dataclass
class Net:
    """E nets with `side` = P, and the parameters of each layer."""

    side: int
    norm: str
    W: list[Tensor]  # (E, C_in, C_out)
    gamma: list[Tensor]  # (E, 1, 1, C)
    beta: list[Tensor]
    mean: list[Tensor]  # running, (E, 1, 1, 1, C)
    var: list[Tensor]
    n: int  # images in a group
    eps: float = 1e-5
    momentum: float = 0.1
    bound: float = 0.0  # of Batch Renormalization, grows from 0 to 1

    def parameters(self) -> list[Tensor]:
        """Return all tensors that learn."""
        scale = [] if self.norm == "none" else self.gamma
        return self.W + self.beta + scale

    def __call__(self, x: Tensor, *, training: bool = True) -> Tensor:
        """Map images (E, B, 64) to logits (E, B, 10)."""
        h = patches(x, self.side)
        for layer, W in enumerate(self.W[:-1]):
            h = neighbours(h) if layer and self.side > 1 else h
            E, B, S, C = h.shape
            z = torch.bmm(h.reshape(E, B * S, C), W).view(E, B, S, -1)
            z = self.normalize(z, layer, training)
            h = F.relu(z + self.beta[layer])
        return torch.bmm(h.flatten(2), self.W[-1])

    def normalize(self, z: Tensor, layer: int, training: bool) -> Tensor:
        """Return γ x̂, or z itself without a norm."""
        E, B, S, C = z.shape
        if self.norm == "none":
            return z
        if self.norm in ("layer", "rms", "group"):
            groups = GROUPS if self.norm == "group" else 1
            z = z.view(E, B, S, groups, C // groups)
            centre = self.norm != "rms"
            x_hat, _, _ = standardize(z, (2, 4), self.eps, centre)
        elif training:
            z = z.view(E, B // self.n, self.n, S, C)
            x_hat, mu, var = standardize(z, (2, 3), self.eps)
            if self.norm == "renorm":
                x_hat = self._renormalize(x_hat, mu, var, layer)
            self._remember(mu, var, self.n * S, layer)
        else:
            sigma = torch.sqrt(self.var[layer] + self.eps)
            z = z.view(E, 1, B, S, C)
            x_hat = (z - self.mean[layer]) / sigma
        return self.gamma[layer] * x_hat.reshape(E, B, S, C)

    def _renormalize(
        self, x_hat: Tensor, mu: Tensor, var: Tensor, layer: int
    ) -> Tensor:
        # x̂ r + d is (x − μ_run)/σ_run as long as r and d are in bounds;
        # both count as constants in the backward.
        with torch.no_grad():
            sigma = torch.sqrt(self.var[layer] + self.eps)
            r_max = 1 + self.bound * (R_MAX - 1)
            d_max = self.bound * D_MAX
            r = (torch.sqrt(var + self.eps) / sigma).clamp(1 / r_max, r_max)
            d = ((mu - self.mean[layer]) / sigma).clamp(-d_max, d_max)
        return x_hat * r + d

    @torch.no_grad()
    def _remember(
        self, mu: Tensor, var: Tensor, m: int, layer: int
    ) -> None:
        # One group after the other, as gradient accumulation runs them:
        # of group g the share momentum·(1 − momentum)^(G−1−g) stays.
        G, keep = mu.shape[1], 1 - self.momentum
        ages = torch.arange(G - 1, -1, -1, device=mu.device)
        share = (self.momentum * keep**ages).view(1, G, 1, 1, 1)
        for running, new in (
            (self.mean, mu),
            (self.var, var * m / (m - 1)),
        ):
            stays = keep**G * running[layer]
            running[layer] = stays + (share * new).sum(1, keepdim=True)

    @torch.no_grad()
    def precise(self, x: Tensor) -> None:
        """Set running statistics to those of all of x (E, B, 64)."""
        if self.norm in ("batch", "renorm"):
            norm, n, momentum = self.norm, self.n, self.momentum
            self.norm, self.n, self.momentum = "batch", x.shape[1], 1.0
            self(x, training=True)
            self.norm, self.n, self.momentum = norm, n, momentum


def patches(x: Tensor, side: int) -> Tensor:
    """Cut images (E, B, 64) into side² patches (E, B, S, 64/S)."""
    E, B, _ = x.shape
    f = 8 // side
    x = x.view(E, B, side, f, side, f).transpose(3, 4)
    return x.reshape(E, B, side * side, f * f)


def neighbours(h: Tensor) -> Tensor:
    """Gather 3×3 neighbourhoods: (E, B, S, C) → (E, B, S, 9C)."""
    E, B, S, C = h.shape
    side = math.isqrt(S)
    image = h.reshape(E * B, side, side, C).permute(0, 3, 1, 2)
    rows = F.unfold(image, 3, padding=1).transpose(1, 2)
    return rows.reshape(E, B, S, 9 * C)


def make(
    *,
    side: int,
    norm: str,
    n: int,
    seeds: Sequence[int],
    depth: int = 2,
    width: int = 1,
    device: str = "cpu",
) -> Net:
    """Draw one net a seed, W normal with deviation √(2/C_in).

    `depth` counts hidden layers, `width` multiplies their sizes. Weights
    depend on seed and shape alone: nets that differ in the norm start
    from the same ones.
    """
    C, S, taps = width * HIDDEN[side], side * side, 9 if side > 1 else 1
    shapes = [(64 // S, C)] + [(taps * C, C)] * (depth - 1) + [(S * C, 10)]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    W = [
        torch.stack([torch.randn(s, generator=g) for g in generators])
        * math.sqrt(2 / s[0])
        for s in shapes
    ]
    E = len(seeds)
    ones = [torch.ones(E, 1, 1, C, device=device) for _ in range(depth)]
    net = Net(
        side=side,
        norm=norm,
        W=[w.to(device) for w in W],
        gamma=ones,
        beta=[torch.zeros_like(o) for o in ones],
        mean=[torch.zeros_like(o).unsqueeze(1) for o in ones],
        var=[torch.ones_like(o).unsqueeze(1) for o in ones],
        n=n,
    )
    for p in net.parameters():
        p.requires_grad_()
    return net


def sweep(
    config: Config, unit: Unit, shape: dict[str, Any], device: str
) -> Rows:
    """Train a net for every learning rate and seed, all at once.

    `shape` is what `make` needs besides the seeds. Of the training labels
    the share `config["noise"]` is drawn anew. A row has errors in per
    cent: with the running statistics, and, "precise", with those of all
    training images.
    """
    first = config["first_seed"]
    seeds = range(first, first + config["seeds"])
    members = list(product(config["rates"], seeds))
    every_seed = [seed for _, seed in members]
    net = make(seeds=every_seed, device=device, **shape)
    data = splits(every_seed, device)
    noisy = relabel(data.train_y, config.get("noise", 0.0), every_seed)
    steps = config["steps"]

    def widen(step: int) -> None:  # Batch Renormalization's bounds
        net.bound = min(max(step / steps - 0.1, 0.0) / 0.4, 1.0)

    train(
        net,
        data._replace(train_y=noisy),
        lr=torch.tensor([rate for rate, _ in members]),
        seeds=every_seed,
        steps=steps,
        batch=config["batch"],
        every=steps,
        decay=True,
        watch=widen,
    )
    val = error(net, data.val_x, data.val_y)
    test = error(net, data.test_x, data.test_y)
    fit = error(net, data.train_x, noisy)
    net.precise(data.train_x)
    precise = error(net, data.test_x, data.test_y)
    return [
        unit
        | {
            "rate": rate,
            "seed": seed,
            "val_error": round(val[e].item(), 3),
            "test_error": round(test[e].item(), 3),
            "train_error": round(fit[e].item(), 3),
            "precise_error": round(precise[e].item(), 3),
        }
        for e, (rate, seed) in enumerate(members)
    ]


def relabel(y: Tensor, share: float, seeds: Sequence[int]) -> Tensor:
    """Give a share of the labels (E, n) a class drawn at random."""
    if not share:
        return y
    drawn = []
    for labels, seed in zip(y, seeds, strict=True):
        g = torch.Generator().manual_seed(20_000 + seed)
        new = torch.randint(10, labels.shape, generator=g)
        chosen = torch.rand(labels.shape, generator=g) < share
        drawn.append(
            torch.where(chosen.to(y.device), new.to(y.device), labels)
        )
    return torch.stack(drawn)
