"""LayerNorm and RMSNorm of one row after the other, there and back.

A row is read from memory once. However often the loops below pass over
it, it stays in the cache, and so does what they write.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np
from numba import njit

from .sums import along, moments, products, total

BLOCK = 64  # rows whose dγ and dβ are added in x's dtype, then in float64
strict = njit(
    nogil=True, fastmath={"contract"}, error_model="numpy", cache=True
)


@strict
def forward(x, gamma, beta, eps, centre, y, mu, rstd):
    """Fill y (M, N), and of each row μ = c + r, as (M, 2), and 1/σ (M,).

    x (M, N), γ and β (N,). x minus any constant has the same x̂; with c
    near μ the mean r of what is left is known far more exactly than μ.
    """
    M, N = x.shape
    kind = x.dtype.type
    for i in range(M):
        row, out = x[i], y[i]
        if centre:
            c = kind(total(row) / N)
            one, two = moments(row, c)
            rest = one / N
            r = kind(rest)
            mu[i, 0], mu[i, 1] = c, r
            s = kind(1 / np.sqrt(two / N - rest * rest + eps))
            for j in range(N):
                out[j] = gamma[j] * (((row[j] - c) - r) * s) + beta[j]
        else:
            s = kind(1 / np.sqrt(products(row, row) / N + eps))
            for j in range(N):
                out[j] = gamma[j] * (row[j] * s)
        rstd[i] = s


@strict
def backward(dy, x, gamma, mu, rstd, centre, dx, dgamma, dbeta):
    """Fill dx (M, N); add to dγ and dβ (N,), unless these are (0,).

    dx = (g − a − b x̂)/σ with g = γ dy, b the mean of g x̂, and a the mean
    of g, or 0 without a centre.
    """
    M, N = x.shape
    kind = x.dtype.type
    w, b = np.empty(dgamma.size, x.dtype), np.empty(dbeta.size, x.dtype)
    for first in range(0, M, BLOCK):
        w[:], b[:] = 0, 0
        for i in range(first, min(first + BLOCK, M)):
            row, back, out = x[i], dy[i], dx[i]
            s = rstd[i]
            if centre:
                c, r = mu[i, 0], mu[i, 1]
                for j in range(N):
                    out[j] = ((row[j] - c) - r) * s
            else:
                for j in range(N):
                    out[j] = row[j] * s
            for j in range(w.size):
                w[j] += back[j] * out[j]
            for j in range(b.size):
                b[j] += back[j]
            one, other = along(back, gamma, out)
            m = kind(one / N) if centre else kind(0)
            p = kind(other / N)
            for j in range(N):
                out[j] = s * (gamma[j] * back[j] - m - out[j] * p)
        for j in range(w.size):
            dgamma[j] += w[j]
        for j in range(b.size):
            dbeta[j] += b[j]
