"""The rule of the explosion trial: which nets keep their gradient?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from ...records import Record
from ..arms import Contrast, of
from ..decisions import (
    Decision,
    Estimate,
    State,
    above,
    estimate,
    settle,
    within,
)
from ..intervals import decades, join, signed

HEALTHY = 3.0  # decades that the gradient may change over the depth
SKIPS = {False: "without skips", True: "with skips"}


def linear(record: Record, skip: bool) -> Contrast:
    """Return the decades of the deepest linear net without a norm."""
    depth = deepest(record)
    net = {"act": "linear", "norm": "none", "skip": skip, "depth": depth}
    return Contrast(of(decades(record, 1, **net)))


def level(record: Record) -> Estimate:
    """Scaled weights keep a linear net's gradient: χ = 1."""
    arm = "decades in the deepest linear net without a norm"
    return estimate(arm, linear(record, False), within, HEALTHY)


def doubled(record: Record) -> Estimate:
    """With skips each layer doubles its square: 7.4 decades over 50."""
    arm = "decades in the deepest linear net with skips, without a norm"
    return estimate(arm, linear(record, True), above, HEALTHY)


def is_stable(record: Record) -> Decision:
    """From the last hidden layer back to the first the gradient norm of a
    deep ReLU net changes by |d| decades. BatchNorm prevents that when the
    net without a norm changes by more than {HEALTHY:.0f} decades more: the
    95 % interval of |d| without minus |d| with BatchNorm, paired by seed,
    widened for all nets, lies above {HEALTHY:.0f}; it does not when it lies
    below, as where nothing was to prevent. The nets have the largest depth,
    without and with skips, at four sizes m of the batch. In all: holds. In
    some, and not in the rest: holds when. In none: does not hold.
    """
    nets, arms = {}, {}
    batch, depth = {"act": "relu", "norm": "batch"}, deepest(record)
    for skip in SKIPS:
        net = {"depth": depth, "skip": skip}
        bare = decades(record, 1, act="relu", norm="none", **net)
        for m in record.distinct("batch", **batch):
            arm = f"{depth} layers {SKIPS[skip]}, m = {m}"
            nets[arm] = depth, skip, m
            own = decades(record, 1, batch=m, **batch, **net)
            sizes = ([abs(d) for d in ds] for ds in (bare, own))
            arms[arm] = Contrast(*map(of, sizes))
    most = {
        skip: max((c.peer.at_best.mean() for a, c in arms.items()
                   if nets[a][1] is skip), default=0.0)
        for skip in SKIPS
    }  # fmt: skip
    plain = arms and max(c.own.at_best.mean() for c in arms.values())
    change = (f"{plain:.0f} decades become {most[True]:.0f} with skips, "
              f"0 become {most[False]:.0f} without.")  # fmt: skip
    found = settle(
        arms, above, HEALTHY, because=told(record),
        says={
            "holds": "BatchNorm prevents it in all {count} deep nets.",
            "holds when": f"At worst {change}",
            "does not hold": "BatchNorm prevents it in none of {count} "
            "deep nets.",
        },
    )  # fmt: skip
    if found.verdict != "holds when":
        return found
    clear: dict[tuple[int, bool], list[int]] = {}
    for e in found.estimates:
        if e.state is State.CLEAR:
            depth, skip, m = nets[e.arm]
            clear.setdefault((depth, skip), []).append(m)
    sizes = len(record.distinct("batch", **batch))
    return replace(found, when="the net has " + join([
        f"{depth} layers {SKIPS[skip]}"
        + (f" (m = {join(m, 'or')})" if len(m) < sizes else "")
        for (depth, skip), m in clear.items()
    ], "or"))  # fmt: skip


def deepest(record: Record) -> int:
    """Return the largest depth that was measured."""
    return max(record.distinct("depth"))


def told(record: Record) -> str:
    """Tell the decades of each net, and the factor of a layer."""
    lines, sizes = [], []
    for depth, skip in product(record.distinct("depth"), SKIPS):
        net = {"act": "relu", "depth": depth, "skip": skip}
        bare = np.mean(decades(record, 1, norm="none", **net))
        sizes = record.distinct("batch", norm="batch", **net)
        mean = [
            np.mean(decades(record, 1, norm="batch", batch=m, **net))
            for m in sizes
        ]
        layer = 10 ** (np.array(mean) / (depth - 1))
        lines.append(
            f"{depth} layers {SKIPS[skip]} {signed(bare)} without a norm, "
            f"{join([signed(d) for d in mean])} with BatchNorm, a factor "
            f"of {join([f'{x:.2f}' for x in layer])} a layer"
        )
    return f"Decades at m = {join(sizes)}: {'; '.join(lines)}."
