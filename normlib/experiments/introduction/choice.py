"""A second reading of the depth trial: does it matter which norm?

Three things a reader feels when choosing among BatchNorm, LayerNorm and
RMSNorm: the final error, the steps until trained, and how many learning
rates work at all.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..before import settle
from ..decisions import Decision, State, apart
from ..intervals import (
    Interval,
    at_best,
    count_trained,
    log_steps,
    mean_interval,
    paired_interval,
)
from .places import TITLES, by_label

# The two choices: statistics over the batch or over the sample, and with
# or without a mean.
PAIRS = (("batch", "layer"), ("layer", "rms"))
TRAINED = 10.0  # per cent validation error that counts as trained
# What separates two norms: points of error, a ratio of steps, and a
# number of learning rates (neighbours differ by about ×3).
MARGINS = {
    "final error": 1.0,
    "steps to train": math.log10(1.5),
    "usable learning rates": 1.0,
}


def metric(record: Record, what: str, **arm: Any) -> list[float]:
    """Return one of the three metrics, seed by seed."""
    if what == "final error":
        return at_best(record, "test_error", **arm)
    if what == "usable learning rates":
        return count_trained(record.where(**arm), TRAINED)
    return log_steps(record, **arm)


def contrast(
    record: Record, what: str, a: str, b: str, **place: Any
) -> Interval:
    """Return the interval of a − b, paired by seed."""
    values = (metric(record, what, norm=n, **place) for n in (a, b))
    count = len(PAIRS) * len(by_label(record))
    return paired_interval(*values, comparisons=count)


def choice_matters(record: Record) -> Decision:
    """Compare BatchNorm with LayerNorm, and LayerNorm with RMSNorm, for
    each kind of net and depth. Two norms differ when a 95 % interval
    (paired by seed, Bonferroni over pairs and places) lies beyond
    {MARGINS[final error]:.0f} point of test error, a factor 1.5 in the
    steps until {TRAINED:.0f} % validation error, or
    {MARGINS[usable learning rates]:.0f} of the learning rates tried.
    Everywhere in all three: holds. Somewhere: holds when. Nowhere, with
    every interval inside its margin: does not hold.
    """
    arms, sentences = {}, []
    for a, b in PAIRS:
        pair = f"{figures.name(a)} and {figures.name(b)}"
        counts = dict.fromkeys(MARGINS, 0)
        for what, (place, arm) in product(
            MARGINS, by_label(record).items()
        ):
            found = contrast(record, what, a, b, **arm)
            scaled = found.times(1 / MARGINS[what])
            arms[f"{pair}: {what} at {place}"] = scaled
            counts[what] += apart(scaled, 1.0) is State.CLEAR
        seen = ", ".join(f"in {what} at {n}" for what, n in counts.items())
        sentences.append(
            f"{pair} differ {seen} of {len(by_label(record))} places"
        )
    states = [apart(i, 1.0) for i in arms.values()]
    because = (
        f"{'. '.join(sentences)}. {states.count(State.UNCLEAR)} of "
        f"{len(states)} contrasts are too noisy to tell."
    )
    return settle(
        arms, apart, 1.0, because=because,
        when="you choose between {arms}", last="or",
    )  # fmt: skip


def plot_rates(record: Record) -> Figure:
    """Draw the number of usable learning rates against depth."""

    def usable(**arm: Any) -> Interval:
        return mean_interval(count_trained(record.where(**arm), TRAINED))

    fig, _ = figures.curves(
        usable, {"depth": record.config["depth"]}, record.config["norm"],
        {TITLES[net]: {"net": net} for net in record.config["net"]},
        xlabel="hidden layers", ylabel="usable rates", ylim=(-0.3, 6.3),
        height=2.5,
    )  # fmt: skip
    return figures.finish(fig, record)
