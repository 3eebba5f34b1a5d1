"""Batch, instance and group norm of one set after the other.

x (N, C, L) lies in memory as N·C blocks of L values. A set is B blocks,
all of one channel for batch norm, of K neighbouring channels of an image
for group norm. It is read from memory once, where the cache can hold it.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

from typing import NamedTuple

import numpy as np

from .lines import BATCH, fetch, settle, stream
from .rows import FAR, loop
from .sums import moments, pair


class Plan(NamedTuple):
    """Where the sets lie: set s begins at s·far, its block k stride later.

    Its channel is (s mod G)·K + k mod K.
    """

    B: int  # blocks of a set
    L: int  # values of a block
    far: int
    stride: int
    G: int
    K: int


def plan(N: int, C: int, L: int, groups: int) -> Plan:
    """Return the plan of batch norm, where groups is 0, or group norm."""
    if groups == 0:
        return Plan(N, L, L, C * L, C, 1)
    K = C // groups
    return Plan(K, L, K * L, L, groups, K)


@loop
def moments_of(x, start, p, c):
    """Return Σ d and Σ d² of d = x − c over the set that begins there."""
    one, two = 0.0, 0.0
    L, stride = np.uint64(p.L), np.uint64(p.stride)
    for k in range(p.B):
        a, b = moments(x, start + np.uint64(k) * stride, L, c)
        one += a
        two += b
    return one, two


@loop
def forward(x, gamma, beta, eps, p, around, first, last, y, mu, rstd, var):
    """Fill y of the sets from `first` to `last`, and of each set μ = c + r,
    as (S, 2), 1/σ (S,) and the variance (S,).

    x and y flat, γ and β (C,). See `rows.forward` for c and r.
    """
    kind, m = x.dtype.type, p.B * p.L
    L, stride = np.uint64(p.L), np.uint64(p.stride)
    some, step = np.empty(BATCH, x.dtype), BATCH if around else L
    for s in range(first, last):
        start = np.uint64(s * p.far)
        c = x[start] if m > 0 else kind(0)
        one, two = moments_of(x, start, p, c)
        r = one / m
        v = two / m - r * r
        if not r * r <= FAR * v < np.inf:  # anew, in float64
            near = np.float64(c) + r
            if not np.isfinite(near):
                near = c + moments_of(x, start, p, np.float64(c))[0] / m
            one, two = moments_of(x, start, p, near)
            r = one / m
            v = two / m - r * r
            c = kind(near)
            r += near - c
        t = kind(1 / np.sqrt(v + eps))
        q = kind(r) * t
        mu[s, 0], mu[s, 1], rstd[s], var[s] = c, r, t, v
        for k in range(p.B):
            at = start + np.uint64(k) * stride
            channel = (s % p.G) * p.K + k % p.K
            g, shift = gamma[channel], beta[channel]
            end = at + L
            while at < end:
                n = min(step, end - at)
                if around:  # the next set's, which begins p.far later
                    fetch(x, at + np.uint64(p.far), n)
                out, to = (some, np.uint64(0)) if around else (y, at)
                for j in range(n):
                    x_hat = (x[at + j] - c) * t - q
                    out[to + j] = g * x_hat + shift
                if around:
                    stream(some, n, y, at)
                at += n
    settle()


@loop
def backward(
    dy, x, gamma, p, around, first, last, mu, rstd, dx, dgamma, dbeta
):
    """Fill dx of these sets; add to dγ and dβ (C,), unless they are None.

    dx = (g − a − b x̂)/σ with g = γ dy, a its mean over the set, and b that
    of g x̂.
    """
    kind, m = x.dtype.type, p.B * p.L
    L, stride = np.uint64(p.L), np.uint64(p.stride)
    some, step = np.empty(BATCH, x.dtype), BATCH if around else L
    for s in range(first, last):
        start = np.uint64(s * p.far)
        c, t = mu[s, 0], rstd[s]
        q = mu[s, 1] * t
        one, other = 0.0, 0.0
        for k in range(p.B):
            channel = (s % p.G) * p.K + k % p.K
            a, b = pair(dy, x, start + np.uint64(k) * stride, L, c, t, q)
            one += gamma[channel] * a
            other += gamma[channel] * b
            if dgamma is not None:
                dgamma[channel] += b
            if dbeta is not None:
                dbeta[channel] += a
        u, w = kind(one / m), kind(other / m)
        for k in range(p.B):
            at = start + np.uint64(k) * stride
            g = gamma[(s % p.G) * p.K + k % p.K]
            end = at + L
            while at < end:
                n = min(step, end - at)
                out, to = (some, np.uint64(0)) if around else (dx, at)
                for j in range(n):
                    x_hat = (x[at + j] - c) * t - q
                    out[to + j] = t * (g * dy[at + j] - u - x_hat * w)
                if around:
                    stream(some, n, dx, at)
                at += n
    settle()
