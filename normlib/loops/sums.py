"""Sums whose terms may come in any order, so a vector adds many at once.

Only here. Elsewhere (x − c) − r has to stay as it is written: it is what
makes small deviations from a large mean exact.
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
        part = v.dtype.type(0)
        for j in range(first, min(first + CHUNK, v.size)):
            part += v[j]
        found += part
    return found


@lanes
def moments(v, c):
    """Return Σ d and Σ d² of d = v − c, for v (N,)."""
    one, two = 0.0, 0.0
    for first in range(0, v.size, CHUNK):
        a = b = v.dtype.type(0)
        for j in range(first, min(first + CHUNK, v.size)):
            d = v[j] - c
            a += d
            b += d * d
        one += a
        two += b
    return one, two


@lanes
def squares(v):
    """Return Σ v² for v (N,)."""
    found = 0.0
    for first in range(0, v.size, CHUNK):
        part = v.dtype.type(0)
        for j in range(first, min(first + CHUNK, v.size)):
            part += v[j] * v[j]
        found += part
    return found


@lanes
def along(dy, gamma, x_hat):
    """Return Σ γ dy and Σ γ dy x̂: the gradient along 1 and along x̂."""
    one, other = 0.0, 0.0
    for first in range(0, dy.size, CHUNK):
        a = b = dy.dtype.type(0)
        for j in range(first, min(first + CHUNK, dy.size)):
            g = gamma[j] * dy[j]
            a += g
            b += g * x_hat[j]
        one += a
        other += b
    return one, other
