"""A copy, written by stores that fetch first and by stores that do not."""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np
from numba import njit

from ...loops.lines import settle, stream
from . import race


@njit
def plain(x, y):
    """Copy number by number; the compiler makes vectors of it."""
    for j in range(x.size):
        y[j] = x[j]


@njit
def streamed(x, y):
    """Copy line by line, around the cache."""
    stream(x, np.uint64(x.size), y, np.uint64(0))
    settle()


def raced(n: int, rounds: int = 9) -> dict[str, float]:
    """Return the copies that each takes, of n float32 numbers."""
    x, y = np.ones((2, n), np.float32)
    seconds = race.run(
        {
            "copy": lambda: np.copyto(y, x),
            "a loop": lambda: plain(x, y),
            "streamed": lambda: streamed(x, y),
        },
        rounds, "cpu",
    )  # fmt: skip
    copy = seconds.pop("copy")
    return {k: race.in_units(s, copy).mean for k, s in seconds.items()}
