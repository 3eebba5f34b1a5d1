"""LayerNorm and RMSNorm of one row after the other, there and back.

A row is read from memory once. The loop that passes over it again finds it
in the cache.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np
from numba import njit

from .lines import BATCH, fetch, settle, stream
from .sums import along, moments

FAR = 4.0  # squared deviations of c from the mean: then it is chosen anew
BLOCK = 64  # rows whose dγ and dβ are added in x's dtype, then in float64
loop = njit(
    nogil=True, fastmath={"contract"}, error_model="numpy", cache=True
)


@loop
def forward(x, gamma, beta, eps, centre, around, first, last, y, mu, rstd):
    """Fill y of the rows from `first` to `last`, and of each row μ = c + r,
    as (M, 2), and 1/σ (M,).

    x and y flat, γ and β (N,). c is a number of the row, or the mean, if
    that lies far off or a sum of squares overflows; without a centre c and
    r are 0.
    """
    N = np.uint64(gamma.size)
    kind = x.dtype.type
    some, step = np.empty(BATCH, x.dtype), BATCH if around else N
    for i in range(first, last):
        at = np.uint64(i) * N
        c = x[at] if centre and N > 0 else kind(0)
        one, two = moments(x, at, N, c)
        r = one / N if centre else 0.0
        var = two / N - r * r
        if not r * r <= FAR * var < np.inf:  # anew, in float64
            near = np.float64(c) + r
            if not np.isfinite(near):
                near = c + moments(x, at, N, np.float64(c))[0] / N
            one, two = moments(x, at, N, near)
            r = one / N if centre else 0.0
            var = two / N - r * r
            c = kind(near)
            r += near - c
        s = kind(1 / np.sqrt(var + eps))
        q = kind(r) * s
        k = np.uint64(0)
        while k < N:
            m = min(step, N - k)
            if around and i + 1 < last:
                fetch(x, at + N + k, m)
            out, to = (some, np.uint64(0)) if around else (y, at + k)
            for j in range(m):
                x_hat = (x[at + k + j] - c) * s - q
                out[to + j] = gamma[k + j] * x_hat + beta[k + j]
            if around:
                stream(some, m, y, at + k)
            k += m
        rstd[i] = s
        if centre:
            mu[i, 0], mu[i, 1] = c, r
    settle()


@loop
def backward(
    dy, x, gamma, mu, rstd, centre, around, first, last, dx, dgamma, dbeta
):
    """Fill dx of these rows; add to dγ and dβ (N,), unless they are None.

    dx = (g − a − b x̂)/σ with g = γ dy, b the mean of g x̂, and a the mean
    of g, or 0 without a centre.
    """
    N = np.uint64(gamma.size)
    kind = x.dtype.type
    w = None if dgamma is None else np.zeros(gamma.size, x.dtype)
    b = None if dbeta is None else np.zeros(gamma.size, x.dtype)
    c = r = kind(0)
    some, step = np.empty(BATCH, x.dtype), BATCH if around else N
    for begin in range(first, last, BLOCK):
        for i in range(begin, min(begin + BLOCK, last)):
            at = np.uint64(i) * N
            s = rstd[i]
            if centre:
                c, r = mu[i, 0], mu[i, 1]
            q = r * s
            one, other = along(dy, x, gamma, at, N, c, s, q, w, b)
            u = kind(one / N) if centre else kind(0)
            v = kind(other / N)
            k = np.uint64(0)
            while k < N:
                m = min(step, N - k)
                if around and i + 1 < last:
                    fetch(x, at + N + k, m)
                    fetch(dy, at + N + k, m)
                out, to = (some, np.uint64(0)) if around else (dx, at + k)
                for j in range(m):
                    x_hat = (x[at + k + j] - c) * s - q
                    g = gamma[k + j] * dy[at + k + j]
                    out[to + j] = s * (g - u - x_hat * v)
                if around:
                    stream(some, m, dx, at + k)
                k += m
        if dgamma is not None:
            for j in range(N):
                dgamma[j] += w[j]
                w[j] = 0
        if dbeta is not None:
            for j in range(N):
                dbeta[j] += b[j]
                b[j] = 0
    settle()
