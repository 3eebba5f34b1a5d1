"""Time functions against each other, so that the machine's moods cancel.

All run in turn, round after round, so that a slow second hits all of
them; what counts is a function's time over that of a memory copy in the
same round.

On a CPU a sample repeats a short function until a millisecond is full. On
a GPU it is the time between two events around one call. The GPU sleeps
until all of the call is launched, so that Python's time is not in it, and
then reads a buffer larger than its L2 cache: nothing of x is left there,
and no line that still has to be written.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from ..intervals import Interval

Do = Callable[[], object]
SAMPLE = 1e-3  # seconds
FLUSH = 256 * 2**20  # bytes, above any GPU's L2 cache
CYCLES = 2**18  # of a GPU's first sleep: 0.13 ms at 2 GHz
LONGEST = 2**25  # what is not launched by then waits for the GPU itself


class Sample(NamedTuple):
    """Seconds of a call, and on a GPU those in which Python launched it."""

    seconds: float
    host: float | None = None


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
    functions: dict[Any, Do], rounds: int, device: str
) -> dict[Any, list[float]]:
    """Return seconds a call, a list of `rounds` for each function."""
    found = samples(functions, rounds, device)
    return {name: [s.seconds for s in own] for name, own in found.items()}


def samples(
    functions: dict[Any, Do], rounds: int, device: str
) -> dict[Any, list[Sample]]:
    """Return `rounds` samples of each function, taken in turn."""
    time_one = _on_gpu(device) if device.startswith("cuda") else _on_cpu
    repeats = {}
    for name, function in functions.items():
        function()
        function()
        once = time_one(function, 1).seconds
        repeats[name] = max(1, min(1000, round(SAMPLE / max(once, 1e-9))))
    found: dict[Any, list[Sample]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            found[name].append(time_one(function, repeats[name]))
    return found


def digits(seconds: float | None) -> float | None:
    """Keep four digits of a time, as a record does."""
    return None if seconds is None else float(f"{seconds:.4g}")


def in_units(own: list[float], unit: list[float]) -> Interval:
    """Return the ratio round by round: its median and quartiles."""
    ratios = np.array(own) / np.array(unit)
    low, middle, high = np.percentile(ratios, (25, 50, 75))
    return Interval(float(middle), float(low), float(high))


def _on_cpu(function: Do, repeats: int) -> Sample:
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return Sample((time.perf_counter() - start) / repeats)


def _on_gpu(device: str) -> Callable[[Do, int], Sample]:
    flush = torch.ones(FLUSH // 4, device=device)
    sleep: dict[Do, int] = {}

    def time_one(function: Do, repeats: int) -> Sample:
        """Between two events; repeats don't help.

        Where the GPU began before all was launched, it sleeps twice as
        long the next time.
        """
        while True:
            cycles = sleep.setdefault(function, CYCLES)
            start, end = (
                torch.cuda.Event(enable_timing=True) for _ in "ab"
            )
            torch.cuda._sleep(cycles)
            flush.sum()
            start.record()
            begin = time.perf_counter()
            function()
            host = time.perf_counter() - begin
            end.record()
            hidden = not start.query()
            end.synchronize()
            if hidden or cycles >= LONGEST:
                return Sample(start.elapsed_time(end) * 1e-3, host)
            sleep[function] = 2 * cycles

    return time_one
