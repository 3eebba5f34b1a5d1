"""Backward: dx and the weight gradients in one pass over x and dy.

    g = γ dy,   dx = (g − x̂ mean(g x̂) − mean(g))/σ + ds,
    dγ = Σ dy x̂,   dβ = Σ dy

The last mean is LayerNorm's alone. Every program of `whole_rows` sums dγ
and dβ over the rows that it takes and writes one row of partial sums;
`finish` adds those up. The order is fixed, with no atomics and no locks,
so the same input gives the same bits on the same model of GPU.

Where a row and its weight gradients exceed the registers, `looped_row`
loops over it twice for dx, and `column_sums` reads it again for dγ and dβ.
Pointers: DY, DS, X, DX (M, N), MU, RSTD (M,), W (N,), DW, DB (P, N) for P
programs. Strides count UNIT values: a known factor lets the compiler load
16 bytes at once.
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
def load_weight(W, col, N):
    """Return γ (1, COLS) in float32; 1 where there is none."""
    w = 1.0
    if W is not None:
        w = tl.load(W + col, mask=col < N, other=0.0).to(tl.float32)
    return w


@triton.jit
def input_gradient(g, x_hat, rstd, N, CENTRE: tl.constexpr):
    """Return dx of whole rows, without what comes along the residual."""
    if CENTRE:  # both sums cross the threads of a row once, not twice
        both = tl.sum(tl.join(g * x_hat, g), 1) / N  # (ROWS, 2)
        mean_gx, mean_g = tl.split(both)
        g -= mean_g[:, None]
    else:
        mean_gx = tl.sum(g * x_hat, 1) / N
    return (g - x_hat * mean_gx[:, None]) * rstd


@triton.jit
def store_dx(DX, DS, dx, row, col, N, ds_stride, inside):
    """Store dx, with what came along the residual stream."""
    if DS is not None:
        ds = tl.load(DS + row * ds_stride + col, mask=inside, other=0.0)
        dx += ds.to(tl.float32)
    tl.store(DX + row * N + col, dx.to(DX.dtype.element_ty), mask=inside)


@triton.jit(do_not_specialize=["M", "dy_stride", "ds_stride", "stride"])
def whole_rows(
    DY, DS, X, W, MU, RSTD, DX, DW, DB, M, dy_stride, ds_stride, stride,
    N: tl.constexpr, UNIT: tl.constexpr, ROWS: tl.constexpr,
    COLS: tl.constexpr, STAGES: tl.constexpr, HOLD: tl.constexpr,
):  # fmt: skip
    """A program takes every P-th tile of ROWS rows; P programs.

    While it works on one tile the next ones are on their way to shared
    memory: STAGES − 1 of them. HOLD keeps γ in registers throughout.
    """
    dy_stride *= UNIT
    ds_stride *= UNIT
    stride *= UNIT
    first, P = tl.program_id(0), tl.num_programs(0)
    rows = tl.arange(0, ROWS)[:, None]  # (ROWS, 1)
    col = tl.arange(0, COLS)[None, :]  # (1, COLS)
    dw = tl.zeros([ROWS, COLS], tl.float32)
    db = tl.zeros([ROWS, COLS], tl.float32)
    if HOLD:
        w = load_weight(W, col, N)
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
        if not HOLD:
            w = load_weight(W, col, N)
        dx = input_gradient(w * dy, x_hat, rstd, N, MU is not None)
        store_dx(DX, DS, dx, row, col, N, ds_stride, inside)
    sums = first * N + tl.arange(0, COLS)
    if DW is not None:
        tl.store(DW + sums, tl.sum(dw, 0), mask=tl.arange(0, COLS) < N)
    if DB is not None:
        tl.store(DB + sums, tl.sum(db, 0), mask=tl.arange(0, COLS) < N)


@triton.jit(do_not_specialize=["dy_stride", "ds_stride", "stride"])
def looped_row(
    DY, DS, X, W, MU, RSTD, DX, dy_stride, ds_stride, stride,
    N: tl.constexpr, UNIT: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """A program takes one row in steps of COLS values, for dx alone."""
    dy_stride *= UNIT
    ds_stride *= UNIT
    stride *= UNIT
    row = tl.program_id(0).to(tl.int64) + tl.zeros([1, 1], tl.int64)
    M = row + 1
    steps = tl.arange(0, COLS)[None, :]  # (1, COLS)
    sum_gx = tl.zeros([1, COLS], tl.float32)
    sum_g = tl.zeros([1, COLS], tl.float32)
    for start in range(0, N, COLS):
        col = start + steps
        inside = col < N
        dy = tl.load(DY + row * dy_stride + col, mask=inside, other=0.0)
        g = dy.to(tl.float32) * load_weight(W, col, N)
        x_hat, _ = standardize(X, MU, RSTD, row, col, stride, inside, M)
        sum_gx += g * x_hat
        sum_g += g
    mean_gx, mean_g = tl.sum(sum_gx) / N, tl.sum(sum_g) / N
    for start in range(0, N, COLS):
        col = start + steps
        inside = col < N
        dy = tl.load(DY + row * dy_stride + col, mask=inside, other=0.0)
        g = dy.to(tl.float32) * load_weight(W, col, N)
        x_hat, rstd = standardize(X, MU, RSTD, row, col, stride, inside, M)
        dx = g - x_hat * mean_gx
        if MU is not None:
            dx -= mean_g
        store_dx(DX, DS, dx * rstd, row, col, N, ds_stride, inside)


@triton.jit(do_not_specialize=["M", "dy_stride", "stride"])
def column_sums(
    DY, X, MU, RSTD, DW, DB, M, dy_stride, stride,
    N: tl.constexpr, UNIT: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """A program takes COLS columns of every P-th tile, for dγ and dβ."""
    dy_stride *= UNIT
    stride *= UNIT
    first, P = tl.program_id(1), tl.num_programs(1)
    cols = tl.program_id(0) * COLS + tl.arange(0, COLS)
    rows, col = tl.arange(0, ROWS)[:, None], cols[None, :]
    dw = tl.zeros([ROWS, COLS], tl.float32)
    db = tl.zeros([ROWS, COLS], tl.float32)
    for tile in tl.range(first, tl.cdiv(M, ROWS), P, num_stages=STAGES):
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


@triton.jit(do_not_specialize=["P"])
def finish(
    PARTS_W, PARTS_B, DW, DB, P, N: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """Add up the partial sums (P, N): dγ, dβ (N,) in the weights' dtype."""
    cols = tl.program_id(0) * COLS + tl.arange(0, COLS)
    rows = tl.arange(0, ROWS)[:, None]
    dw = tl.zeros([ROWS, COLS], tl.float32)
    db = tl.zeros([ROWS, COLS], tl.float32)
    for first in tl.range(0, P, ROWS, num_stages=STAGES):
        at = (first + rows) * N + cols[None, :]
        inside = (first + rows < P) & (cols[None, :] < N)
        if DW is not None:
            dw += tl.load(PARTS_W + at, mask=inside, other=0.0)
        if DB is not None:
            db += tl.load(PARTS_B + at, mask=inside, other=0.0)
    if DW is not None:
        sums = tl.sum(dw, 0).to(DW.dtype.element_ty)
        tl.store(DW + cols, sums, mask=cols < N)
    if DB is not None:
        sums = tl.sum(db, 0).to(DB.dtype.element_ty)
        tl.store(DB + cols, sums, mask=cols < N)
