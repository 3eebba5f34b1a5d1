"""Try other plans for the kernels on a GPU: warps, stages, programs.

`python -m tools.sweep FILE [long]` writes a line a variant: its plan,
whether its result is right, and its median time in copies of x. Variants
are compiled and checked by many processes and timed by one afterwards.
The numbers in `normlib.kernels.plan` were chosen by it.
"""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from itertools import product
from multiprocessing import get_context

import torch

from normlib.kernels import launch, plan

SIZE = 2**26  # values of x
ROUNDS = 15
WORKERS = 14
EPS = 1e-6


def variants() -> list[tuple]:
    """Return (kernel, centre, N, dtype, plan) of everything to try."""
    found = []
    for centre, N in product((False, True), (512, 1024, 4096, 5120, 8192,
                                             16384, 32768)):  # fmt: skip
        base = plan.forward(SIZE // N, N, 2, processors=132)
        for warps, rows in product((2, 4, 8, 16, 32), (1, 2, 4)):
            per_thread = rows * base.cols // (32 * warps)
            if 8 <= per_thread <= 64 and rows * base.cols <= 32768:
                tile = replace(base, rows=rows, warps=warps)
                found.append(("forward", centre, N, "bfloat16", tile))
    for centre, N, dtype in product(
        (False, True), (512, 1024, 4096, 5120, 8192, 16384),
        ("bfloat16", "float32"),
    ):  # fmt: skip
        if dtype == "float32" and N not in (1024, 4096, 8192):
            continue
        size = 4 if dtype == "float32" else 2
        base = plan.backward(
            SIZE // N, N, size, centre=centre, residual=False,
            processors=132,
        )  # fmt: skip
        if base.loops:
            base = replace(base, cols=16384, loops=False, stages=1)
        for warps, stages, side in product(
            (2, 4, 8, 16, 32), (1, 2, 3, 4), (8, 16, 24, 32)
        ):
            per_thread = base.rows * base.cols // (32 * warps)
            if not 8 <= per_thread <= 32 or side < warps < 32:
                continue
            shared = base.rows * base.cols * size * 2 * (stages - 1)
            if shared * max(1, side // warps) > 220 * 1024:
                continue
            programs = 132 * max(1, side // warps)
            tile = replace(
                base, warps=warps, stages=stages, programs=programs
            )
            tiles = [tile]
            if N == 16384 or base.cols == 8192:
                tiles = [replace(tile, hold=h) for h in (False, True)]
            for tile in tiles:
                item = ("backward", centre, N, dtype, tile)
                if item not in found:
                    found.append(item)
    return found


def long_variants() -> list[tuple]:
    """Return the same for rows that are looped over."""
    found = []
    for centre, N in product((False, True), (16384, 32768, 65536, 131072)):
        for cols, warps, side in product(
            (4096, 8192, 16384, 32768), (4, 8, 16, 32), (1, 2, 3, 4, 8)
        ):
            if not 8 <= cols // (32 * warps) <= 64 or side * warps > 64:
                continue
            tile = plan.Plan(1, cols, warps, True, 132 * side)
            if cols < N and N > 16384:
                found.append(("forward", centre, N, "bfloat16", tile))
            if side == 1 and cols < 32768 and (centre or N > 16384):
                found.append(("backward", centre, N, "bfloat16", tile))
        for rows, cols, warps, stages, side in product(
            (4, 8, 16), (256, 512, 1024), (4, 8), (1, 3), (1, 2, 4, 8)
        ):
            if not 8 <= rows * cols // (32 * warps) <= 32:
                continue
            down = max(1, 132 * side // (N // cols))
            tile = plan.Plan(rows, cols, warps, False, down, stages)
            if centre or N > 16384:
                found.append(("column_sums", centre, N, "bfloat16", tile))
    return found


def given(N: int, dtype: str, M: int) -> tuple:
    """Return x, dy (M, N) and γ (N,)."""
    g = torch.Generator("cuda").manual_seed(0)
    kind = {"device": "cuda", "dtype": getattr(torch, dtype)}
    x, dy = (torch.randn(M, N, generator=g, **kind) for _ in "xd")
    return x, dy, torch.randn(N, generator=g, **kind)


def call(kernel: str, centre: bool, tile: plan.Plan, data: tuple) -> tuple:
    """Run a kernel with a plan; return y, or dx and the weights'."""
    x, dy, w, mu, rstd = data
    b = w if centre else None
    usual = getattr(plan, kernel)
    setattr(plan, kernel, lambda *_, **__: tile)
    try:
        if kernel == "forward":
            return launch.forward(x, None, w, b, EPS, centre)
        dtypes = w.dtype, w.dtype if centre else None
        return launch.backward(dy, None, x, w, mu, rstd, *dtypes, centre)
    finally:
        setattr(plan, kernel, usual)


def prepared(centre: bool, N: int, dtype: str, M: int) -> tuple:
    """Return the inputs with their statistics, in plain PyTorch."""
    x, dy, w = given(N, dtype, M)
    f = x.float()
    mu = f.mean(1) if centre else f.new_empty(0)
    d = f - mu[:, None] if centre else f
    return x, dy, w, mu, (d.square().mean(1) + EPS).rsqrt()


def check(item: tuple) -> str:
    """Compile a variant; return "" or what is wrong."""
    kernel, centre, N, dtype, tile = item
    data = prepared(centre, N, dtype, 700)
    x, dy, w, mu, rstd = data
    try:
        got = call(kernel, centre, tile, data)
        torch.cuda.synchronize()
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    d = x.float() - mu[:, None] if centre else x.float()
    x_hat = d * rstd[:, None]
    if kernel == "forward":
        want = [w.float() * x_hat + (w.float() if centre else 0)]
    else:
        g = w.float() * dy.float()
        dx = g - x_hat * (g * x_hat).mean(1, keepdim=True)
        dx = dx - g.mean(1, keepdim=True) if centre else dx
        want = [dx * rstd[:, None], (dy.float() * x_hat).sum(0)]
        want += [dy.float().sum(0)] if centre else []
    for a, b in zip(got, want, strict=False):
        off = (a.float() - b).norm() / b.norm()
        if not off < (1e-5 if dtype == "float32" else 5e-3):
            return f"off by {off:.1e}"
    return ""


def seconds(do: Callable[[], object], flush: torch.Tensor) -> float:
    """Return the median time of a launch with a cold cache."""
    do()
    times = []
    for _ in range(ROUNDS):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in "ab")
        torch.cuda._sleep(400_000)  # hides the launches
        flush.sum()  # reading leaves no dirty lines
        start.record()
        do()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1e-3)
    return sorted(times)[ROUNDS // 2]


def time_all(work: list[tuple], faults: list[str], file: str) -> None:
    """Time the variants that were right, and a copy, a line each."""
    flush = torch.empty(2**28, dtype=torch.uint8, device="cuda")
    held, data, copy = None, None, 0.0
    with open(file, "w") as out:
        for item, fault in zip(work, faults, strict=True):
            kernel, centre, N, dtype, tile = item
            row = {"kernel": kernel, "centre": centre, "N": N}
            row |= {"dtype": dtype, **asdict(tile), "fault": fault}
            if held != (centre, N, dtype):
                held, data = (centre, N, dtype), None
                data = prepared(centre, N, dtype, SIZE // N)
                spare = torch.empty_like(data[0])
                copy = seconds(partial(spare.copy_, data[0]), flush)
            if not fault:
                do = partial(call, kernel, centre, tile, data)
                row |= {"copies": round(seconds(do, flush) / copy, 4)}
            out.write(json.dumps(row | {"copy": copy}) + "\n")
            out.flush()


def main(file: str, which: str = "") -> None:
    """Check all variants side by side and time the right ones in turn."""
    work = long_variants() if which == "long" else variants()
    context = get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        faults = list(pool.map(check, work, chunksize=4))
    time_all(work, faults, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
