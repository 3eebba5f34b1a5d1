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
RUN = 2**10  # bytes behind each other, at least: else few lines are whole
BATCH = np.uint64(256)  # numbers that are computed, then streamed


def is_large(t: Tensor | np.ndarray, run: int) -> bool:
    """Tell whether to stream an array, written `run` numbers at a time."""
    return t.nbytes >= LARGE and run * t.itemsize >= RUN


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


@intrinsic
def _fetch_line(typing, of, i):  # noqa: ANN202
    """Ask for the line where `of` has its number i."""
    del typing

    def emit(context, builder, signature, values):  # noqa: ANN202
        start = make_array(of)(context, builder, values[0])
        byte, int32 = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), (byte, int32, int32, int32))
        prefetch = builder.module.declare_intrinsic(
            "llvm.prefetch", (byte,), kind
        )
        at = builder.bitcast(builder.gep(start.data, [values[1]]), byte)
        read, second_cache, data = map(int32, (0, 2, 1))
        builder.call(prefetch, [at, read, second_cache, data])
        return context.get_dummy_value()

    return types.void(of, i), emit


@njit(nogil=True, cache=True)
def fetch(of, at, n):
    """Ask for n numbers from `at` on, long before they are needed."""
    line = np.uint64(LINE) // np.uint64(of.itemsize)
    j = np.uint64(0)
    while j < n:
        _fetch_line(of, at + j)
        j += line


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
