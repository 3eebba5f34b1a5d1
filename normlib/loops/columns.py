"""The same norms where the channels come last: a channel is a column.

x is (rows, C), the rows of an image behind each other. Pieces of some rows
are summed, column by column; what the sums of a set come to is a few lines
of NumPy; then every row is gone through once more. So x is read twice.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np

from .lines import BATCH, fetch, settle, stream
from .rows import FAR, loop

FIRST = np.uint64(8)  # rows whose mean is subtracted
AHEAD = np.uint64(8)  # rows that are asked for before they are needed
PIECE = 128  # rows whose sums are kept in x's dtype, then in float64


def pieces(images: int, rows: int) -> np.ndarray:
    """Return where pieces begin and end, (images·P, 2): P an image."""
    P = max(1, -(-rows // PIECE))
    edges = np.arange(P + 1) * rows // P
    edges = edges + rows * np.arange(images)[:, None]
    return np.stack([edges[:, :-1], edges[:, 1:]], -1).reshape(-1, 2)


@loop
def moments(x, edges, first, last, near, rest, var):
    """Fill mean, in two addends, and variance (P, C) of the pieces.

    d = x − c, with c the mean of the first rows; of all rows, where it lies
    far off in any column.
    """
    C, kind = near.shape[1], x.dtype.type
    c, sums = np.zeros(C, x.dtype), np.empty(2 * C, x.dtype)
    for p in range(first, last):
        a, b = np.uint64(edges[p, 0]), np.uint64(edges[p, 1])
        n, some = kind(b - a), min(b, a + FIRST)
        c[:] = 0
        _add(x, a, some, c, sums)
        for j in range(C):
            c[j] = sums[j] / kind(some - a)
        while True:
            _add(x, a, b, c, sums)
            close = True
            for j in range(C):
                r = sums[j] / n
                v = sums[C + j] / n - r * r
                close &= r * r <= kind(FAR) * v < np.inf
            if close or some == b:
                break
            some = b
            for j in range(C):
                c[j] += sums[j] / n
        for j in range(C):
            near[p, j], r = c[j], np.float64(sums[j]) / n
            rest[p, j] = r
            var[p, j] = sums[C + j] / n - r * r


@loop
def _add(x, a, b, c, sums):  # noqa: ANN202
    """Fill Σ d and Σ d² (2C,) of rows from a to b, four at a time."""
    C, four = np.uint64(c.size), np.uint64(4)
    sums[:] = 0
    while a + four <= b:
        k = a * C
        l = k + C
        m = l + C
        n = m + C
        fetch(x, k + AHEAD * C, four * C)
        for j in range(C):
            d, e = x[k + j] - c[j], x[l + j] - c[j]
            f, g = x[m + j] - c[j], x[n + j] - c[j]
            sums[j] += (d + e) + (f + g)
            sums[C + j] += (d * d + e * e) + (f * f + g * g)
        a += four
    while a < b:
        for j in range(C):
            d = x[a * C + j] - c[j]
            sums[j] += d
            sums[C + j] += d * d
        a += np.uint64(1)


@loop
def forward(x, gamma, c, rstd, shift, rows, around, first, last, y):
    """Fill y = γ (x − c)/σ + shift of the rows from `first` to `last`.

    x and y flat; γ (C,); c, 1/σ, and shift β − γ r/σ (images, C).
    """
    C = np.uint64(c.shape[1])
    batch = max(1, int(BATCH // C))
    some = np.empty(np.uint64(batch) * C, x.dtype)
    for begin in range(first, last, batch):
        end = min(begin + batch, last)
        to = np.uint64(begin) * C
        for i in range(begin, end):
            k, at = np.uint64(i) * C, i // rows
            c_, t, shift_ = c[at], rstd[at], shift[at]
            out, m = (some, k - to) if around else (y, k)
            for j in range(C):
                x_hat = (x[k + j] - c_[j]) * t[j]
                out[m + j] = gamma[j] * x_hat + shift_[j]
        if around:
            stream(some, np.uint64(end - begin) * C, y, to)
    settle()


@loop
def along(dy, x, c, r, rstd, rows, edges, first, last, one, other):
    """Fill Σ dy and Σ dy x̂ (P, C) of the pieces, two rows at a time."""
    C, pair = np.uint64(c.shape[1]), np.uint64(2)
    sums = np.empty(2 * C, x.dtype)
    for p in range(first, last):
        at = edges[p, 0] // rows
        c_, r_, t = c[at], r[at], rstd[at]
        a, b = np.uint64(edges[p, 0]), np.uint64(edges[p, 1])
        sums[:] = 0
        while a + pair <= b:
            k = a * C
            fetch(x, k + AHEAD * C, pair * C)
            fetch(dy, k + AHEAD * C, pair * C)
            for j in range(C):
                g, h = dy[k + j], dy[k + C + j]
                d = (x[k + j] - c_[j]) * t[j]
                e = (x[k + C + j] - c_[j]) * t[j]
                sums[j] += g + h
                sums[C + j] += g * d + h * e
            a += pair
        if a < b:
            for j in range(C):
                g = dy[a * C + j]
                sums[j] += g
                sums[C + j] += g * ((x[a * C + j] - c_[j]) * t[j])
        for j in range(C):
            one[p, j] = sums[j]
            q = np.float64(r_[j]) * t[j]
            other[p, j] = sums[C + j] - q * sums[j]


@loop
def backward(
    dy, x, gamma, c, rstd, w, shift, rows, around, first, last, dx
):
    """Fill dx = (γ dy − w (x − c)/σ − shift)/σ, flat.

    γ (C,); c, 1/σ, w, and shift u − w r/σ (images, C).
    """
    C = np.uint64(c.shape[1])
    batch = max(1, int(BATCH // C))
    some = np.empty(np.uint64(batch) * C, x.dtype)
    for begin in range(first, last, batch):
        end = min(begin + batch, last)
        to = np.uint64(begin) * C
        for i in range(begin, end):
            k, at = np.uint64(i) * C, i // rows
            c_, t, w_, shift_ = c[at], rstd[at], w[at], shift[at]
            out, m = (some, k - to) if around else (dx, k)
            for j in range(C):
                part = w_[j] * ((x[k + j] - c_[j]) * t[j])
                g = gamma[j] * dy[k + j]
                out[m + j] = t[j] * ((g - shift_[j]) - part)
        if around:
            stream(some, np.uint64(end - begin) * C, dx, to)
    settle()
