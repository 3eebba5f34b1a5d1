"""Stores that go around the cache.

A store to memory fetches the line of 64 bytes first, though all of it is
about to be overwritten: whoever writes an array reads it too. A *streaming*
store of a whole line does not. What it wrote is then in memory and not in
the cache, so it pays for arrays that no cache would hold.
"""

# ruff: noqa: ANN001, ANN201 (numba types each call by what it is given)

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from torch import Tensor

LINE = 64  # bytes
LARGE = 2**24  # bytes of an array that is streamed


def is_large(t: Tensor | np.ndarray) -> bool:
    """Tell whether an array is to be streamed."""
    return t.nbytes >= LARGE


@intrinsic
def _put_line(typing, to, i, of, j):  # noqa: ANN202
    """Store `of` from j on as the line of `to` that begins at i."""
    del typing

    def emit(context, builder, signature, values):  # noqa: ANN202
        kind = context.get_value_type(to.dtype)
        size = context.get_abi_sizeof(kind)
        line = ir.VectorType(kind, LINE // size).as_pointer()
        there, here = (
            builder.bitcast(builder.gep(start.data, [at]), line)
            for start, at in (
                (make_array(to)(context, builder, values[0]), values[1]),
                (make_array(of)(context, builder, values[2]), values[3]),
            )
        )
        now = builder.load(here, align=size)
        store = builder.store(now, there, align=LINE)
        one = ir.Constant(ir.IntType(32), 1)
        store.set_metadata(
            "nontemporal", builder.module.add_metadata([one])
        )
        return context.get_dummy_value()

    return types.void(to, i, of, j), emit


@intrinsic
def settle(typing):
    """Wait until what was streamed can be seen by other threads."""
    del typing

    def emit(context, builder, signature, values):  # noqa: ANN202
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), emit


@njit(nogil=True, cache=True)
def stream(of, n, to, at):
    """Copy the first n numbers of `of` to `to` from `at` on.

    Whole lines are streamed; what is left at both ends is stored as usual.
    """
    size = np.uint64(to.itemsize)
    line = np.uint64(LINE) // size
    first = np.uint64(to.ctypes.data) // size + at
    k = min(n, (line - first % line) % line)
    for j in range(k):
        to[at + j] = of[j]
    while k + line <= n:
        _put_line(to, at + k, of, k)
        k += line
    for j in range(k, n):
        to[at + j] = of[j]
