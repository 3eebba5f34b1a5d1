"""One sum, as a compiler may see it: in order, in any, or one by one."""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np
from numba import njit

from . import race


@njit
def in_order(v):
    """Add the first to the second, that to the third: each has to wait."""
    s = v.dtype.type(0)
    for j in range(v.size):
        s += v[j]
    return s


# The same lines, and leave to add in another order: sixteen sums at once.
any_order = njit(fastmath={"reassoc"})(in_order.py_func)


@njit(fastmath={"reassoc"})
def from_where(v, first):
    """In any order, from a place that might be counted from the end."""
    s = v.dtype.type(0)
    for j in range(first, v.size):
        s += v[j]
    return s


def raced(rounds: int = 9) -> dict[str, float]:
    """Return the copies of v that each takes, v of eight million."""
    v, spare = np.ones((2, 2**23), np.float32)
    seconds = race.run(
        {
            "copy": lambda: np.copyto(spare, v),
            "in order": lambda: in_order(v),
            "in any order": lambda: any_order(v),
            "from some place": lambda: from_where(v, 0),
        },
        rounds, "cpu",
    )  # fmt: skip
    copy = seconds.pop("copy")
    return {k: race.in_units(s, copy).mean for k, s in seconds.items()}
