"""Batch, instance and group norm on tensors: blocks or columns.

`groups` is 0 for batch norm, C for instance norm. x is (N, C, *), with
`last` in memory (N, *, C).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from . import columns, sets
from .lines import is_large
from .operators import (
    Dtype,
    Gradients,
    added,
    flat,
    kept_dtype,
    narrow,
    operator,
    shared,
)

Outputs = tuple[Tensor, Tensor, Tensor, Tensor]  # y, μ, 1/σ, variance
Array = np.ndarray


WIDE = 512  # numbers of a row, at most, if it is made of several


class Sizes(NamedTuple):
    """Of x: samples, channels, positions; and the sets of a sample."""

    N: int
    C: int
    L: int
    G: int
    images: int  # that have statistics of their own: 1 for batch norm


def sizes(x: Tensor, groups: int) -> Sizes:
    """Read them of x (N, C, *)."""
    N, C, *places = x.shape
    return Sizes(N, C, math.prod(places), groups or C, N if groups else 1)


def as_it_lies(x: Tensor, last: bool, dtype: Dtype = None) -> Array:
    """Return x (N, C, *) flat, in the order of (N, *, C) with `last`."""
    return flat(x.movedim(1, -1) if last else x, dtype)


def empty_as(x: Tensor, last: bool, dtype: torch.dtype) -> Tensor:
    """Return what is as x, and lies as `as_it_lies` wants it."""
    if last:
        return x.new_empty_strided(x.shape, x.stride(), dtype=dtype)
    return x.new_empty(x.shape, dtype=dtype)


def joined(of: Sizes) -> tuple[int, int]:
    """Return K and the rows of K·C numbers that an image has.

    Where channels come last, K rows of C numbers are read as one, so that
    a loop along a row is worth its beginning.
    """
    rows, K = of.N * of.L // max(of.images, 1), 1
    while rows * of.C and rows % (2 * K) == 0 and 2 * K * of.C <= WIDE:
        K *= 2
    return K, rows // K


def forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    groups: int, last: bool,
) -> Outputs:  # fmt: skip
    """Return y as x, and of each set μ (S, 2) as two addends, 1/σ and the
    variance, (S,).
    """
    x_, of = as_it_lies(x, last), sizes(x, groups)
    y, kind = empty_as(x, last, kept_dtype(x)), x_.dtype
    y_, S = as_it_lies(y, last), of.images * of.G
    gamma = np.ones(of.C, kind) if weight is None else flat(weight, y.dtype)
    beta = np.zeros(of.C, kind) if bias is None else flat(bias, y.dtype)
    mu, rstd, var = (
        np.empty((S, 2), kind),
        np.empty(S, kind),
        np.empty(S, kind),
    )
    around = is_large(y_, WIDE if last else of.L)
    if last:
        K, rows = joined(of)
        mu[:], var[:] = statistics(x_, of)
        rstd[:] = 1 / np.sqrt(var + eps)
        c, r, t = by_column(of, mu, rstd)
        gamma, beta = (np.tile(p, K) for p in (gamma, beta))
        shift = (beta - gamma * np.float64(t) * r).astype(kind)
        shared(of.images * rows, x_.size, lambda a, b: columns.forward(
            x_, gamma, c, t, shift, rows, around, a, b, y_
        ))  # fmt: skip
    else:
        plan = sets.plan(of.N, of.C, of.L, groups)
        shared(S, x_.size, lambda a, b: sets.forward(
            x_, gamma, beta, eps, plan, around, a, b, y_, mu, rstd, var
        ))  # fmt: skip
    told = (torch.from_numpy(t) for t in (mu, rstd, var))
    return y.to(x.dtype), *told


def empty_outputs(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float,
    groups: int, last: bool,
) -> Outputs:  # fmt: skip
    """Return what `forward` does, without numbers."""
    of, kind = sizes(x, groups), kept_dtype(x)
    S = of.images * of.G
    mu, rstd, var = (
        x.new_empty((S, *more), dtype=kind) for more in ((2,), (), ())
    )
    return empty_as(x, last, x.dtype), mu, rstd, var


def statistics(x: Array, of: Sizes) -> tuple[Array, Array]:
    """Return mean (S, 2), as two addends, and variance (S,) of x, flat.

    A piece's mean is c + rest. All are taken from one number of the set,
    so that what is combined is small.
    """
    K, rows = joined(of)
    S = of.images * of.G
    if rows == 0:  # no mean of nothing
        return np.full((S, 2), np.nan), np.full(S, np.nan)
    edges = columns.pieces(of.images, rows)
    c, rest, var = np.empty((3, len(edges), K * of.C))
    shared(len(edges), x.size, lambda a, b: columns.moments(
        x, edges, a, b, c, rest, var
    ))  # fmt: skip
    n = np.repeat(np.diff(edges), K, 0).reshape(of.images, -1, 1, 1)
    c, rest, var = (
        t.reshape(of.images, -1, of.G, of.C // of.G) for t in (c, rest, var)
    )
    n = n / (rows * K * c.shape[3])
    base = c[:, :1, :, :1]
    d = (c - base) + rest
    mean = (n * d).sum((1, 3), keepdims=True)
    var = (n * (var + (d - mean) ** 2)).sum((1, 3))
    near = (base + mean).astype(x.dtype)
    both = np.stack([near, (base - near) + mean], -1)
    return both.reshape(S, 2), var.reshape(S)


def by_column(of: Sizes, mu: Array, rstd: Array) -> list[Array]:
    """Return μ's two addends and 1/σ for each column, (images, K·C)."""
    K, _ = joined(of)
    spread = (
        np.repeat(t.reshape(of.images, of.G), of.C // of.G, 1)
        for t in (mu[:, 0], mu[:, 1], rstd)
    )
    return [np.tile(t, K) for t in spread]


def backward(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, groups: int, last: bool,
) -> Gradients:  # fmt: skip
    """Return dx as x, dγ and dβ (C,), each where a dtype is given."""
    of, kind = sizes(x, groups), rstd.dtype
    dx = empty_as(x, last, kind)
    dy_, x_, dx_ = (as_it_lies(t, last, kind) for t in (dy, x, dx))
    weighs = weight is not None
    gamma = flat(weight, kind) if weighs else np.ones(of.C, x_.dtype)
    wanted = weight_dtype, bias_dtype
    run = by_columns if last else by_sets
    sums = run(
        of, dy_, x_, gamma, mu.numpy(), rstd.numpy(), dx_,
        [d is not None for d in wanted], groups,
    )  # fmt: skip
    dgamma, dbeta = (
        torch.empty(0) if dtype is None else narrow(p, dtype)
        for p, dtype in zip(sums, wanted, strict=True)
    )
    return dx.to(x.dtype), dgamma, dbeta


def by_sets(
    of: Sizes, dy: Array, x: Array, gamma: Array, mu: Array, rstd: Array,
    dx: Array, wanted: list[bool], groups: int,
) -> list[Array | None]:  # fmt: skip
    """Fill dx; return dγ and dβ, if wanted. Threads add up their own."""
    plan = sets.plan(of.N, of.C, of.L, groups)
    around = is_large(dx, of.L)

    def some(a: int, b: int) -> list[Array | None]:
        sums = [np.zeros(of.C) if want else None for want in wanted]
        sets.backward(dy, x, gamma, plan, around, a, b, mu, rstd, dx, *sums)
        return sums

    return added(shared(len(rstd), x.size, some))


def by_columns(
    of: Sizes, dy: Array, x: Array, gamma: Array, mu: Array, rstd: Array,
    dx: Array, wanted: list[bool], _: int,
) -> list[Array | None]:  # fmt: skip
    """Fill dx; return dγ and dβ."""
    K, rows = joined(of)
    if rows == 0:
        return [np.zeros(of.C)] * 2
    edges = columns.pieces(of.images, rows)
    both = np.empty((2, len(edges), K * of.C))
    c, r, t = by_column(of, mu, rstd)
    shared(len(edges), x.size, lambda a, b: columns.along(
        dy, x, c, r, t, rows, edges, a, b, *both
    ))  # fmt: skip
    both = both.reshape(2, of.images, -1, of.C).sum(2)  # (2, images, C)
    size = of.C // of.G
    means = (gamma * both).reshape(2, of.images, of.G, size).sum(3)
    means = np.repeat(means / (rows * K * size), size, 2)
    u, w = np.tile(means, K)
    shift = (u - w * r * t).astype(x.dtype)
    given = np.tile(gamma, K), c, t, w.astype(x.dtype), shift
    shared(of.images * rows, x.size, lambda a, b: columns.backward(
        dy, x, *given, rows, is_large(dx, WIDE), a, b, dx
    ))  # fmt: skip
    dbeta, dgamma = both.sum(1)
    return [dgamma, dbeta]


def empty_gradients(
    dy: Tensor, x: Tensor, weight: Tensor | None, mu: Tensor, rstd: Tensor,
    weight_dtype: Dtype, bias_dtype: Dtype, groups: int, last: bool,
) -> Gradients:  # fmt: skip
    """Return what `backward` does, without numbers."""
    dgamma, dbeta = (
        x.new_empty(0 if dtype is None else x.shape[1], dtype=dtype)
        for dtype in (weight_dtype, bias_dtype)
    )
    return empty_as(x, last, x.dtype), dgamma, dbeta


norm, traced_norm = operator(
    "channels", forward, backward, empty_outputs, empty_gradients
)
