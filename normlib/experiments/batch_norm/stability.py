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
    depth = max(record.distinct("depth"))
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
    """From the last hidden layer back to the first the gradient norm
    changes by d decades. A ReLU net with BatchNorm is healthy when the 95 %
    interval of d over seeds, widened for all nets, lies within
    ±{HEALTHY:.0f}, sick when it lies outside. The nets are two depths,
    without and with skips, at four sizes m of the batch. All healthy:
    holds. Some healthy and the rest sick: holds when. All sick: does not
    hold.
    """
    nets, arms = {}, {}
    batch = {"act": "relu", "norm": "batch"}
    for depth, skip in product(record.distinct("depth"), SKIPS):
        for m in record.distinct("batch", **batch):
            arm = f"{depth} layers {SKIPS[skip]}, m = {m}"
            nets[arm] = depth, skip, m
            d = decades(record, 1, depth=depth, skip=skip, batch=m, **batch)
            arms[arm] = Contrast(of(d))
    mean = {arm: c.own.at_best.mean() for arm, c in arms.items()}
    far = {s: max((abs(mean[a]) for a in nets if nets[a][1] is s),
                  default=0.0) for s in SKIPS}  # fmt: skip
    worst = (f"at worst {far[False]:.0f} decades without skips, "
             f"{far[True]:.0f} with.")  # fmt: skip
    found = settle(
        arms, within, HEALTHY, because=told(nets, mean),
        says={
            "holds": f"Healthy in all {{count}} nets: {worst}",
            "holds when": f"Healthy in {{clear_count}} of {{count}} nets: "
            f"{worst}",
            "does not hold": f"Healthy in none of {{count}} nets: {worst}",
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


def told(nets: dict[str, tuple], mean: dict[str, float]) -> str:
    """Tell the decades of each net, and the factor of a layer."""
    rows: dict[tuple, dict[int, float]] = {}
    for arm, (depth, skip, m) in nets.items():
        rows.setdefault((depth, skip), {})[m] = mean[arm]
    lines = []
    for (depth, skip), by_m in rows.items():
        layer = 10 ** (np.array([*by_m.values()]) / (depth - 1))
        lines.append(
            f"{depth} layers {SKIPS[skip]} "
            f"{join([signed(d) for d in by_m.values()])}, a factor of "
            f"{join([f'{x:.2f}' for x in layer])} a layer"
        )
    sizes = join([*rows.popitem()[1]]) if rows else ""
    return f"Decades at m = {sizes}: {'; '.join(lines)}."
