"""Scenes of figures, and a net that says at each place what is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...data import Split, glyphs
from ...layers import BatchNorm2d
from ..protocol import Config, Rows, part, seeds
from .copying import adam
from .ensemble import Ensemble, Make
from .norms import for_images
from .patches import convolution
from .training import by_member, error, losses, splits

SIDE, CELL, PLATE = 48, 4, 16  # pixels
KINDS = 5  # of glyphs in a scene; one class more is "nothing"
FIGURES, LETTERS = 0, 10  # where the kinds begin in 0-9A-Za-z
MANY, RATE = 8, 0.005  # scenes a step on letters, and the rate
CELLS = (SIDE // CELL) ** 2  # of a scene, each with a label
DRAWN = {"n": 6000, "val": 2000, "test": 6000}  # glyphs, of 62 kinds


@lru_cache(maxsize=64)
def scenes(
    seed: int, *, first: int = 0, n: int = 400, test: int = 200
) -> Split:
    """Draw n scenes to learn from, `test` to test and half as many to
    validate: images (n, 1, 48, 48), labels (n, 144).

    A plate of 16×16 with a figure stands somewhere in each quarter, with
    its own brightness and contrast, on a background with its own
    brightness. A cell of 4×4 pixels is labelled with the figure whose
    plate covers it, or with 5 for none. `first` is the place of the five
    kinds in 0-9A-Za-z: 0 for figures, 10 for A to E. Labels of validation
    and test are flat (n · 144,), as they are counted.
    """
    drawn = glyphs(seed, side=PLATE, offsets=True, difficulty=0.5, **DRAWN)
    g = torch.Generator().manual_seed(seed)
    parts = []
    for k, count in enumerate((n, test // 2, test)):
        x, y = drawn[2 * k : 2 * k + 2]
        ours = (y >= first) & (y < first + KINDS)
        parts += [*_compose(g, x[ours], y[ours] - first, count)]
    parts[3], parts[5] = parts[3].flatten(), parts[5].flatten()
    return Split(*parts)


def _compose(
    g: torch.Generator, x: Tensor, y: Tensor, n: int
) -> tuple[Tensor, Tensor]:
    """Place four of the plates x in each of n scenes."""
    light = 3 * torch.rand(n, 1, 1, 1, generator=g) - 1.5
    noise = torch.randn(n, 1, SIDE, SIDE, generator=g)
    image = light + 0.1 * noise
    label = torch.full((n, SIDE // CELL, SIDE // CELL), KINDS)
    pick = torch.randint(len(x), (n, 4), generator=g)
    quarter, room = SIDE // 2, (SIDE // 2 - PLATE) // CELL + 1
    shift = CELL * torch.randint(room, (n, 4, 2), generator=g)
    for i in range(n):
        for q in range(4):
            top = quarter * (q // 2) + int(shift[i, q, 0])
            left = quarter * (q % 2) + int(shift[i, q, 1])
            here = (slice(top, top + PLATE), slice(left, left + PLATE))
            image[i, 0][here] = x[pick[i, q], 0]
            cells = [slice(s.start // CELL, s.stop // CELL) for s in here]
            label[i][tuple(cells)] = y[pick[i, q]]
    return image, label.flatten(1)


class FrozenBatchNorm2d(BatchNorm2d):
    """BatchNorm that turns into constants: once `frozen`, μ, σ, γ and β
    stay what they are, in training too.
    """

    frozen = False

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (N, C, H, W)."""
        if not self.frozen:
            return super().forward(x)
        g, b, var = (
            v.detach()[:, None, None]
            for v in (self.weight, self.bias, self.running_var)
        )
        y = (x - self.running_mean[:, None, None]) / (var + self.eps).sqrt()
        still = 0 * (self.weight + self.bias)[:, None, None]  # no gradient
        return g * y + b + still


class SceneNet(nn.Module):
    """Map scenes (B, 1, 48, 48) to logits (B · 144, 6), a row a cell.

    h ← ReLU(norm(conv h)): five 3×3 convolutions to maps of 24×24, 12×12
    twice and 6×6 twice. With `pooled` the mean over the last map's
    positions goes through a 1×1 convolution, a norm and ReLU and is added
    at each position. The map is doubled, the 12×12 one added through 1×1
    convolutions, and a last 3×3 convolution with norm and ReLU stands
    before the linear output. W is normal with deviation √(2/D_in). `norm`
    is a technique, or makes a norm from C.
    """

    def __init__(
        self,
        seed: int,
        *,
        norm: str | Callable[[int], nn.Module],
        pooled: bool,
        width: int = 8,
    ) -> None:
        super().__init__()
        g, bias = torch.Generator().manual_seed(seed), norm == "none"
        w = width

        def layer(
            d_in: int, d_out: int, k: int, stride: int, side: int
        ) -> nn.Sequential:
            conv = convolution(g, d_in, d_out, k, stride, k // 2, bias=bias)
            made = norm(d_out) if callable(norm) else for_images(
                norm, d_out, side
            )  # fmt: skip
            return nn.Sequential(conv, made)

        self.stem = layer(1, w, 3, 2, 24)
        self.fine = nn.ModuleList(
            [layer(w, 2 * w, 3, 2, 12), layer(2 * w, 2 * w, 3, 1, 12)]
        )
        self.coarse = nn.ModuleList(
            [layer(2 * w, 4 * w, 3, 2, 6), layer(4 * w, 4 * w, 3, 1, 6)]
        )
        self.context = layer(4 * w, 4 * w, 1, 1, 1) if pooled else None
        self.down = convolution(g, 4 * w, 2 * w, 1, 1, 0, bias=False)
        self.head = layer(2 * w, 2 * w, 3, 1, 12)
        W = torch.randn(2 * w, KINDS + 1, generator=g) * w**-0.5
        self.output = nn.Linear(2 * w, KINDS + 1, bias=False)
        self.output.weight = nn.Parameter(W.T.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """Map scenes (B, 1, 48, 48) to logits (B · 144, 6)."""
        fine = F.relu(self.stem(x))
        for layer in self.fine:
            fine = F.relu(layer(fine))
        h = fine
        for layer in self.coarse:
            h = F.relu(layer(h))
        if self.context is not None:
            h = h + F.relu(self.context(h.mean((2, 3), keepdim=True)))
        h = F.interpolate(self.down(h), scale_factor=2) + fine
        h = F.relu(self.head(h))
        return self.output(h.flatten(2).transpose(1, 2)).flatten(0, 1)


def learn(
    nets: Ensemble, data: Split, steps: int, batch: int, rates: Tensor
) -> None:
    """Train by Adam, gradients cut at length 1, rates (E,) falling to 0.

    Members of one seed see the same scenes.
    """
    update, row = adam(nets), nets.rows.view(-1, 1)
    draws = [torch.Generator().manual_seed(10_000 + s) for s in nets.seeds]
    for k in range(1, steps + 1):
        pick = torch.stack([
            torch.randint(data.train_y.shape[1], (batch,), generator=g)
            for g in draws
        ])  # fmt: skip
        x, y = data.train_x[row, pick], data.train_y[row, pick]
        update(k, losses(nets(x), y), rates * (1 - (k - 1) / steps))


def fine_tuned(
    config: Config, make: Make, device: str, *, frozen: bool = False
) -> Rows:
    """Train on letters, then on figures: a net for every rate and seed.

    On letters "before" steps of 8 scenes at one rate, once a seed. From
    there, with a new output layer, "steps" of "batch" scenes of figures,
    at each of the "rates". With `frozen` BatchNorm is frozen in between.
    """
    members = list(product(config["rates"], seeds(config)))
    rates, every = map(list, zip(*members, strict=True))
    size, own = part(config, "n", "test"), list(seeds(config))
    draws = [partial(scenes, first=k, **size) for k in (LETTERS, FIGURES)]
    for seed in own:  # both at once, so that its glyphs are drawn once
        for draw in draws:
            draw(seed)
    letters, figures = (splits(own, device, draw) for draw in draws)
    old, nets = (Ensemble(make, some, device) for some in (own, every))
    at = torch.full((len(own),), RATE, device=device)
    learn(old, letters, config["before"], MANY, at)
    there = nets.parameters | nets.buffers
    with torch.no_grad():
        for name, value in (old.parameters | old.buffers).items():
            if name != "output.weight":
                there[name].copy_(value[nets.rows])
    with nets.options(frozen=frozen):
        at = torch.tensor(rates, device=device)
        learn(nets, figures, config["steps"], config["batch"], at)
    return by_member(
        nets, rate=torch.tensor(rates, dtype=torch.float64),
        val_error=error(nets, figures.val_x, figures.val_y),
        test_error=error(nets, figures.test_x, figures.test_y),
    )  # fmt: skip
