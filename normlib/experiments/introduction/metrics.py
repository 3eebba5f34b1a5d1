"""How the choice trial compares two norms: error, steps, rates."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import Contrast, of
from ..decisions import Estimate, Judge, estimate
from ..intervals import Interval, count_trained, join, mean_interval
from .places import NETS, SHORT, swept, worst

# The two choices: statistics over the batch or over the sample, and with
# or without a mean.
PAIRS = (("batch", "layer"), ("layer", "rms"))
TRAINED = 10.0  # per cent validation error that counts as trained
# What separates two norms: points of error (five of 300 images), decades
# of steps (a factor 1.5), and learning rates (neighbours differ by ×3).
MARGINS = {
    "final error": 1.5,
    "steps to train": math.log10(1.5),
    "usable learning rates": 1.0,
}
Pair = tuple[str, str, str]  # a norm, another, and the net


def compared(
    record: Record, what: str, own: dict[str, Any], peer: dict[str, Any]
) -> Contrast:
    """Compare two arms in one of the three metrics, paired by seed."""
    unit, options = MARGINS[what], {"column": "test_error"}
    if what == "usable learning rates":
        counts = [of(count_trained(record.where(**arm), TRAINED))
                  for arm in (own, peer)]  # fmt: skip
        return Contrast(*counts, unit=unit)
    if what == "steps to train":
        options = {"column": "trained_at", "by": "trained_at", "log": True}
    arms = [
        swept(record, norms=[arm["norm"]], net=arm["net"], **options)
        for arm in (own, peer)
    ]
    return Contrast(*arms, unit=unit)


def pairs(record: Record, what: str) -> dict[Pair, Contrast]:
    """Return all contrasts of a metric."""
    nets = [n for n in NETS if n in record.distinct("net")]
    return {
        (a, b, net): compared(
            record, what, {"norm": a, "net": net}, {"norm": b, "net": net}
        )
        for (a, b), net in product(PAIRS, nets)
    }


def told(what: str, found: Contrast, family: int = 1) -> Interval:
    """Return the interval in points or rates; of steps, as a factor."""
    interval = found.interval(family).times(MARGINS[what])
    return interval.powers() if what == "steps to train" else interval


def contrast(
    record: Record, what: str, a: str, b: str, **place: str
) -> Interval:
    """Return the interval of a − b; of steps, of the factor a / b."""
    arms = ({"norm": norm} | place for norm in (a, b))
    family = len(MARGINS) * len(pairs(record, what))
    return told(what, compared(record, what, *arms), family)


def sentence(what: str, found: dict[Pair, Contrast]) -> str:
    """Tell all contrasts of a metric, by pair and net."""
    family, rows = len(MARGINS) * len(found), {}
    for (a, b, net), one in found.items():
        pair = f"{figures.name(a)} against {figures.name(b)}"
        seen = f"{told(what, one, family)} ({SHORT[net]})"
        rows.setdefault(pair, []).append(seen)
    numbers = "; ".join(f"{p} {join(row)}" for p, row in rows.items())
    return f"{what.capitalize()}: {numbers}."


def largest(arms: dict[str, dict[Pair, Contrast]]) -> str:
    """Tell the largest difference in each metric, and between whom."""
    far = [max((_size(one), pair[:2]) for pair, one in found.items())
           for found in arms.values()]  # fmt: skip
    error, steps, rates = (size for size, _ in far)
    between = {pair for _, pair in far}
    who = join(map(figures.name, *between)) if len(between) == 1 else ""
    return (
        f"{error:.1f} points, ×{10**steps:.1f} steps, {rates:.0f} rates "
        f"between {who or 'two norms'}"
    )


def _size(found: Contrast) -> float:
    return abs((found.own.at_best - found.peer.at_best).mean())


def control(record: Record, net: str, judge: Judge, arm: str) -> Estimate:
    """Judge LayerNorm in a control against He's net, in all metrics."""
    arms = [{"net": n, "norm": "layer"} for n in (net, "scaled")]
    return worst([
        estimate(f"{arm}: {what}, in margins",
                 compared(record, what, *arms), judge, 1.0, len(MARGINS))
        for what in MARGINS
    ])  # fmt: skip


def plot(record: Record) -> Figure:
    """Draw how many learning rates are usable, a row a net and norm."""
    rows, norms = {}, []
    for net in [n for n in NETS if n in record.distinct("net")]:
        for norm in record.distinct("norm", net=net):
            found = record.where(norm=norm, net=net)
            usable = mean_interval(count_trained(found, TRAINED))
            rows[f"{figures.name(norm)}, {SHORT[net]}"] = usable
            norms.append(norm)
    return figures.forest(
        rows, norms, record=record, xlabel="usable learning rates",
        xlim=(-0.2, len(record.config["rates"]) + 0.2),
    )  # fmt: skip
