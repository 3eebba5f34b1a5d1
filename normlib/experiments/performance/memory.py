"""How many bytes a forward keeps for its backward, and at the peak."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile


def saved(function: Callable[..., Any], given: list[Tensor]) -> int:
    """Count what autograd keeps, x itself included, parameters not.

    What is saved twice counts once: storages are counted, not tensors.
    """
    leaves = [t.detach().requires_grad_() for t in given]
    small = {t.untyped_storage().data_ptr() for t in leaves if _param(t)}
    found: dict[int, int] = {}

    def keep(t: Tensor) -> Tensor:
        storage = t.untyped_storage()
        if storage.data_ptr() not in small:
            found[storage.data_ptr()] = storage.nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        out = function(*leaves)
    total = sum(found.values())
    del out  # alive until here, so that no address was given twice
    return total


def _param(t: Tensor) -> bool:
    return t.ndim == 1 or (t.ndim == 2 and t.shape[1] == 1)


def peak(do: Callable[[], Any], device: str, numpy: bool = False) -> int:
    """Return how far memory rose above its level during a call."""
    do()  # compiled, warmed up
    if numpy:
        tracemalloc.start()
        do()
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top
    if device.startswith("cuda"):
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        do()
        return torch.cuda.max_memory_allocated(device) - before
    with profile(
        activities=[ProfilerActivity.CPU], profile_memory=True
    ) as watched:
        do()
    level = top = 0
    for event in watched.profiler.kineto_results.events():
        if event.name() == "[memory]":
            level += event.nbytes()
            top = max(top, level)
    return top
