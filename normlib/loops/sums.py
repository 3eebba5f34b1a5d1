"""Sums whose terms may come in any order, so a vector adds many at once.

All arrays are flat; a row or a block is n values from `at` on. Indices are
unsigned: only then Numba knows that none counts from the end, and loads a
vector where it would gather one.

x̂ is (x − c)/σ − q, with c near the mean and q what is left of it: to
subtract a large mean from numbers near it is exact, and no order of terms
undoes it, for a product stands between c and q.
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
def pair(dy, x, at, n, c, s, q):
    """Return Σ dy and Σ dy x̂, where 1/σ is s."""
    one, other, end = 0.0, 0.0, at + n
    while at < end:
        a = b = x.dtype.type(0)
        m = min(CHUNK, end - at)
        for j in range(m):
            a += dy[at + j]
            b += dy[at + j] * ((x[at + j] - c) * s - q)
        one += a
        other += b
        at += m
    return one, other


@lanes
def along(dy, x, gamma, at, n, c, s, q, w, b):
    """Return Σ γ dy and Σ γ dy x̂ of a row; γ (n,).

    Add dy x̂ to w and dy to b, (n,), where these are not None.
    """
    one, other, start, end = 0.0, 0.0, at, at + n
    while at < end:
        a = a_hat = x.dtype.type(0)
        m, k = min(CHUNK, end - at), at - start
        for j in range(m):
            x_hat = (x[at + j] - c) * s - q
            g = gamma[k + j] * dy[at + j]
            a += g
            a_hat += g * x_hat
            if w is not None:
                w[k + j] += dy[at + j] * x_hat
            if b is not None:
                b[k + j] += dy[at + j]
        one += a
        other += a_hat
        at += m
    return one, other
