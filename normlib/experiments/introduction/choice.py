"""The rule of intro.choice-matters, read from the depth trial's record.

Three things a reader feels when choosing among BatchNorm, LayerNorm and
RMSNorm: the final error, the steps until trained, and how many learning
rates work at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import at_best, join
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Decision, Rule, Unit
from .places import TITLES, Place, name_places, places

# The two choices: statistics over the batch or over the sample, and with
# or without a mean.
PAIRS = (("batch", "layer"), ("layer", "rms"))
TRAINED = 10.0  # per cent validation error that counts as trained
# What separates two norms: points of error, a ratio of steps, and a
# number of learning rates (neighbours differ by about ×3).
MARGINS = {
    "final error": 1.0,
    "steps to train": math.log(1.5),
    "usable learning rates": 1.0,
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
    every = places(record)
    count = len(PAIRS) * len(every)
    told, whens, clear, unclear = [], [], 0, 0
    for a, b in PAIRS:
        apart: dict[str, list[Place]] = {what: [] for what in MARGINS}
        for net, depth in every:
            place = {"net": net, "depth": depth}
            found = contrasts(record, place, a, b, count)
            for what, interval in found.items():
                margin = MARGINS[what]
                if interval.low > margin or interval.high < -margin:
                    apart[what].append((net, depth))
                elif interval.high > margin or interval.low < -margin:
                    unclear += 1
        pair = f"{figures.STYLES[a][0]} and {figures.STYLES[b][0]}"
        where = [p for p in every if any(p in w for w in apart.values())]
        clear += sum(map(len, apart.values()))
        counts = [f"{what} at {len(w)}" for what, w in apart.items()]
        told.append(f"{pair} differ in {join(counts)} of {len(every)}")
        if where:
            whens.append(f"between {pair} for {name_places(where)}")
    because = (
        f"{'. '.join(told)} places. {unclear} of {3 * count} contrasts "
        f"are too noisy to tell."
    )
    if clear == 3 * count:
        return Decision("holds", because)
    if whens:
        when = f"you choose {', or '.join(whens)}"
        return Decision("holds when", because, when=when)
    if unclear:
        return Decision("open", because)
    return Decision("does not hold", because)


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
        ax.set(xscale="log", ylim=(-0.3, 6.3), title=TITLES[net])
        ax.set_xticks(depths, map(str, depths))
        ax.minorticks_off()
        ax.set_ylabel("usable rates")
    axes[-1].set_xlabel("hidden layers")
    return figures.finish(fig, record)


RULE = Rule(
    f"Compare BatchNorm with LayerNorm, and LayerNorm with RMSNorm, for "
    f"each kind of net and depth. Two norms differ when a 95 % interval "
    f"(paired by seed, Bonferroni over pairs and places) lies beyond "
    f"{MARGINS['final error']:.0f} point of test error, a factor 1.5 in "
    f"the steps until {TRAINED:.0f} % validation error, or "
    f"{MARGINS['usable learning rates']:.0f} of the learning rates tried. "
    f"Everywhere in all three: holds. Somewhere: holds when. Nowhere, with "
    f"every interval inside its margin: does not hold.",
    choice_matters,
)
