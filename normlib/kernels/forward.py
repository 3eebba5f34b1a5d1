"""Forward: one pass over x, statistics in float32.

    s = x + r,   x̂ = (s − μ)/σ,   σ = √(var + ε),   y = γ x̂ + β

μ and RSTD = 1/σ are stored for the backward. `whole_rows` loads rows once,
into registers. `looped_row` loops over a longer row in steps, and again
for the result, then out of the cache. Without CENTRE μ is 0, which is
RMSNorm. R, W and B may be None; S is s, as rounded to be passed on.
Pointers: X, R, Y, S (M, N), MU, RSTD (M,), W, B (N,). Rows of X and R
start `stride` and `r_stride` times UNIT values apart: a known factor
lets the compiler load 16 bytes at once.
"""

import triton
import triton.language as tl


@triton.jit
def load_sum(X, R, at, r_at, inside, keep: tl.constexpr):
    """Return s = x + r of a tile as rounded to x's dtype, in float32.

    `keep` says whether the cache should hold x and r for another pass.
    """
    x = tl.load(X + at, mask=inside, other=0.0, eviction_policy=keep)
    if R is not None:
        r = tl.load(R + r_at, mask=inside, other=0.0, eviction_policy=keep)
        x = (x.to(tl.float32) + r.to(tl.float32)).to(x.dtype)
    return x.to(tl.float32)


@triton.jit
def scale_shift(x_hat, W, B, col, N):
    """y = γ x̂ + β for a tile; col is (1, COLS)."""
    y = x_hat
    if W is not None:
        y *= tl.load(W + col, mask=col < N, other=0.0).to(tl.float32)
    if B is not None:
        y += tl.load(B + col, mask=col < N, other=0.0).to(tl.float32)
    return y


@triton.jit(do_not_specialize=["M", "stride", "r_stride"])
def whole_rows(
    X, R, W, B, Y, S, MU, RSTD, M, stride, r_stride, eps,
    N: tl.constexpr, UNIT: tl.constexpr, CENTRE: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """A program takes ROWS rows, each of at most COLS values."""
    stride *= UNIT
    r_stride *= UNIT
    rows = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    row = rows[:, None].to(tl.int64)  # (ROWS, 1)
    col = tl.arange(0, COLS)[None, :]  # (1, COLS)
    inside = (row < M) & (col < N)
    at, r_at = row * stride + col, row * r_stride + col
    d = load_sum(X, R, at, r_at, inside, "")
    if R is not None:
        tl.store(S + row * N + col, d.to(S.dtype.element_ty), mask=inside)
    if CENTRE:
        mu = tl.sum(d, 1) / N
        d = tl.where(inside, d - mu[:, None], 0.0)
        tl.store(MU + rows, mu, mask=rows < M)
    rstd = 1 / tl.sqrt_rn(tl.sum(d * d, 1) / N + eps)
    tl.store(RSTD + rows, rstd, mask=rows < M)
    y = scale_shift(d * rstd[:, None], W, B, col, N)
    tl.store(Y + row * N + col, y.to(Y.dtype.element_ty), mask=inside)


@triton.jit(do_not_specialize=["M", "stride", "r_stride"])
def looped_row(
    X, R, W, B, Y, S, MU, RSTD, M, stride, r_stride, eps,
    N: tl.constexpr, UNIT: tl.constexpr, CENTRE: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """A program takes every P-th row, in steps of COLS < N values.

    There are few programs, so that their rows fit in the cache together.
    x minus any constant c has the same x̂. With c the mean of the first
    step, a share p of the row, (μ − c)² is at most (1 − p)/p times the
    variance, so E(x − c)² − (μ − c)² loses at most log₂(1/p) bits.
    """
    stride *= UNIT
    r_stride *= UNIT
    steps = tl.arange(0, COLS)[None, :]  # (1, COLS)
    for row in tl.range(tl.program_id(0), M, tl.num_programs(0)):
        row64 = row + tl.zeros([1, 1], tl.int64)
        x_at, r_at, at = row64 * stride, row64 * r_stride, row64 * N
        c = 0.0
        if CENTRE:
            every = steps < COLS
            s = load_sum(
                X, R, x_at + steps, r_at + steps, every, "evict_last"
            )
            c = tl.sum(s) / COLS
        sum_d = tl.zeros([1, COLS], tl.float32)
        sum_d2 = tl.zeros([1, COLS], tl.float32)
        for start in range(0, N, COLS):
            col = start + steps
            inside = col < N
            s = load_sum(X, R, x_at + col, r_at + col, inside, "evict_last")
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
            s = load_sum(
                X, R, x_at + col, r_at + col, inside, "evict_first"
            )
            if R is not None:
                rounded = s.to(S.dtype.element_ty)
                tl.store(S + at + col, rounded, mask=inside)
            y = scale_shift((s - mu) * rstd, W, B, col, N)
            y = y.to(Y.dtype.element_ty)
            tl.store(Y + at + col, y, mask=inside)
