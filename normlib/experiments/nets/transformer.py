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
    `depth` blocks of attention f₁ and MLP f₂ change it, each sublayer as
    its `placement` says:

        none  x + f(x)
        pre   x + f(norm(x))
        post  norm(x + f(x))
        peri  x + norm(f(norm(x)))

    Behind the last block stands one more norm, but for none and post.
    With `qk` queries and keys are normalized too, head by head. Weights
    are normal with deviation 1/√D_in, `branch` times that where a
    sublayer ends; embeddings have deviation 1.
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
            Sublayer(f, make(width), make(width), placement)
            for _ in range(depth)
            for f in (
                Attention(g, width, heads, branch, qk),
                MLP(g, (width, 4 * width, width), branch),
            )
        )
        last = placement in ("pre", "peri")
        self.last = make(width) if last else nn.Identity()
        self.output = linear(g, width, BYTES)

    def forward(self, x: Tensor, every: bool = False) -> Any:
        """Return the logits; with `every` (logits, the stream)."""
        h = self.byte[x] + self.place[: x.shape[-1]]
        stream = [h]
        for sublayer in self.sublayers:
            h = sublayer(h)
            stream.append(h)
        logits = self.output(self.last(h))
        return (logits, stream) if every else logits


class Sublayer(nn.Module):
    """A branch beside the stream, and where its norms stand."""

    def __init__(
        self, f: nn.Module, first: nn.Module, second: nn.Module, place: str
    ) -> None:
        super().__init__()
        none, pre = nn.Identity(), place in ("pre", "peri")
        self.f, self.before = f, first if pre else none
        self.after = second if place == "peri" else none
        self.outside = second if place == "post" else none

    def forward(self, x: Tensor) -> Tensor:
        """Map the stream (B, T, D) to the stream."""
        return self.outside(x + self.after(self.f(self.before(x))))


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

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, D) to (B, T, D)."""
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(-2, -3)
            for part in self.qkv(x).chunk(3, -1)
        )  # (B, H, T, D/H)
        q, k = (norm(z) for norm, z in zip(self.norms, (q, k), strict=True))
        y = attend(q, k, v)
        return self.out(y.transpose(-2, -3).flatten(-2))


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
    T, d = q.shape[-2:]
    ahead = q.new_ones(T, T, dtype=torch.bool).triu(1)
    scores = q @ k.mT / math.sqrt(d)
    return scores.masked_fill(ahead, -torch.inf).softmax(-1) @ v
