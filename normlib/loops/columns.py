"""The same norms where the channels come last: a channel is a column.

x is (rows, C), the rows of an image behind each other. Pieces of some rows
are summed, column by column; what the sums of a set come to is a few lines
of NumPy; then every row is gone through once more. So x is read twice.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np

from .lines import settle, stream
from .rows import loop

PIECE = 128  # rows whose sums are kept in x's dtype, then in float64


def pieces(images: int, rows: int) -> np.ndarray:
    """Return where pieces begin and end, (images·P, 2): P an image."""
    P = max(1, -(-rows // PIECE))
    edges = np.arange(P + 1) * rows // P
    edges = edges + rows * np.arange(images)[:, None]
    return np.stack([edges[:, :-1], edges[:, 1:]], -1).reshape(-1, 2)


@loop
def moments(x, edges, first, last, mean, var):
    """Fill mean and variance (P, C) of pieces from `first` to `last`."""
    C, kind = x.shape[1], x.dtype.type
    c, one, two = np.empty((3, C), x.dtype)
    for p in range(first, last):
        a, b = edges[p, 0], edges[p, 1]
        n = kind(b - a)
        c[:] = 0
        for i in range(a, b):
            row = x[i]
            for j in range(C):
                c[j] += row[j]
        for j in range(C):
            c[j] /= n
        one[:], two[:] = 0, 0
        for i in range(a, b):
            row = x[i]
            for j in range(C):
                d = row[j] - c[j]
                one[j] += d
                two[j] += d * d
        for j in range(C):
            rest = np.float64(one[j]) / n
            mean[p, j] = c[j] + rest
            var[p, j] = two[j] / n - rest * rest


@loop
def forward(x, gamma, beta, c, r, rstd, rows, around, first, last, y):
    """Fill y of the rows from `first` to `last`, flat; c, r, 1/σ
    (images, C).
    """
    C = x.shape[1]
    some = np.empty(C, x.dtype)
    for i in range(first, last):
        to = np.uint64(i) * np.uint64(C)
        out = some if around else y[to : to + np.uint64(C)]
        row, at = x[i], i // rows
        c_, r_, t = c[at], r[at], rstd[at]
        for j in range(C):
            x_hat = ((row[j] - c_[j]) - r_[j]) * t[j]
            out[j] = gamma[j] * x_hat + beta[j]
        if around:
            stream(some, np.uint64(C), y, to)
    settle()


@loop
def along(dy, x, c, r, rstd, rows, edges, first, last, one, other):
    """Fill Σ dy and Σ dy x̂ (P, C) of the pieces."""
    C = x.shape[1]
    s, t = np.empty((2, C), x.dtype)
    for p in range(first, last):
        at = edges[p, 0] // rows
        c_, r_, rstd_ = c[at], r[at], rstd[at]
        s[:], t[:] = 0, 0
        for i in range(edges[p, 0], edges[p, 1]):
            row, back = x[i], dy[i]
            for j in range(C):
                x_hat = ((row[j] - c_[j]) - r_[j]) * rstd_[j]
                s[j] += back[j]
                t[j] += back[j] * x_hat
        for j in range(C):
            one[p, j], other[p, j] = s[j], t[j]


@loop
def backward(dy, x, gamma, c, r, rstd, u, w, rows, around, first, last, dx):
    """Fill dx = (γ dy − u − w x̂)/σ, flat; u and w (images, C)."""
    C = x.shape[1]
    some = np.empty(C, x.dtype)
    for i in range(first, last):
        to = np.uint64(i) * np.uint64(C)
        out = some if around else dx[to : to + np.uint64(C)]
        row, back, at = x[i], dy[i], i // rows
        c_, r_, t, u_, w_ = c[at], r[at], rstd[at], u[at], w[at]
        for j in range(C):
            x_hat = ((row[j] - c_[j]) - r_[j]) * t[j]
            g = gamma[j] * back[j]
            out[j] = t[j] * (g - u_[j] - x_hat * w_[j])
        if around:
            stream(some, np.uint64(C), dx, to)
    settle()
