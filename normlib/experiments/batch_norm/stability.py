"""The rule of the explosion trial: which nets keep their gradient?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from ...records import Record
from ..arms import Contrast, of
from ..decisions import (
    Decision,
    Estimate,
    State,
    above,
    below,
    estimate,
    settle,
    within,
)
from ..intervals import decades, join, signed

HEALTHY = 3.0  # decades that the gradient may change over the depth
SKIPS = {False: "without skips", True: "with skips"}


def change(record: Record, **net: Any) -> list[float]:
    """Return the decades of the deepest net from layer 50 back to 1."""
    return decades(record, 1, **{"depth": deepest(record)} | net)


def level(record: Record) -> Estimate:
    """Scaled weights keep a linear net's gradient: χ = 1."""
    found = change(record, act="linear", norm="none", skip=False)
    arm = "decades in the deepest linear net without a norm"
    return estimate(arm, Contrast(of(found)), within, HEALTHY)


def unhealthy(record: Record) -> Estimate:
    """Without a norm the deepest ReLU nets must be seen to do both.

    To explode with skips, and to vanish from PyTorch's start without.
    """
    relu = {"act": "relu", "norm": "none"}
    up = change(record, skip=True, start="scaled", **relu)
    down = change(record, skip=False, start="default", **relu)
    found = [
        estimate(f"decades that a net without a norm {does}",
                 Contrast(of(ds)), above, HEALTHY, 2)
        for does, ds in (("explodes", up), ("vanishes", [-d for d in down]))
    ]  # fmt: skip
    return min(found, key=lambda e: e.interval.low)


def is_stable(record: Record) -> Decision:
    """From the last hidden layer back to the first the gradient norm of a
    ReLU net with BatchNorm changes by |d| decades. Vanishing and explosion
    are prevented where |d| lies below {HEALTHY:.0f}, and not where it lies
    above: 95 % intervals, widened for all nets. They have the largest
    depth, without and with skips, at four sizes m of the batch; the scale
    of their weights is lost in BatchNorm. Prevented in all: holds. In some,
    and not in the rest: holds when. In none: does not hold. Nets without a
    norm, from scaled weights and from PyTorch's start, stand beside.
    """
    arms, nets, worst = {}, {}, {}
    depth = deepest(record)
    for skip in SKIPS:
        net = {"act": "relu", "norm": "batch", "skip": skip}
        for m in record.distinct("batch", **net):
            arm = f"{depth} layers {SKIPS[skip]}, m = {m}"
            nets[arm] = skip, m
            size = of([abs(d) for d in change(record, batch=m, **net)])
            arms[arm] = Contrast(size)
            worst[skip] = max(worst.get(skip, 0.0), size.at_best.mean())
    found = settle(
        arms, below, HEALTHY, because=told(record),
        says={
            "holds": "BatchNorm keeps the gradient in all {count} nets.",
            "holds when": headline(record, worst),
            "does not hold": "With BatchNorm it changes by "
            f"{min(worst.values(), default=0):.0f} decades or more.",
        },
    )  # fmt: skip
    if found.verdict != "holds when":
        return found
    clear: dict[bool, list[int]] = {}
    for e in found.estimates:
        if e.state is State.CLEAR:
            skip, m = nets[e.arm]
            clear.setdefault(skip, []).append(m)
    sizes = len({m for _, m in nets.values()})
    return replace(found, when="the net has " + join([
        f"{depth} layers {SKIPS[skip]}"
        + (f" (m = {join(m, 'or')})" if len(m) < sizes else "")
        for skip, m in clear.items()
    ], "or"))  # fmt: skip


def bare(record: Record, skip: bool, start: str) -> float:
    """Return the mean change of a deep ReLU net without a norm."""
    found = change(record, act="relu", norm="none", skip=skip, start=start)
    return float(np.mean(found)) if found else float("nan")


def headline(record: Record, worst: dict[bool, float]) -> str:
    """Say what the nets without a norm become, with and without skips."""
    if set(worst) != set(SKIPS):
        return (
            "BatchNorm keeps the gradient in {clear_count} of {count} nets."
        )
    skip, level, gone = (
        f"{bare(record, *net):.0f}".replace("-0", "0").replace("-", "−")
        for net in ((True, "scaled"), (False, "scaled"), (False, "default"))
    )
    return (
        f"Use skips: {skip} decades become {worst[True]:.0f}. Without, "
        f"{level} and {gone} become {worst[False]:.0f}."
    )


def deepest(record: Record) -> int:
    """Return the largest depth that was measured."""
    return max(record.distinct("depth"))


def told(record: Record) -> str:
    """Tell the decades of each net, and the factor of a layer."""
    lines, sizes = [], []
    for depth, skip in product(record.distinct("depth"), SKIPS):
        net = {"act": "relu", "depth": depth, "skip": skip}
        plain = join(
            [
                signed(
                    np.mean(change(record, norm="none", start=start, **net))
                )
                for start in record.distinct("start", norm="none", **net)
            ]
        )
        sizes = record.distinct("batch", norm="batch", **net)
        mean = [
            np.mean(change(record, norm="batch", batch=m, **net))
            for m in sizes
        ]
        layer = 10 ** (np.array(mean) / (depth - 1))
        lines.append(
            f"{depth} layers {SKIPS[skip]} {plain} without a norm, "
            f"{join([signed(d) for d in mean])} with BatchNorm, a factor "
            f"of {join([f'{x:.2f}' for x in layer])} a layer"
        )
    return (
        f"Decades (without a norm from scaled weights and from PyTorch's; "
        f"at m = {join(sizes)}): {'; '.join(lines)}."
    )
