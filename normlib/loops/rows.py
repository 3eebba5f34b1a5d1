"""LayerNorm and RMSNorm of one row after the other, there and back.

A row is read from memory once. However often the loops below pass over
it, it stays in the cache.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np
from numba import njit

from .sums import moments, total, weighted

BLOCK = 64  # rows whose dγ and dβ are added in x's dtype, then in float64
strict = njit(
    nogil=True, fastmath={"contract"}, error_model="numpy", cache=True
)


@strict
def forward(x, gamma, beta, eps, centre, first, last, y, mu, rstd):
    """Fill y of the rows from `first` to `last`, and of each row μ = c + r,
    as (M, 2), and 1/σ (M,).

    x and y flat, γ and β (N,). x minus any constant has the same x̂; with c
    near μ the mean r of what is left is known far more exactly than μ.
    Without a centre c and r are 0.
    """
    N = np.uint64(gamma.size)
    kind = x.dtype.type
    for i in range(first, last):
        at = np.uint64(i) * N
        c = kind(total(x, at, N) / N if centre else 0)
        one, two = moments(x, at, N, c)
        rest = one / N if centre else 0.0
        r, s = kind(rest), kind(1 / np.sqrt(two / N - rest * rest + eps))
        for j in range(N):
            x_hat = ((x[at + j] - c) - r) * s
            y[at + j] = gamma[j] * x_hat + beta[j]
        rstd[i] = s
        if centre:
            mu[i, 0], mu[i, 1] = c, r


@strict
def backward(
    dy, x, gamma, mu, rstd, centre, first, last, dx, dgamma, dbeta
):
    """Fill dx of these rows; add to dγ and dβ (N,), unless these are (0,).

    dx = (g − a − b x̂)/σ with g = γ dy, b the mean of g x̂, and a the mean
    of g, or 0 without a centre.
    """
    N = np.uint64(gamma.size)
    kind = x.dtype.type
    w, b = np.empty(dgamma.size, x.dtype), np.empty(dbeta.size, x.dtype)
    wanted = dgamma.size > 0, dbeta.size > 0
    c = r = kind(0)
    for begin in range(first, last, BLOCK):
        w[:], b[:] = 0, 0
        for i in range(begin, min(begin + BLOCK, last)):
            at = np.uint64(i) * N
            s = rstd[i]
            if centre:
                c, r = mu[i, 0], mu[i, 1]
            one, other = weighted(dy, x, gamma, at, N, c)
            m = kind(one / N) if centre else kind(0)
            p = kind((other - r * one) * s / N)
            if wanted[0]:
                for j in range(N):
                    w[j] += dy[at + j] * (((x[at + j] - c) - r) * s)
            if wanted[1]:
                for j in range(N):
                    b[j] += dy[at + j]
            for j in range(N):
                x_hat = ((x[at + j] - c) - r) * s
                dx[at + j] = s * (gamma[j] * dy[at + j] - m - x_hat * p)
        for j in range(w.size):
            dgamma[j] += w[j]
        for j in range(b.size):
            dbeta[j] += b[j]
