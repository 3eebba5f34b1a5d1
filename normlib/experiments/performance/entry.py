"""Who may race: what a contender gives is compared before it is timed.

Whoever is not there, fails, or is wrong is named, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from . import contenders

# The largest |error| / (|wanted| + its root mean square). A rounding to
# bfloat16 is 2⁻⁹; what is not written, or left out, comes to 0.1 and more.
TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "bfloat16": 3e-2}
POISONED = 8  # arrays of NaN that the next results are written to
NAMES = {
    "residual": ("y", "s", "dx", "dr", "dγ"),
    "weight": ("w", "dv", "dg"),
}


class Entry(NamedTuple):
    """A contender that may race: the norm, and its phases."""

    function: Callable[..., Any]
    phases: dict[str, contenders.Do]


def enter(
    norm: str,
    wanted: list[str],
    given: list[Tensor],
    dtype: str,
    makers: dict[str, Callable[[], Any]] | None = None,
) -> tuple[dict[str, Entry], dict[str, str]]:
    """Return who may race, and why others may not."""
    dy = [torch.randn_like(t) for t in given[: 1 + (norm == "residual")]]
    eager = contenders.library(norm, F)
    want = results(eager, _wide(given), _wide(dy))
    makers = makers or contenders.makers(norm)
    entries, faults = {}, {}
    for name in filter(makers.get, wanted):
        try:
            function = makers[name]()
            if function is None:
                continue
            why = fault(norm, function, given, dy, want, dtype)
            if not why:
                phases = contenders.phases(function, given)
                for do in phases.values():
                    do()
                entries[name] = Entry(function, phases)
        except Exception as error:  # a peer may raise what it likes
            first = (str(error).splitlines() or [""])[0]
            why = f"{type(error).__name__}: {first}"[:120]
        if given[0].is_cuda:
            torch.cuda.synchronize()  # a broken GPU ends all
        if why:
            faults[name] = why
    return entries, faults


def results(
    function: Callable[..., Any], given: list[Tensor], dy: list[Tensor]
) -> list[Tensor]:
    """Return the outputs and the gradients of all that is given."""
    leaves = [t.detach().requires_grad_() for t in given]
    outputs = contenders.outputs(function, leaves)
    grads = torch.autograd.grad(outputs, leaves, [d.clone() for d in dy])
    return [*(t.detach() for t in outputs), *grads]


def fault(
    norm: str,
    function: Callable[..., Any],
    given: list[Tensor],
    dy: list[Tensor],
    want: list[Tensor],
    dtype: str,
) -> str:
    """Say what a contender has wrong, or ""; also without gradients."""
    with torch.no_grad():
        _poison(given[0])
        got = contenders.outputs(function, given)
        wrong = [*_wrong(norm, got, want, dtype)]
        _poison(given[0])
    got = results(function, given, dy)
    return ", ".join(wrong or _wrong(norm, got, want, dtype))


def _wrong(
    norm: str, got: list[Tensor], want: list[Tensor], dtype: str
) -> Iterator[str]:
    names = NAMES.get(norm, ("y", "dx", "dγ", "dβ"))
    for name, own, right in zip(names, got, want, strict=False):
        size = right.abs() + right.square().mean().sqrt()
        off = ((own.double() - right).abs_() / size).max().item()
        if not off <= TOLERANCE[dtype]:  # nor where it is NaN
            yield f"{name} is off by {off:.1g}"


def _poison(x: Tensor) -> None:
    """Leave NaN in the memory that the next arrays like x will have."""
    if x.is_cuda:
        torch.cuda.empty_cache()
    for t in [torch.empty_like(x) for _ in range(POISONED)]:
        t.fill_(float("nan"))


def _wide(tensors: list[Tensor]) -> list[Tensor]:
    return [t.double() for t in tensors]
