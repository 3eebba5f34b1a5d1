"""Sets whose channels come last: sums of columns, and what they come to.

A set is the columns of some channels of an image; or of all images, for
batch norm.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import columns
from .layout import Array, Sizes
from .lines import is_large
from .rows import FAR
from .threads import added, shared

WIDE = 512  # numbers of a row, at most, if it is made of several
FIRST = 8  # numbers of a channel whose mean is subtracted


def joined(of: Sizes) -> tuple[int, int]:
    """Return K and the rows of K·C numbers that an image has.

    K rows of C numbers are read as one, so that a loop along a row is worth
    its beginning.
    """
    rows, K = of.N * of.L // max(of.images, 1), 1
    while rows * of.C and rows % (2 * K) == 0 and 2 * K * of.C <= WIDE:
        K *= 2
    return K, rows // K


@np.errstate(all="ignore")
def forward(
    of: Sizes, x: Array, gamma: Array, beta: Array, eps: float, y: Array,
    mu: Array, rstd: Array, var: Array,
) -> None:  # fmt: skip
    """Fill y as x, flat, and of each set μ (S, 2) as two addends, 1/σ and
    the variance, (S,).
    """
    K, rows = joined(of)
    mean, v = statistics(x, of)  # of x near 1e20 var is inf, 1/σ right
    mu[:], var[:], rstd[:] = mean, v, 1 / np.sqrt(v + eps)
    c, r, t = by_channel(of, mu, rstd)
    shift = (beta - gamma * np.float64(t) * r).astype(x.dtype)
    given = by_column(of, c, gamma * t, shift)
    around = is_large(y, WIDE)
    shared(of.images * rows, x.size, lambda a, b: columns.forward(
        x, *given, K * of.C, rows, around, a, b, y
    ))  # fmt: skip


def statistics(x: Array, of: Sizes) -> tuple[Array, Array]:
    """Return mean (S, 2), as two addends, and variance (S,) of x, flat."""
    K, rows = joined(of)
    S = of.images * of.G
    if rows == 0:  # no mean of nothing
        return np.full((S, 2), np.nan), np.full(S, np.nan)
    first = x.reshape(of.images, rows * K, of.C)[:, :FIRST]
    c = first.mean(1, dtype=np.float64).astype(x.dtype)
    r, var = spread(x, of, c)
    if not ((r * r <= FAR * var) & (var < np.inf)).all():
        near = np.float64(c) + r  # anew, in float64
        if not np.isfinite(near).all():
            near = c + spread(x, of, np.float64(c))[0]
        r, var = spread(x, of, near)
        c = near.astype(x.dtype)
        r += near - c
    if of.G == of.C:  # a channel is a set
        return np.stack([c, r], -1).reshape(S, 2), var.reshape(S)
    # The set's mean, seen from one of its channels: no digit is lost.
    c, r, var = (
        np.float64(t).reshape(of.images, of.G, -1) for t in (c, r, var)
    )
    d = (c - c[..., :1]) + r
    mean = d.mean(2, keepdims=True)
    var = (var + (d - mean) ** 2).mean(2)
    base, mean = c[..., 0], mean[..., 0]
    near = (base + mean).astype(x.dtype)
    rest = (base - near) + mean
    return np.stack([near, rest], -1).reshape(S, 2), var.reshape(S)


def spread(x: Array, of: Sizes, c: Array) -> tuple[Array, Array]:
    """Return mean and variance (images, C) of x − c."""
    K, rows = joined(of)
    (near,) = by_column(of, c)
    r, two = summed(of, columns.moments, x, near) / (rows * K)
    return r, two - r * r


def summed(of: Sizes, loop: Callable, *given: Array) -> Array:
    """Return both sums of a loop, (2, images, C)."""
    K, rows = joined(of)
    edges = columns.pieces(of.images, rows)

    def some(a: int, b: int) -> list[Array]:  # of one thread
        sums = np.zeros((2, of.images, K * of.C))
        loop(*given, rows, edges, a, b, sums)
        return [sums]

    (sums,) = added(shared(len(edges), given[0].size, some))
    return sums.reshape(2, of.images, K, of.C).sum(2)


def by_channel(of: Sizes, mu: Array, rstd: Array) -> list[Array]:
    """Return μ's two addends and 1/σ of the sets as (images, C)."""
    return [
        np.repeat(t.reshape(of.images, of.G), of.C // max(of.G, 1), 1)
        for t in (mu[:, 0], mu[:, 1], rstd)
    ]


def by_column(of: Sizes, *found: Array) -> list[Array]:
    """Return what is found for channels (images, C) as (images·K·C,)."""
    K, _ = joined(of)
    return [*np.tile(np.stack(found), K).reshape(len(found), -1)]


@np.errstate(all="ignore")
def backward(
    of: Sizes, dy: Array, x: Array, gamma: Array, mu: Array, rstd: Array,
    dx: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """Fill dx as x, flat; return dγ and dβ (C,)."""
    K, rows = joined(of)
    if rows == 0:
        return np.zeros(of.C), np.zeros(of.C)
    c, r, t = by_channel(of, mu, rstd)
    one, other = summed(of, columns.along, dy, x, *by_column(of, c, t))
    q = np.float64(r) * t
    other -= q * one  # now Σ dy x̂
    size = of.C // max(of.G, 1)
    u, w = (
        np.repeat(
            (gamma * p).reshape(of.images, of.G, size).sum(2)
            / (rows * K * size), size, 1,
        )
        for p in (one, other)
    )  # fmt: skip
    slope, shift = ((p * t).astype(x.dtype) for p in (w, u - w * q))
    given = by_column(of, c, t, gamma * t, slope, shift)
    around = is_large(dx, WIDE)
    shared(of.images * rows, x.size, lambda a, b: columns.backward(
        dy, x, *given, K * of.C, rows, around, a, b, dx
    ))  # fmt: skip
    return other.sum(0), one.sum(0)
