"""Sums whose terms may come in any order, so a vector adds many at once.

Only here. Elsewhere (x − c) − r has to stay as it is written: it is what
makes small deviations from a large mean exact.

All arrays are flat; a row or a block is n values from `at` on. Indices are
unsigned: only then Numba knows that none counts from the end, and loads a
vector where it would gather one.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np
from numba import njit

ANY_ORDER = {"reassoc", "contract", "nsz"}
CHUNK = np.uint64(1024)  # terms in x's dtype; sums of chunks in float64
lanes = njit(
    nogil=True, fastmath=ANY_ORDER, error_model="numpy", cache=True
)


@lanes
def total(x, at, n):
    """Return Σ x."""
    found, end = 0.0, at + n
    while at < end:
        a, m = x.dtype.type(0), min(CHUNK, end - at)
        for j in range(m):
            a += x[at + j]
        found += a
        at += m
    return found


@lanes
def moments(x, at, n, c):
    """Return Σ d and Σ d² of d = x − c."""
    one, two, end = 0.0, 0.0, at + n
    while at < end:
        a = b = x.dtype.type(0)
        m = min(CHUNK, end - at)
        for j in range(m):
            d = x[at + j] - c
            a += d
            b += d * d
        one += a
        two += b
        at += m
    return one, two


@lanes
def pair(dy, x, at, n, c):
    """Return Σ dy and Σ dy d of d = x − c."""
    one, other, end = 0.0, 0.0, at + n
    while at < end:
        a = b = x.dtype.type(0)
        m = min(CHUNK, end - at)
        for j in range(m):
            a += dy[at + j]
            b += dy[at + j] * (x[at + j] - c)
        one += a
        other += b
        at += m
    return one, other


@lanes
def weighted(dy, x, gamma, at, n, c):
    """Return Σ γ dy and Σ γ dy d of d = x − c, where γ is as long as n."""
    one, other, start, end = 0.0, 0.0, at, at + n
    while at < end:
        a = b = x.dtype.type(0)
        m, k = min(CHUNK, end - at), at - start
        for j in range(m):
            g = gamma[k + j] * dy[at + j]
            a += g
            b += g * (x[at + j] - c)
        one += a
        other += b
        at += m
    return one, other
