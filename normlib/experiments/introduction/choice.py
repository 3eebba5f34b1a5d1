"""The rule of intro.choice-matters, read from the depth trial's record.

Three things a reader feels when choosing among BatchNorm, LayerNorm and
RMSNorm: the final error, the steps until trained, and how many learning
rates work at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import at_best, join
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Decision, Rule, Unit

NORMS = ("batch", "layer", "rms")
TITLES = {
    "default": "plain, PyTorch's default initialization",
    "scaled": "plain, He's initialization",
    "skip": "with skip connections, default initialization",
}
TRAINED = 10.0  # per cent validation error that counts as trained
# What separates two norms: points of error, a ratio of steps, and a
# number of learning rates (neighbours differ by about ×3).
MARGINS = {
    "final error": 1.0,
    "steps to train": math.log(1.5),
    "usable learning rates": 2.0,
}


def log_steps(record: Record, **arm: str | int) -> list[float]:
    """Log of the steps until trained; never counts as twice the run."""
    never = 2 * record.config["steps"]
    steps = at_best(record, "trained_at", **arm)
    return [math.log(s or never) for s in steps]


def rates_trained(record: Record, **arm: str | int) -> list[int]:
    """Count, seed by seed, the learning rates at which the net trained."""
    counts: dict[int, int] = {}
    for row in record.where(**arm):
        trained = row["val_error"] <= TRAINED
        counts[row["seed"]] = counts.get(row["seed"], 0) + trained
    return [counts[seed] for seed in sorted(counts)]


def contrasts(
    record: Record, place: Unit, a: str, b: str, count: int
) -> dict[str, Interval]:
    """Return the intervals of a − b for the three metrics."""

    def both(metric: Callable[..., list]) -> Interval:
        x, y = (metric(record, norm=norm, **place) for norm in (a, b))
        return paired_interval(x, y, comparisons=count)

    def final_error(record: Record, **arm: str | int) -> list[float]:
        return at_best(record, "test_error", **arm)

    return {
        "final error": both(final_error),
        "steps to train": both(log_steps),
        "usable learning rates": both(rates_trained),
    }


def choice_matters(record: Record) -> Decision:
    """Decide intro.choice-matters."""
    nets, depths = record.config["nets"], record.config["depths"]
    places = [{"net": n, "depth": d} for n, d in product(nets, depths)]
    pairs = list(combinations(NORMS, 2))
    count = len(MARGINS) * len(pairs) * len(places)
    apart: dict[str, set[int]] = {what: set() for what in MARGINS}
    unclear = 0
    for (i, place), (a, b) in product(enumerate(places), pairs):
        found = contrasts(record, place, a, b, count)
        for what, interval in found.items():
            margin = MARGINS[what]
            if interval.low > margin or interval.high < -margin:
                apart[what].add(i)
            elif interval.high > margin or interval.low < -margin:
                unclear += 1
    told = [
        f"{what} at {len(where)}" for what, where in apart.items() if where
    ]
    because = (
        f"Of {len(places)} places (kind of net × depth), two norms "
        f"differ in {join(told)}; {unclear} of {count} contrasts are "
        f"too wide to tell."
    )
    if all(len(where) == len(places) for where in apart.values()):
        return Decision("holds", because)
    deep = {places[i]["depth"] for where in apart.values() for i in where}
    if deep:
        return Decision(
            "holds when", because, when=f"at {join_depths(deep)} layers"
        )
    if unclear:
        return Decision("open", f"{unclear} contrasts are too wide.")
    return Decision("does not hold", "No contrast leaves its margin.")


def join_depths(depths: set[int]) -> str:
    """Say "10, 20 or 50"."""
    return join([str(d) for d in sorted(depths)], "or")


def plot(record: Record) -> Figure:
    """Draw the number of usable learning rates against depth."""
    nets, depths = record.config["nets"], record.config["depths"]
    fig, axes = figures.panels(len(nets), height=2.5)
    for ax, net in zip(axes, nets, strict=True):
        for norm in record.config["norms"]:
            arms = [{"norm": norm, "net": net, "depth": d} for d in depths]
            points = [
                mean_interval(rates_trained(record, **arm)) for arm in arms
            ]
            figures.line(ax, norm, depths, points)
        ax.set(xscale="log", ylim=(-0.3, 7.3), title=TITLES[net])
        ax.set_xticks(depths, map(str, depths))
        ax.minorticks_off()
        ax.set_ylabel("usable rates")
    axes[-1].set_xlabel("hidden layers")
    return figures.finish(fig, record)


RULE = Rule(
    f"Two of BatchNorm, LayerNorm and RMSNorm differ at a depth and kind "
    f"of net when a 95 % interval (paired by seed, Bonferroni over all "
    f"contrasts) lies beyond {MARGINS['final error']:.0f} point of test "
    f"error, a factor 1.5 in the steps until {TRAINED:.0f} % validation "
    f"error, or {MARGINS['usable learning rates']:.0f} of the learning "
    f"rates tried. In all three everywhere: holds. In some, somewhere: "
    f"holds when. In none, with every interval inside its margin: does "
    f"not hold.",
    choice_matters,
)
