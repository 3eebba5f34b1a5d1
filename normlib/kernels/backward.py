"""Backward: dx and the weight gradients in one pass over x and dy.

    g = γ dy,   dx = (g − x̂ mean(g x̂) − mean(g))/σ + ds,
    dγ = Σ dy x̂,   dβ = Σ dy

The last mean is LayerNorm's alone. Every program sums dγ and dβ over the
rows that it takes, in a fixed order, and writes a row of partial sums: no
atomics and no locks, so the same input gives the same bits.

Where a row and its weight gradients exceed the registers, `looped_row`
loops over it twice for dx, and `column_sums` reads it again for dγ and dβ.
"""

import triton
import triton.language as tl


@triton.jit
def standardize(X, MU, RSTD, row, col, stride, inside, M):
    """Return x̂ of a tile, 0 outside, and rstd = 1/σ (ROWS, 1)."""
    x = tl.load(X + row * stride + col, mask=inside, other=0.0)
    rstd = tl.load(RSTD + row, mask=row < M, other=0.0)
    d = x.to(tl.float32)
    if MU is not None:
        mu = tl.load(MU + row, mask=row < M, other=0.0)
        d = tl.where(inside, d - mu, 0.0)
    return d * rstd, rstd


@triton.jit
def scale_gradient(dy, W, col, N):
    """g = γ dy; col is (1, COLS)."""
    if W is not None:
        dy *= tl.load(W + col, mask=col < N, other=0.0).to(tl.float32)
    return dy


@triton.jit
def store_dx(DX, DS, dx, row, col, ds_stride, inside, N):
    """Store dx, with what came along the residual stream."""
    if DS is not None:
        ds = tl.load(DS + row * ds_stride + col, mask=inside, other=0.0)
        dx += ds.to(tl.float32)
    tl.store(DX + row * N + col, dx.to(DX.dtype.element_ty), mask=inside)


@triton.jit
def whole_rows(
    DY, DS, X, W, MU, RSTD, DX, DW, DB,
    M, N, dy_stride, ds_stride, stride,
    ROWS: tl.constexpr, COLS: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """A program takes every P-th tile of ROWS rows; P programs."""
    first, P = tl.program_id(0), tl.num_programs(0)
    rows = tl.arange(0, ROWS)[:, None]  # (ROWS, 1)
    col = tl.arange(0, COLS)[None, :]  # (1, COLS)
    dw = tl.zeros([ROWS, COLS], tl.float32)
    db = tl.zeros([ROWS, COLS], tl.float32)
    for tile in tl.range(first, tl.cdiv(M, ROWS), P, num_stages=STAGES):
        row = (tile * ROWS + rows).to(tl.int64)
        inside = (row < M) & (col < N)
        at = row * dy_stride + col
        dy = tl.load(DY + at, mask=inside, other=0.0).to(tl.float32)
        x_hat, rstd = standardize(X, MU, RSTD, row, col, stride, inside, M)
        if DW is not None:
            dw += dy * x_hat
        if DB is not None:
            db += dy
        g = scale_gradient(dy, W, col, N)
        dx = g - x_hat * (tl.sum(g * x_hat, 1) / N)[:, None]
        if MU is not None:
            dx -= (tl.sum(g, 1) / N)[:, None]
        store_dx(DX, DS, dx * rstd, row, col, ds_stride, inside, N)
    sums = first * N + tl.arange(0, COLS)
    if DW is not None:
        tl.store(DW + sums, tl.sum(dw, 0), mask=tl.arange(0, COLS) < N)
    if DB is not None:
        tl.store(DB + sums, tl.sum(db, 0), mask=tl.arange(0, COLS) < N)


@triton.jit
def looped_row(
    DY, DS, X, W, MU, RSTD, DX, M, N, dy_stride, ds_stride, stride,
    COLS: tl.constexpr,
):  # fmt: skip
    """A program takes one row in steps of COLS values, for dx alone."""
    row = tl.program_id(0).to(tl.int64) + tl.zeros([1, 1], tl.int64)
    steps = tl.arange(0, COLS)[None, :]  # (1, COLS)
    sum_gx = tl.zeros([1, COLS], tl.float32)
    sum_g = tl.zeros([1, COLS], tl.float32)
    for start in range(0, N, COLS):
        col = start + steps
        inside = col < N
        dy = tl.load(DY + row * dy_stride + col, mask=inside, other=0.0)
        g = scale_gradient(dy.to(tl.float32), W, col, N)
        x_hat, _ = standardize(X, MU, RSTD, row, col, stride, inside, M)
        sum_gx += g * x_hat
        sum_g += g
    mean_gx, mean_g = tl.sum(sum_gx) / N, tl.sum(sum_g) / N
    for start in range(0, N, COLS):
        col = start + steps
        inside = col < N
        dy = tl.load(DY + row * dy_stride + col, mask=inside, other=0.0)
        g = scale_gradient(dy.to(tl.float32), W, col, N)
        x_hat, rstd = standardize(X, MU, RSTD, row, col, stride, inside, M)
        dx = g - x_hat * mean_gx
        if MU is not None:
            dx -= mean_g
        store_dx(DX, DS, dx * rstd, row, col, ds_stride, inside, N)


@triton.jit
def column_sums(
    DY, X, MU, RSTD, DW, DB, M, N, dy_stride, stride,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """A program takes COLS columns of every P-th tile, for dγ and dβ."""
    first, P = tl.program_id(1), tl.num_programs(1)
    cols = tl.program_id(0) * COLS + tl.arange(0, COLS)
    rows, col = tl.arange(0, ROWS)[:, None], cols[None, :]
    dw = tl.zeros([ROWS, COLS], tl.float32)
    db = tl.zeros([ROWS, COLS], tl.float32)
    for tile in range(first, tl.cdiv(M, ROWS), P):
        row = (tile * ROWS + rows).to(tl.int64)
        inside = (row < M) & (col < N)
        dy = tl.load(DY + row * dy_stride + col, mask=inside, other=0.0)
        x_hat, _ = standardize(X, MU, RSTD, row, col, stride, inside, M)
        dw += dy.to(tl.float32) * x_hat
        db += dy.to(tl.float32)
    if DW is not None:
        tl.store(DW + first * N + cols, tl.sum(dw, 0), mask=cols < N)
    if DB is not None:
        tl.store(DB + first * N + cols, tl.sum(db, 0), mask=cols < N)
