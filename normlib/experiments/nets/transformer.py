"""A small Transformer that reads bytes; its norms may stand anywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norms import for_vectors

BYTES = 128  # the text is ASCII
Norm = Callable[[int], nn.Module]


class Transformer(nn.Module):
    """Map bytes (B, T) to logits (B, T, 128) of each one's next byte.

    x is the sum of an embedding of the byte and one of its position;
    L blocks (`depth`) of attention f₁ and MLP f₂ change it, each sublayer
    as its `placement` says:

        none    x + f(x)
        pre     x + f(norm(x))
        post    norm(x + f(x))
        peri    x + norm(f(norm(x)))
        output  x + norm(f(x))
        deep    norm(α x + f(x)), with α = (2L)^¼ and all matrices but
                those of queries and keys times (8L)^-¼ (Wang et al. 2022)
        scaled  x + f(norm(x)/√ℓ) in block ℓ (Sun et al. 2025)
        mix     post in the first quarter of the blocks, then pre
                (Li et al. 2025)

    Behind the last block stands one more norm, unless one does already,
    and but for none. With `qk` queries and keys are normalized too, head
    by head. Weights are normal with deviation 1/√D_in, `branch` times
    that where a sublayer ends; embeddings have deviation 1.
    """

    def __init__(
        self,
        seed: int,
        *,
        norm: str | Norm,
        depth: int,
        width: int,
        length: int,
        heads: int = 4,
        placement: str = "pre",
        qk: str = "none",
        branch: float = 1.0,
    ) -> None:
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        make = norm if callable(norm) else lambda D: for_vectors(norm, D)
        self.byte, self.place = (
            nn.Parameter(torch.randn(n, width, generator=g))
            for n in (BYTES, length)
        )
        self.sublayers = nn.ModuleList(
            Sublayer(f, make(width), make(width), placement, block, depth)
            for block in range(1, depth + 1)
            for f in (
                Attention(g, width, heads, branch, qk),
                MLP(g, (width, 4 * width, width), branch),
            )
        )
        done = placement in ("none", "post", "deep")
        self.last = nn.Identity() if done else make(width)
        self.output = linear(g, width, BYTES)

    def forward(
        self, x: Tensor, every: bool = False, scores: bool = False
    ) -> Any:
        """Return the logits.

        With `every` (logits, the stream before, between and behind the
        sublayers); with `scores` the largest |score| of each attention.
        """
        h = self.byte[x] + self.place[: x.shape[-1]]
        stream, largest = [h], []
        for sublayer in self.sublayers:
            if scores and isinstance(sublayer.f, Attention):
                q, k, _ = sublayer.f.parts(sublayer.before(h))
                largest.append(score(q, k).abs().amax())
            h = sublayer(h)
            stream.append(h)
        logits = self.output(self.last(h))
        if scores:
            return torch.stack(largest)
        return (logits, stream) if every else logits


class Sublayer(nn.Module):
    """A branch beside the stream, and where its norms stand."""

    def __init__(
        self,
        f: nn.Module,
        first: nn.Module,
        second: nn.Module,
        place: str,
        block: int,
        blocks: int,
    ) -> None:
        super().__init__()
        if place == "mix":
            place = "post" if 4 * block <= blocks else "pre"
        none = nn.Identity()
        pre = place in ("pre", "peri", "scaled")
        self.f, self.before = f, first if pre else none
        self.after = second if place in ("peri", "output") else none
        self.outside = second if place in ("post", "deep") else none
        self.shrink = block**-0.5 if place == "scaled" else 1.0
        self.keep = (2 * blocks) ** 0.25 if place == "deep" else 1.0
        if place == "deep":
            f.times((8 * blocks) ** -0.25)

    def forward(self, x: Tensor) -> Tensor:
        """Map the stream (B, T, D) to the stream."""
        y = self.after(self.f(self.shrink * self.before(x)))
        return self.outside(self.keep * x + y)


class Attention(nn.Module):
    """Causal attention with `heads` heads."""

    def __init__(
        self,
        g: torch.Generator,
        width: int,
        heads: int,
        branch: float,
        qk: str,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = linear(g, width, 3 * width)
        self.out = linear(g, width, width, branch)
        self.norms = nn.ModuleList(
            for_vectors(qk, width // heads) for _ in "qk"
        )

    def parts(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return queries, keys and values of x, (B, H, T, D/H) each."""
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(-2, -3)
            for part in self.qkv(x).chunk(3, -1)
        )
        q, k = (norm(z) for norm, z in zip(self.norms, (q, k), strict=True))
        return q, k, v

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, D) to (B, T, D)."""
        y = attend(*self.parts(x))
        return self.out(y.transpose(-2, -3).flatten(-2))

    @torch.no_grad()
    def times(self, beta: float) -> None:
        """Multiply the matrices of values and of the output by β."""
        self.qkv.weight[2 * len(self.qkv.weight) // 3 :] *= beta
        self.out.weight *= beta


class MLP(nn.Module):
    """W₂ gelu(W₁ x + b₁) + b₂."""

    def __init__(
        self, g: torch.Generator, sizes: tuple[int, ...], branch: float
    ) -> None:
        super().__init__()
        (d, hidden), (_, out) = pairwise(sizes)
        self.up = linear(g, d, hidden)
        self.down = linear(g, hidden, out, branch)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, D) to (B, T, D)."""
        return self.down(F.gelu(self.up(x)))

    @torch.no_grad()
    def times(self, beta: float) -> None:
        """Multiply both matrices by β."""
        self.up.weight *= beta
        self.down.weight *= beta


def linear(
    g: torch.Generator, d_in: int, d_out: int, gain: float = 1.0
) -> nn.Linear:
    """Return W normal with deviation gain/√D_in, b = 0."""
    layer = nn.Linear(d_in, d_out)
    W = torch.randn(d_out, d_in, generator=g) * gain / math.sqrt(d_in)
    layer.weight = nn.Parameter(W)
    nn.init.zeros_(layer.bias)
    return layer


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return softmax(q kᵀ/√d) v, no place looking ahead: (B, H, T, d).

    Written out, since torch's own runs member by member under vmap.
    """
    T = q.shape[-2]
    ahead = q.new_ones(T, T, dtype=torch.bool).triu(1)
    return score(q, k).masked_fill(ahead, -torch.inf).softmax(-1) @ v


def score(q: Tensor, k: Tensor) -> Tensor:
    """Return q kᵀ/√d, (B, H, T, T), places ahead included."""
    return q @ k.mT / math.sqrt(q.shape[-1])
