"""How many bytes do LayerNorm and RMSNorm keep, and touch at the peak?

The same random rows go through torch.nn's two norms: as they are,
compiled, and compiled together with a trained linear map behind. Counted
are the bytes that a forward keeps for its backward, the peak of a forward,
and the peak of forward and backward together.

What is compiled is compiled for one shape, by a compiler that remembers
no other: it decides by the shapes it sees first what to keep.

Scope: PyTorch on a CPU, rows of 6 to 12 numbers, three formats.
Longer rows can save less than is asked. Other devices have other kernels.
"""

from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ... import figures
from ...records import Record
from ...table import Table
from ..arms import Contrast, of
from ..batch_norm.spans import weakest
from ..decisions import Decision, Estimate, above, settle, within
from ..performance import memory
from ..protocol import Config, Pilot, Rows, Trial, Unit, seeds

LESS = 5  # per cent of LayerNorm's bytes
FIRM = 1.2  # an arm could save more than LESS by this factor
SAME = 1
QUANTITIES = ("kept", "forward", "forward and backward")
LINEAR = "compiled, with a linear map"

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm", "jiang2023"),
    grid={"by": ["torch.nn", "compiled", LINEAR], "N": [6, 8, 12],
          "dtype": ["float32", "bfloat16", "float16"]},
    keep=lambda unit: unit["N"] != (8 if unit["by"] == LINEAR else 6),
    config={"first_seed": 5000, "seeds": 8},
    live={"by": ["torch.nn"], "seeds": 2},
    pilots=[Pilot(range(8), (
        "the first record: eager, RMSNorm kept 2 and 4 times x in float32 "
        "and bfloat16, LayerNorm 1; compiled, both kept 1. Peaks of both "
        "passes were lost in 8 of 96 counts, where gradients of the call "
        "before were freed; they are no longer kept"
    )), Pilot(range(1000, 1008), (
        "again, rows of 1024 only: does not hold. Compiled, at most 0.4 % "
        "fewer, of 5 % asked, and that row could not have saved more: its "
        "mean is one number in 1026. So there are rows of 8"
    )), Pilot(range(2000, 2008), (
        "rows of 8 and of 1024, compiled for any shape: holds when "
        "compiled for rows of 8 in float32, 1 of 8 arms. But what such a "
        "program keeps of short rows hung on the rows it saw first. "
        "Compiled for rows of 8, LayerNorm computes its sums again. So one "
        "shape at a time; others for rows of 1024, which could not have "
        "saved 5 %; and a linear map"
    )), Pilot(range(100, 102), (
        "rows of 8 and of 16: RMSNorm kept 1.12 times x, LayerNorm 1.0, in "
        "rows of 8; 1.06 and 1.12 of 16, which is 5.6 % fewer where 6 % "
        "have to be for a firm verdict. So rows of 12, which can save 7 %"
    )), Pilot(range(3000, 3008), (
        "by the same rule, with the same verdict; the words on the pilot "
        "before said 12 for 16"
    )), Pilot(range(4000, 4008), (
        "again the same verdict. Its headline hid that both peaks, if not "
        "what is kept, fall in 5 more cases; and behind a linear map rows "
        "of 8 could save 5.6 %, where 6 have to be. So rows of 6 there"
    ))],
)  # fmt: skip


def norms(by: str) -> dict[str, Callable[..., Tensor]]:
    """Return LayerNorm, again, and RMSNorm, as functions of x and w."""
    both = {"layer": layer, "layer, again": layer, "rms": rms}
    if by == LINEAR:
        both = {
            name: partial(followed, norm) for name, norm in both.items()
        }
    if by == "torch.nn":
        return both
    return {name: torch.compile(f) for name, f in both.items()}


def layer(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """PyTorch's LayerNorm."""
    return F.layer_norm(x, w.shape, w, b)


def rms(x: Tensor, w: Tensor) -> Tensor:
    """PyTorch's RMSNorm."""
    return F.rms_norm(x, w.shape, w)


def followed(norm: Callable[..., Tensor], x: Tensor, *w: Tensor) -> Tensor:
    """Return W·norm(x); W [N, N] is the last of the parameters."""
    return F.linear(norm(x, *w[:-1]), w[-1])


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Count for each seed, which says how many rows there are."""
    rows: Rows = []
    for seed in seeds(config):
        g = torch.Generator().manual_seed(seed)
        M, N = int(torch.randint(64, 2048, (), generator=g)), unit["N"]
        dtype = getattr(torch, unit["dtype"])
        x = torch.randn(M, N, generator=g).to(device, dtype)
        W = [torch.randn(N, N, generator=g).to(x)] * (unit["by"] == LINEAR)
        for norm, function in norms(unit["by"]).items():
            torch._dynamo.reset()
            ones = [torch.ones_like(x[0])] * (1 + norm.startswith("layer"))
            count = counted(function, x, ones + W)
            rows += [
                {"seed": seed, "norm": norm, "quantity": name, "bytes": n}
                for name, n in count.items()
            ]
    return rows


def counted(
    function: Callable[..., Tensor], x: Tensor, w: list[Tensor]
) -> dict[str, int]:
    """Return the bytes of x, and of what function(x, *w) keeps, touches.

    The parameters, which are there anyway, do not count as kept: a matrix
    among them is needed by every backward, so it is taken off.
    """
    leaves = [t.clone().requires_grad_() for t in (x, *w)]
    dy, device = torch.ones_like(x), x.device.type

    def both() -> None:  # .backward would leave gradients to be freed
        torch.autograd.grad(function(*leaves), leaves, dy)

    forward = memory.peak(partial(function, *leaves), device)
    matrices = sum(t.nbytes for t in w if t.ndim == 2)
    return {
        "x": x.nbytes,
        "kept": memory.saved(function, [x, *w]) - matrices,
        "forward": forward,
        "forward and backward": memory.peak(both, device),
    }


def arms(record: Record) -> dict[str, dict[str, Any]]:
    """Return who computes, in which format, of rows that could save 6 %.

    One number fewer is kept of N + 2, and of 2N + 2 if the linear map's
    input is kept too.
    """
    return {
        f"{by}, {dtype}, rows of {N}": {"by": by, "dtype": dtype, "N": N}
        for by in record.distinct("by")
        for dtype in record.distinct("dtype")
        for N in record.distinct("N", by=by)
        if 100 / (N * (1 + (by == LINEAR)) + 2) > FIRM * LESS
    }


def fewer(record: Record, own: dict, peer: dict, **arm: Any) -> Contrast:
    """Return how many bytes fewer `own` has, in per cent of `peer`'s."""
    n, of_peer = (record.values("bytes", **arm, **x) for x in (own, peer))
    saved = [1 - a / b for a, b in zip(n, of_peer, strict=True)]
    return Contrast(of([100 * x for x in saved]))


@trial.null
def again(record: Record) -> Estimate:
    """LayerNorm counted once more comes to the same."""
    pair = {"norm": "layer, again"}, {"norm": "layer"}
    found = {
        f"% fewer, counted again ({name})": fewer(
            record, *pair, quantity=quantity, **arm
        )
        for name, arm in arms(record).items()
        for quantity in QUANTITIES
    }
    return weakest(found, within, SAME)


@trial.positive
def half_as_wide(record: Record) -> Estimate:
    """LayerNorm has fewer bytes in bfloat16 than in float32."""
    pair = {"dtype": "bfloat16"}, {"dtype": "float32"}
    found = {
        f"% fewer in bfloat16 ({by}, rows of {N}, {name})": fewer(
            record, *pair, norm="layer", quantity=name, by=by, N=N
        )
        for by in record.distinct("by")
        for N in record.distinct("N", by=by)
        for name in QUANTITIES
    }
    return weakest(found, above, LESS)


@trial.rule("rms.memory")
def needs_less(record: Record) -> Decision:
    """How many bytes fewer RMSNorm has than LayerNorm, in per cent, by
    torch.nn and compiled, for rows of 8 and of 12, and compiled with a
    linear map behind, for rows of 6 (longer ones could not save {LESS} %
    and a fifth), in three formats: kept by a forward for its backward (x
    counts, parameters do not), at the peak of a forward (its output
    counts, x does not), and at the peak of both. 95 % intervals over
    numbers of rows, Bonferroni over all.
    Less: all three over {LESS} %. Not less: one of them below. Less
    everywhere: holds; in some: holds when; nowhere: does not hold.
    Otherwise open.
    """
    pair = {"norm": "rms"}, {"norm": "layer"}
    found = {
        name: [fewer(record, *pair, quantity=q, **arm) for q in QUANTITIES]
        for name, arm in arms(record).items()
    }
    least = min(
        c.interval().mean for group in found.values() for c in group
    )
    most = 1 - least / 100
    return settle(
        found, above, LESS, when="it is {arms}",
        because="Per cent fewer bytes kept, at a forward's peak and at "
        "that of both: {arms}.",
        says={
            "holds": "RMSNorm needs fewer bytes than LayerNorm, eager and "
            "compiled.",
            "holds when": "Kept bytes and peaks fall in {clear_count} of "
            f"{{count}} cases; eager up to ×{most:.1f}.",
            "does not hold": "RMSNorm saves hardly any memory; eager, it "
            f"needs up to {most:.1f} times LayerNorm's.",
        },
    )  # fmt: skip


@trial.reading
def table(record: Record) -> Table:
    """Return bytes in units of x, in the longest rows."""

    def told(quantity: str, **arm: Any) -> str:
        n, x = (
            record.values("bytes", quantity=q, **arm)
            for q in (quantity, "x")
        )
        units = [a / b for a, b in zip(n, x, strict=True)]
        return f"{median(units):.2f}"

    N = max(record.distinct("N"))
    rows = [
        (f"{figures.name(norm)}, {by}, {dtype}",
         *(told(q, norm=norm, by=by, dtype=dtype, N=N) for q in QUANTITIES))
        for by in record.distinct("by")
        for dtype in record.distinct("dtype")
        for norm in ("layer", "rms")
    ]  # fmt: skip
    return Table((f"bytes / those of x, rows of {N}", *QUANTITIES), rows)
