"""Rows shared among threads: PyTorch's own, where they can be had.

A thread of OpenMP that has done its share stays awake for some
milliseconds, in case that more comes. Threads beside it would find no core
free after every operation of PyTorch's. So its OpenMP is asked to run our
shares too; where that is not to be found, a pool does.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch

GRAIN = 2**19  # values that are worth a thread: below, waking it costs more
Do = Callable[[int, int], Any]
Share = tuple[int, int]
_BODY = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_HERE = os.getpid()


def shared(M: int, size: int, some: Do) -> list[Any]:
    """Do `some` of M rows, from a to b, in as many threads as torch has.

    Below GRAIN values of `size` a thread, fewer do it.
    """
    threads = min(torch.get_num_threads(), size // GRAIN, M)
    if threads < 2:
        return [some(0, M)]
    shares = list(pairwise(M * t // threads for t in range(threads + 1)))
    team = _openmp() if os.getpid() == _HERE else None  # lost in a fork
    return (_by_pool if team is None else _by_team)(team, shares, some)


@cache
def _openmp() -> Callable | None:
    """Return what runs a function in all threads of PyTorch's OpenMP."""
    try:
        team = ctypes.CDLL(None).GOMP_parallel
    except (AttributeError, OSError, TypeError):  # another system
        return None
    team.argtypes = _BODY, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint
    team.restype = None
    return team


def _by_team(team: Callable, shares: list[Share], some: Do) -> list[Any]:
    done, failed = {}, []
    left = iter(list(enumerate(shares)))

    def body(_: object) -> None:  # in each thread; fewer may come
        try:
            for k, share in left:
                done[k] = some(*share)
        except BaseException as error:  # C would swallow it
            failed.append(error)

    with _heard(failed):
        team(_BODY(body), None, len(shares), 0)
    if failed:
        raise failed[0]
    return [done[k] for k in range(len(shares))]


@contextmanager
def _heard(failed: list[BaseException]) -> Iterator[None]:
    """Keep what C would swallow between our function and its first line.

    There the main thread alone can be interrupted, as by Ctrl-C.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = sys.unraisablehook
    sys.unraisablehook = lambda told: failed.append(told.exc_value)
    try:
        yield
    finally:
        sys.unraisablehook = before


def _by_pool(_: None, shares: list[Share], some: Do) -> list[Any]:
    """This thread takes a share too."""
    own, *others = shares
    pool = _pool(os.getpid(), len(others))
    rest = [pool.submit(some, *share) for share in others]
    return [some(*own), *(share.result() for share in rest)]


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Keep threads for a process; a forked one has none of its parent's."""
    return ThreadPoolExecutor(threads)


def added(parts: list[list[np.ndarray | None]]) -> list[np.ndarray | None]:
    """Return the sums over all threads of each array, in the first."""
    sums, *others = parts
    for part in others:
        for total, own in zip(sums, part, strict=True):
            if total is not None:
                total += own
    return sums
