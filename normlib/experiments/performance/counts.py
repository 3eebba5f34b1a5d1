"""How many copies of x a program moves, counted while PyTorch runs it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from ...table import Table

# Operations that touch no number: what they return is not filled, or is a
# view though their signature does not say so.
NOTHING = {"empty", "empty_like", "new_empty", "_unsafe_view", "detach"}
# Of an operation in place: does it read what it overwrites?
BLIND = {"copy_", "zero_", "fill_", "bernoulli_", "normal_"}


class Traffic(TorchDispatchMode):
    """Adds up, for each operation, the bytes of its arguments and results.

    Each array counts once an operation, an expanded one by what is stored;
    what an operation does within itself cannot be seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[str, int] = defaultdict(int)
        self.moved: dict[str, int] = defaultdict(int)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        views = any(
            r.alias_info is not None and not r.alias_info.is_write
            for r in func._schema.returns
        )
        if views or name in NOTHING:
            return out
        given = args[1:] if name in BLIND else args
        self.calls[name] += 1
        self.moved[name] += sum(
            stored(t)
            for t in tree_leaves((given, kwargs, out))
            if isinstance(t, Tensor)
        )
        return out


def stored(t: Tensor) -> int:
    """Return the bytes of the numbers that t has in memory."""
    sides = zip(t.shape, t.stride(), strict=True)
    return math.prod(n for n, step in sides if step) * t.element_size()


def counted(function: Callable[..., Tensor], *given: Tensor) -> Traffic:
    """Count a forward, and the backward to all that wants a gradient."""
    leaves = [t for t in given if t.requires_grad]
    with Traffic() as traffic:
        y = function(*given)
    if y.requires_grad:
        dy = torch.ones_like(y)
        with traffic:
            torch.autograd.grad(y, leaves, dy, allow_unused=True)
    return traffic


def shares(functions: dict[str, Callable], *given: Tensor) -> Table:
    """Return the copies of each, and what is beyond those of the first.

    Operations are those of its products of matrices, a number of what is
    given first.
    """
    unit, rows, least = 2 * stored(given[0]), [], 0.0
    for name, function in functions.items():
        with FlopCounterMode(display=False) as flops:
            moved = sum(counted(function, *given).moved.values()) / unit
        least = least or moved
        products = flops.get_total_flops() // given[0].numel()
        share = f"{100 * (1 - least / moved):.0f} %" if rows else ""
        rows.append((name, f"{moved:.1f}", share, products))
    head = (
        "block",
        "copies",
        "the norm's",
        "operations of products, a number",
    )
    return Table(head, rows)


def copies(function: Callable[..., Tensor], *given: Tensor) -> Table:
    """Return a row an operation, in copies of the first that is given."""
    traffic = counted(function, *given)
    unit = 2 * stored(given[0])
    moved = {name: n / unit for name, n in traffic.moved.items()}
    rows = [
        (name, traffic.calls[name], f"{n:.1f}")
        for name, n in sorted(moved.items(), key=lambda kv: -kv[1])
        if n >= 0.05  # the rest is sums of rows, and parameters
    ]
    rows.append(("all", "", f"{sum(moved.values()):.1f}"))
    return Table(("operation", "times", "copies"), rows)
