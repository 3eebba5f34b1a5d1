"""The ladder: RMSNorm, forward and backward, one change a step.

Each step is a pair: `forward(x, w)` returns y and what it keeps, and
`backward(dy, kept)` returns dx and dw. In every step x is (M, N) and w
(N,), in float32, and with r = 1/√(Σx²/N + ε) a row

    y = r x w,   dx = r (g − x̂ mean(g x̂)),   dw = Σ dy x̂

where x̂ = r x and g = w dy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

Array = np.ndarray
EPS = 1e-5
ROWS = 256  # of a block: at N = 1024 one array of it is 1 MiB


def naive_forward(x: Array, w: Array) -> tuple[Array, tuple]:
    """The formula, as it stands."""
    r = 1 / np.sqrt((x**2).mean(-1, keepdims=True) + EPS)
    x_hat = x * r
    return x_hat * w, (x_hat, r, w)


def naive_backward(dy: Array, kept: tuple) -> tuple[Array, Array]:
    """Every product is an array as large as x, written and read."""
    x_hat, r, w = kept
    g = dy * w
    dx = r * (g - x_hat * (g * x_hat).mean(-1, keepdims=True))
    return dx, (dy * x_hat).sum(0)


def lean_forward(x: Array, w: Array) -> tuple[Array, tuple]:
    """No array but y: row sums by `vecdot`, the rest in place."""
    r = 1 / np.sqrt(np.vecdot(x, x)[:, None] / np.float32(len(w)) + EPS)
    y = x * r
    y *= w
    return y, (x, r, w)


def lean_backward(dy: Array, kept: tuple) -> tuple[Array, Array]:
    """Keep x and r, not x̂: dx = r g − x r³ mean(g x); two arrays."""
    x, r, w = kept
    t = dy * x
    dw = r[:, 0] @ t
    mean = (t @ w)[:, None] / np.float32(len(w))
    dx = np.multiply(dy, w)
    dx *= r
    np.multiply(x, r**3 * mean, out=t)
    dx -= t
    return dx, dw


def blocked_forward(x: Array, w: Array) -> tuple[Array, tuple]:
    """The same, 256 rows at a time: the second pass reads the cache."""
    y = np.empty_like(x)
    r = np.empty((len(x), 1), np.float32)
    for i in range(0, len(x), ROWS):
        rows = slice(i, i + ROWS)
        x_, y_, r_ = x[rows], y[rows], r[rows]
        mean = np.vecdot(x_, x_)[:, None] / np.float32(len(w))
        r_[:] = 1 / np.sqrt(mean + EPS)
        np.multiply(x_, r_, out=y_)
        y_ *= w
    return y, (x, r, w)


def blocked_backward(dy: Array, kept: tuple) -> tuple[Array, Array]:
    """The scratch array is one block, and never leaves the cache."""
    x, r, w = kept
    dx, dw = np.empty_like(x), np.zeros_like(w)
    t = np.empty((ROWS, len(w)), np.float32)
    for i in range(0, len(x), ROWS):
        rows = slice(i, i + ROWS)
        x_, dy_, r_, dx_ = x[rows], dy[rows], r[rows], dx[rows]
        t_ = np.multiply(dy_, x_, out=t[: len(x_)])
        dw += r_[:, 0] @ t_
        mean = (t_ @ w)[:, None] / np.float32(len(w))
        np.multiply(dy_, w, out=dx_)
        dx_ *= r_
        np.multiply(x_, r_**3 * mean, out=t_)
        dx_ -= t_
    return dx, dw


class Blocked(torch.autograd.Function):
    """The blocked step for PyTorch: autograd keeps x, w and r alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor) -> Tensor:
        """Return y (M, N)."""
        y, (_, r, _) = blocked_forward(x.numpy(), w.numpy())
        ctx.save_for_backward(x, w, torch.from_numpy(r))
        return torch.from_numpy(y)

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
        """Return dx (M, N) and dw (N,)."""
        x, w, r = (t.numpy() for t in ctx.saved_tensors)
        dx, dw = blocked_backward(dy.numpy(), (x, r, w))
        return torch.from_numpy(dx), torch.from_numpy(dw)


@torch.compile(dynamic=False)
def compiled_forward(x: Tensor, w: Tensor) -> Tensor:
    """The formula again; the compiler makes of it one loop over rows.

    Were r returned as well, it would make two: all of r, then all of y.
    """
    r = torch.rsqrt(x.square().mean(-1, keepdim=True) + EPS)
    return x * r * w


@torch.compile(dynamic=False)
def compiled_backward(
    dy: Tensor, x: Tensor, w: Tensor, dx: Tensor, dw: Tensor
) -> None:
    """The formula for a block of rows: write its dx, add to dw."""
    r = torch.rsqrt(x.square().mean(-1, keepdim=True) + EPS)
    x_hat, g = x * r, dy * w
    dx.copy_(r * (g - x_hat * (g * x_hat).mean(-1, keepdim=True)))
    dw += (dy * x_hat).sum(0)


class Compiled(torch.autograd.Function):
    """Two compiled functions; kept is x alone, r is computed again."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor) -> Tensor:
        """Return y (M, N)."""
        ctx.save_for_backward(x, w)
        return compiled_forward(x, w)

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
        """Return dx (M, N) and dw (N,); a GPU takes all rows at once."""
        x, w = ctx.saved_tensors
        dx, dw = torch.empty_like(x), torch.zeros_like(w)
        rows = len(x) if x.is_cuda else ROWS
        blocks = (t.split(rows) for t in (dy, x, dx))
        for dy_, x_, dx_ in zip(*blocks, strict=True):
            compiled_backward(dy_, x_, w, dx_, dw)
        return dx, dw


def blocked_batch_norm(
    x: Array, gamma: Array, beta: Array, eps: float = 1e-5
) -> Array:
    """BatchNorm's forward, a channel at a time; x (N, C, H, W), float32.

    A channel of 32 images of 56×56 is 400 KB: read once from memory, and
    then four times from the cache.
    """
    N, C, H, W = x.shape
    y = np.empty_like(x)
    x_, y_ = x.reshape(N, C, H * W), y.reshape(N, C, H * W)
    ones = np.ones(H * W, x.dtype)
    m = x.dtype.type(N * H * W)
    for c in range(C):
        out = y_[:, c]  # (N, H·W)
        mu = (x_[:, c] @ ones).sum() / m
        np.subtract(x_[:, c], mu, out=out)
        var = np.vecdot(out, out).sum() / m
        out *= gamma[c] / np.sqrt(var + x.dtype.type(eps))
        out += beta[c]
    return y
