"""Forward: one pass over x, statistics in float32.

    s = x + r,   x̂ = (s − μ)/σ,   σ = √(var + ε),   y = γ x̂ + β

μ and RSTD = 1/σ are stored for the backward. `whole_rows` loads rows once,
into registers. `looped_row` loops over a longer row in steps, and again
for the result, then out of the cache. Without CENTRE μ is 0, which is
RMSNorm. R, W and B may be None; S is s, as rounded to be passed on.
"""

import triton
import triton.language as tl


@triton.jit
def load(X, R, S, row, col, stride, r_stride, inside, N):
    """Return s for a tile, in float32, and store it where r is given."""
    x = tl.load(X + row * stride + col, mask=inside, other=0.0)
    s = x.to(tl.float32)
    if R is not None:
        r = tl.load(R + row * r_stride + col, mask=inside, other=0.0)
        s = (s + r.to(tl.float32)).to(x.dtype)
        tl.store(S + row * N + col, s, mask=inside)
        s = s.to(tl.float32)
    return s


@triton.jit
def scale_shift(x_hat, W, B, col, N):
    """y = γ x̂ + β for a tile; col is (1, COLS)."""
    y = x_hat
    if W is not None:
        y *= tl.load(W + col, mask=col < N, other=0.0).to(tl.float32)
    if B is not None:
        y += tl.load(B + col, mask=col < N, other=0.0).to(tl.float32)
    return y


@triton.jit
def whole_rows(
    X, R, W, B, Y, S, MU, RSTD, M, N, stride, r_stride, eps,
    CENTRE: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """A program takes ROWS rows, each of at most COLS values."""
    rows = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    row = rows[:, None].to(tl.int64)  # (ROWS, 1)
    col = tl.arange(0, COLS)[None, :]  # (1, COLS)
    inside = (row < M) & (col < N)
    d = load(X, R, S, row, col, stride, r_stride, inside, N)
    if CENTRE:
        mu = tl.sum(d, 1) / N
        d = tl.where(inside, d - mu[:, None], 0.0)
        tl.store(MU + rows, mu, mask=rows < M)
    rstd = 1 / tl.sqrt_rn(tl.sum(d * d, 1) / N + eps)
    tl.store(RSTD + rows, rstd, mask=rows < M)
    y = scale_shift(d * rstd[:, None], W, B, col, N)
    tl.store(Y + row * N + col, y.to(Y.dtype.element_ty), mask=inside)


@triton.jit
def looped_row(
    X, R, W, B, Y, S, MU, RSTD, M, N, stride, r_stride, eps,
    CENTRE: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """A program takes one row in steps of COLS < N values.

    x minus any constant c has the same x̂. With c the mean of the first
    step, a share p of the row, (μ − c)² is at most (1 − p)/p times the
    variance, so E(x − c)² − (μ − c)² loses at most log₂(1/p) bits.
    """
    row = tl.program_id(0).to(tl.int64)
    steps = tl.arange(0, COLS)[None, :]  # (1, COLS)
    c = 0.0
    if CENTRE:
        x = tl.load(X + row * stride + steps).to(tl.float32)
        if R is not None:
            x += tl.load(R + row * r_stride + steps).to(tl.float32)
        c = tl.sum(x) / COLS
    sum_d = tl.zeros([1, COLS], tl.float32)
    sum_d2 = tl.zeros([1, COLS], tl.float32)
    for start in range(0, N, COLS):
        col = start + steps
        inside = col < N
        s = load(X, R, S, row, col, stride, r_stride, inside, N)
        d = tl.where(inside, s - c, 0.0)
        sum_d += d
        sum_d2 += d * d
    var = tl.sum(sum_d2) / N
    mu = c
    if CENTRE:
        rest = tl.sum(sum_d) / N
        mu = c + rest
        var = tl.maximum(var - rest * rest, 0.0)
        tl.store(MU + row, mu)
    rstd = 1 / tl.sqrt_rn(var + eps)
    tl.store(RSTD + row, rstd)
    for start in range(0, N, COLS):
        col = start + steps
        inside = col < N
        # Where r is given, s has been stored; another thread may have
        # stored it, so it is added up again rather than read back.
        s = load(X, R, S, row, col, stride, r_stride, inside, N)
        y = scale_shift((s - mu) * rstd, W, B, col, N)
        tl.store(Y + row * N + col, y.to(Y.dtype.element_ty), mask=inside)
