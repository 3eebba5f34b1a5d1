"""The same norms where the channels come last: a channel is a column.

x is (rows, C), the rows of an image behind each other. Pieces of some rows
are summed, column by column; what the sums of a set come to is a few lines
of NumPy; then every row is gone through once more. So x is read twice, each
time in the order in which it lies: two rows side by side take longer.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

from functools import lru_cache

import numpy as np

from .lines import BATCH, fetch, settle, stream
from .rows import loop

AHEAD = np.uint64(4)  # rows: so far in advance one is asked for
PIECE = 128  # rows whose sums are kept in x's dtype, then in float64


@lru_cache(64)
def pieces(images: int, rows: int) -> np.ndarray:
    """Return where pieces begin and end, (images·P, 2): P an image."""
    P = max(1, -(-rows // PIECE))
    edges = np.arange(P + 1) * rows // P
    edges = edges + rows * np.arange(images)[:, None]
    return np.stack([edges[:, :-1], edges[:, 1:]], -1).reshape(-1, 2)


@loop
def moments(x, c, rows, edges, first, last, sums):
    """Add Σ d and Σ d² of d = x − c of the pieces to sums (2, images, C).

    x flat, c (images·C,); d is in the wider of their dtypes.
    """
    C = np.uint64(sums.shape[2])
    one, two = np.empty(C, c.dtype), np.empty(C, c.dtype)
    for p in range(first, last):
        image = edges[p, 0] // rows
        near = np.uint64(image) * C
        one[:] = 0
        two[:] = 0
        for i in range(edges[p, 0], edges[p, 1]):
            k = np.uint64(i) * C
            fetch(x, k + AHEAD * C, C)
            for j in range(C):
                d = x[k + j] - c[near + j]
                one[j] += d
                two[j] += d * d
        sums[0, image] += one
        sums[1, image] += two


@loop
def forward(x, c, scale, shift, C, rows, around, first, last, y):
    """Fill y = (x − c) scale + shift of the rows from `first` to `last`.

    x and y flat; the rest (images·C,): scale γ/σ, shift β − γ r/σ.
    """
    C = np.uint64(C)
    batch = max(1, int(BATCH // C))
    some = np.empty(np.uint64(batch) * C, x.dtype)
    for begin in range(first, last, batch):
        end = min(begin + batch, last)
        to = np.uint64(begin) * C
        for i in range(begin, end):
            k, at = np.uint64(i) * C, np.uint64(i // rows) * C
            fetch(x, k + AHEAD * C, C)
            out, m = (some, k - to) if around else (y, k)
            for j in range(C):
                d = x[k + j] - c[at + j]
                out[m + j] = d * scale[at + j] + shift[at + j]
        if around:
            stream(some, np.uint64(end - begin) * C, y, to)
    settle()


@loop
def along(dy, x, c, rstd, rows, edges, first, last, sums):
    """Add Σ dy and Σ dy (x − c)/σ of the pieces to sums (2, images, C)."""
    C = np.uint64(sums.shape[2])
    one, other = np.empty(C, x.dtype), np.empty(C, x.dtype)
    for p in range(first, last):
        image = edges[p, 0] // rows
        near = np.uint64(image) * C
        one[:] = 0
        other[:] = 0
        for i in range(edges[p, 0], edges[p, 1]):
            k = np.uint64(i) * C
            fetch(x, k + AHEAD * C, C)
            fetch(dy, k + AHEAD * C, C)
            for j in range(C):
                one[j] += dy[k + j]
                d = (x[k + j] - c[near + j]) * rstd[near + j]
                other[j] += dy[k + j] * d
        sums[0, image] += one
        sums[1, image] += other


@loop
def backward(
    dy, x, c, rstd, scale, slope, shift, C, rows, around, first, last, dx
):
    """Fill dx = scale dy − slope (x − c)/σ − shift, flat.

    The rest (images·C,): scale γ/σ, slope b/σ, shift (a − b r/σ)/σ, with a
    the mean of γ dy over the set and b that of γ dy x̂.
    """
    C = np.uint64(C)
    batch = max(1, int(BATCH // C))
    some = np.empty(np.uint64(batch) * C, x.dtype)
    for begin in range(first, last, batch):
        end = min(begin + batch, last)
        to = np.uint64(begin) * C
        for i in range(begin, end):
            k, at = np.uint64(i) * C, np.uint64(i // rows) * C
            fetch(x, k + AHEAD * C, C)
            fetch(dy, k + AHEAD * C, C)
            out, m = (some, k - to) if around else (dx, k)
            for j in range(C):
                d = (x[k + j] - c[at + j]) * rstd[at + j]
                g = scale[at + j] * dy[k + j] - shift[at + j]
                out[m + j] = g - slope[at + j] * d
        if around:
            stream(some, np.uint64(end - begin) * C, dx, to)
    settle()
