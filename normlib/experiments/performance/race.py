"""Time functions against each other, so that the machine's moods cancel.

All run in turn, round after round, so that a slow second hits all of
them; what counts is a function's time over that of a memory copy in the
same round. A sample repeats a short function until a millisecond is full.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

import numpy as np
import torch

from ..intervals import Interval

Functions = dict[str, Callable[[], object]]
SAMPLE = 1e-3  # seconds
FLUSH = 256 * 2**20  # bytes, above any GPU's L2 cache


def steady_memory() -> bool:
    """Let glibc keep freed memory; say whether it agreed.

    By default arrays of 32 MiB and more are mapped afresh at each call,
    and the kernel's clearing of their pages poses as compute.
    """
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:
        return False
    M_MMAP_MAX, M_TRIM_THRESHOLD = -4, -1
    return bool(
        libc.mallopt(M_MMAP_MAX, 0) and libc.mallopt(M_TRIM_THRESHOLD, -1)
    )


def run(
    functions: Functions, rounds: int, device: str
) -> dict[str, list[float]]:
    """Return seconds a call, a list of `rounds` for each function."""
    time_one = _on_gpu(device) if device.startswith("cuda") else _on_cpu
    repeats = {}
    for name, function in functions.items():
        function()
        function()
        once = time_one(function, 1)
        repeats[name] = max(1, min(1000, round(SAMPLE / max(once, 1e-9))))
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(time_one(function, repeats[name]))
    return times


def in_units(own: list[float], unit: list[float]) -> Interval:
    """Return the ratio round by round: its median and quartiles."""
    ratios = np.array(own) / np.array(unit)
    low, middle, high = np.percentile(ratios, (25, 50, 75))
    return Interval(float(middle), float(low), float(high))


def _on_cpu(function: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats


def _on_gpu(device: str) -> Callable[[Callable[[], object], int], float]:
    flush = torch.empty(FLUSH, dtype=torch.int8, device=device)

    def time_one(function: Callable[[], object], repeats: int) -> float:
        """Between two events, with a cold L2 cache; repeats don't help."""
        start, end = (torch.cuda.Event(enable_timing=True) for _ in "ab")
        flush.zero_()  # long enough to hide the launch behind it
        start.record()
        function()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * 1e-3

    return time_one
