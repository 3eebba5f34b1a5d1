"""Sums whose terms may come in any order, so a vector adds many at once.

Only here. Elsewhere (x − c) − r has to stay as it is written: it is what
makes small deviations from a large mean exact.

All loops count from 0: only then Numba knows that no index is negative,
and a vector is loaded and not gathered.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

from numba import njit

ANY_ORDER = {"reassoc", "contract", "nsz"}
CHUNK = 1024  # terms in the dtype of x; the sums of chunks in float64
lanes = njit(
    nogil=True, fastmath=ANY_ORDER, error_model="numpy", cache=True
)


@lanes
def total(v):
    """Return Σ v for v (N,)."""
    found = 0.0
    for first in range(0, v.size, CHUNK):
        part, a = v[first : first + CHUNK], v.dtype.type(0)
        for j in range(part.size):
            a += part[j]
        found += a
    return found


@lanes
def moments(v, c):
    """Return Σ d and Σ d² of d = v − c, for v (N,)."""
    one, two = 0.0, 0.0
    for first in range(0, v.size, CHUNK):
        part = v[first : first + CHUNK]
        a = b = v.dtype.type(0)
        for j in range(part.size):
            d = part[j] - c
            a += d
            b += d * d
        one += a
        two += b
    return one, two


@lanes
def products(v, w):
    """Return Σ v w for v and w (N,)."""
    found = 0.0
    for first in range(0, v.size, CHUNK):
        part, with_, a = (
            v[first : first + CHUNK], w[first : first + CHUNK],
            v.dtype.type(0),
        )  # fmt: skip
        for j in range(part.size):
            a += part[j] * with_[j]
        found += a
    return found


@lanes
def pair(dy, x_hat):
    """Return Σ dy and Σ dy x̂, for (N,)."""
    one, other = 0.0, 0.0
    for first in range(0, dy.size, CHUNK):
        back, hat = dy[first : first + CHUNK], x_hat[first : first + CHUNK]
        a = b = dy.dtype.type(0)
        for j in range(back.size):
            a += back[j]
            b += back[j] * hat[j]
        one += a
        other += b
    return one, other


@lanes
def along(dy, gamma, x_hat):
    """Return Σ γ dy and Σ γ dy x̂: the gradient along 1 and along x̂."""
    one, other = 0.0, 0.0
    for first in range(0, dy.size, CHUNK):
        last = first + CHUNK
        back, hat, g = dy[first:last], x_hat[first:last], gamma[first:last]
        a = b = dy.dtype.type(0)
        for j in range(back.size):
            t = g[j] * back[j]
            a += t
            b += t * hat[j]
        one += a
        other += b
    return one, other
