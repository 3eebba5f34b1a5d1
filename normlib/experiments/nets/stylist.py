"""Nets that redraw one photograph in the manner of another.

As in Johnson et al. (2016): one forward pass redraws a picture. Its loss
is read behind fixed filters; theirs were trained, ours are random.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import vmap

from ...data.photos import photo
from ..protocol import Config, Rows, seeds
from .ensemble import Ensemble, Make
from .language import adam
from .norms import for_images
from .patches import convolution
from .training import by_member

SHRINK = 2  # photographs of 213×320
SEEN = 0.6  # of a photograph's width is trained on, the right end tested
FILTERS = ((3, 24, 5), (24, 48, 3))  # channels in and out, side
LOST = 1e6  # a loss that is not finite


class Stylist(nn.Module):
    """Map pictures (B, 3, H, W) to pictures: four 3×3 convolutions, the
    norm and ReLU behind each but the last.
    """

    def __init__(
        self, seed: int, *, norm: str, side: int, width: int
    ) -> None:
        super().__init__()
        g, bias = torch.Generator().manual_seed(seed), norm == "none"
        sizes = [3, width, width, width, 3]
        self.conv = nn.ModuleList(
            convolution(g, a, b, 3, 1, 1, bias=bias or b == 3)
            for a, b in pairwise(sizes)
        )
        self.norm = nn.ModuleList(
            for_images(norm, width, side) for _ in range(3)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Redraw x (B, 3, H, W)."""
        *convs, last = self.conv
        for conv, norm in zip(convs, self.norm, strict=True):
            x = F.relu(norm(conv(x)))
        return last(x)


def filters(seed: int) -> list[Tensor]:
    """Draw fixed filters W (out, in, k, k) for each layer."""
    g = torch.Generator().manual_seed(30_000 + seed)
    return [
        convolution(g, a, b, k, 1, 0, bias=False).weight.detach()
        for a, b, k in FILTERS
    ]


def features(x: Tensor, W: Sequence[Tensor]) -> list[Tensor]:
    """Return what the filters see in x (B, 3, H, W), layer by layer."""
    found = []
    for w in W:
        x = F.relu(F.conv2d(x, w, padding=w.shape[-1] // 2))
        found.append(x)
        x = F.avg_pool2d(x, 2)
    return found


def gram(h: Tensor) -> Tensor:
    """Return Σ h hᵀ/m over the m positions: (B, C, C) of (B, C, H, W)."""
    h = h.flatten(2)
    return h @ h.mT / h.shape[-1]


def content(x: Tensor, *W: Tensor) -> Tensor:
    """Return what the last filters see in x: (B, C, H, W)."""
    return features(x, W)[-1]


def manner(x: Tensor, *W: Tensor) -> tuple[Tensor, ...]:
    """Return the Gram matrices of x (B, 3, H, W) in all layers."""
    return tuple(gram(h) for h in features(x, W))


def losses(
    y: Tensor, kept: Tensor, wanted: tuple[Tensor, ...], *W: Tensor
) -> Tensor:
    """Return what y has lost of `kept`, and lacks of a manner: (2,).

    Content: Σ (h(y) − h(x))² over Σ h(x)² in the last layer. Style: the
    same of Gram matrices, the mean over pictures and layers.
    """
    own = features(y, W)
    lost = (own[-1] - kept).square().sum() / kept.square().sum()
    lacks = [
        (gram(h) - G).square().sum() / G.square().sum() / len(y)
        for h, G in zip(own, wanted, strict=True)
    ]
    return torch.stack([lost, sum(lacks) / len(lacks)])


def pictures(
    name: str, part: str, n: int, side: int, draw: np.random.Generator
) -> Tensor:
    """Cut n squares from one end of a photograph: (n, 3, side, side)."""
    image = photo(name, SHRINK)
    edge = int(SEEN * image.shape[2])
    image = image[:, :, :edge] if part == "train" else image[:, :, edge:]
    tops, lefts = (
        draw.integers(0, size - side + 1, n) for size in image.shape[1:]
    )
    cut = [
        image[:, a : a + side, b : b + side]
        for a, b in zip(tops, lefts, strict=True)
    ]
    return torch.tensor(np.stack(cut)) * 2 - 1


class Task:
    """One photograph to be redrawn in the manner of another.

    A seed has its own fixed filters, its own piece of the manner and its
    own squares. `to` is the photograph whose manner is wanted.
    """

    def __init__(self, nets: Ensemble, config: Config, to: str) -> None:
        self.nets, self.side = nets, config["side"]
        self.of = "flower" if to == "china" else "china"
        own = list(dict.fromkeys(nets.seeds))
        self.draws = [np.random.default_rng((40_000, s)) for s in own]
        self.device = next(iter(nets.parameters.values())).device
        W = zip(*map(filters, own), strict=True)
        self.W = [torch.stack(w).to(self.device) for w in W]
        style = torch.stack([
            pictures(to, "train", 1, 2 * self.side, draw)
            for draw in self.draws
        ])  # fmt: skip
        self.wanted = vmap(manner)(style.to(self.device), *self.W)

    def __call__(self, n: int, part: str, *, training: bool) -> Tensor:
        """Return what n squares lose and lack, a member each: (E, 2)."""
        cut = [
            pictures(self.of, part, n, self.side, draw)
            for draw in self.draws
        ]
        x = torch.stack(cut).to(self.device)
        y, kept = self.nets(x, training=training), vmap(content)(x, *self.W)
        spread = self.nets.spread  # a row a seed: one a member
        wanted = tuple(map(spread, self.wanted))
        return vmap(losses)(y, spread(kept), wanted, *map(spread, self.W))


def trained(
    config: Config, make: Make, members: Sequence[tuple[float, int]],
    device: str, to: str,
) -> tuple[Ensemble, Task]:  # fmt: skip
    """Train a net for each learning rate and seed, all at once, by Adam;
    "style" weights the style in their loss.
    """
    rates, every_seed = map(list, zip(*members, strict=True))
    nets = Ensemble(make, every_seed, device)
    task, lr = Task(nets, config, to), torch.tensor(rates, device=device)
    parameters = list(nets.parameters.values())
    first, second = (
        [torch.zeros_like(p) for p in parameters] for _ in "mv"
    )
    for step in range(1, config["steps"] + 1):
        found = task(config["batch"], "train", training=True)
        loss = found @ weights(config, device)
        grads = torch.autograd.grad(loss.sum(), parameters)
        rate = lr * (1 - (step - 1) / config["steps"])
        with torch.no_grad():
            for p, m, v, g in zip(
                parameters, first, second, grads, strict=True
            ):
                adam(p, m, v, g, rate, step)
    return nets, task


def weights(config: Config, device: str) -> Tensor:
    """Return what content and style count in the loss: (2,)."""
    return torch.tensor([1.0, config["style"]], device=device)


def sweep(config: Config, make: Make, device: str, to: str) -> Rows:
    """Train a net for every learning rate and seed.

    Rows have content, style, and their weighted sum, on what was not
    trained on; and that sum on what was, to choose a rate by.
    """
    members = list(product(config["rates"], seeds(config)))
    nets, task = trained(config, make, members, device, to)
    with torch.no_grad():
        chosen, tested = (
            task(config["tested"], part, training=False)
            for part in ("train", "test")
        )
    count = weights(config, device)
    rows = by_member(
        nets, content=tested[:, 0], style=tested[:, 1],
        val_loss=finite(chosen @ count), test_loss=finite(tested @ count),
    )  # fmt: skip
    return [
        row | {"rate": rate}
        for row, (rate, _) in zip(rows, members, strict=True)
    ]


def finite(loss: Tensor) -> Tensor:
    """Put LOST where a loss is not finite."""
    return torch.where(loss.isfinite(), loss, torch.full_like(loss, LOST))
