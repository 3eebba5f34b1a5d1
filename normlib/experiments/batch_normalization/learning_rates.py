"""Does BatchNorm allow higher learning rates, and is it faster?

MLPs of six hidden layers on 8×8 digits, trained by plain SGD at eight
learning rates from 0.003 to 10: without a norm, with BatchNorm and with
LayerNorm, with ReLU and with sigmoid.
"""

from __future__ import annotations

import math
from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import ensemble
from ..arms import at_best, join
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

TRAINED = 10.0  # per cent validation error that counts as trained
HIGHER = math.log10(3)  # decades: one step of the grid of rates
FASTER = math.log10(1.5)  # decades: a ratio of steps
ACTS = {"relu": "ReLU", "sigmoid": "sigmoid"}

FULL = {
    "norms": ["none", "batch", "layer"],
    "acts": ["relu", "sigmoid"],
    "rates": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
    "depth": 6,
    "width": 64,
    "batch": 64,
    "steps": 600,
    "first_seed": 200,  # lower ones were pilots
    "seeds": 10,
}
PRESETS = {
    "live": FULL
    | {
        "acts": ["relu"],
        "norms": ["none", "batch"],
        "rates": [0.01, 0.1, 1.0],
        "steps": 200,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL
    | {"depth": 12, "width": 512, "batch": 256, "steps": 3000, "seeds": 20},
}


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of an activation and norm."""
    arms = product(config["acts"], config["norms"])
    return [{"act": act, "norm": norm} for act, norm in arms]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = unit | {"init": "scaled", "depth": config["depth"]}
    return ensemble.sweep(
        config, unit, shape, device, momentum=0.0, trained=TRAINED
    )


def highest_rate(record: Record, **arm: str) -> list[float]:
    """Log10, seed by seed, of the highest rate at which the net trained.

    A net that never trained counts as half a decade below the grid.
    """
    lowest = math.log10(min(record.config["rates"])) - 0.5
    highest: dict[int, float] = {}
    for row in record.where(**arm):
        usable = row["val_error"] <= TRAINED
        rate = math.log10(row["rate"]) if usable else lowest
        highest[row["seed"]] = max(rate, highest.get(row["seed"], lowest))
    return [highest[seed] for seed in sorted(highest)]


def log_steps(record: Record, **arm: str) -> list[float]:
    """Log10 of the steps until trained, at the arm's best rate."""
    never = 2 * record.config["steps"]
    steps = at_best(record, "trained_at", **arm)
    return [math.log10(s or never) for s in steps]


def advantage(
    record: Record, act: str, norm: str = "batch"
) -> tuple[Interval, Interval]:
    """Decades of learning rate and of steps that a norm gains on none."""
    count = 2 * len(record.config["acts"])
    rate, steps = (
        paired_interval(
            metric(record, norm=better, act=act),
            metric(record, norm=worse, act=act),
            comparisons=count,
        )
        for metric, better, worse in (
            (highest_rate, norm, "none"),
            (log_steps, "none", norm),
        )
    )
    return rate, steps


def is_higher_and_faster(record: Record) -> Decision:
    """Decide bn.higher-lr."""
    shown, absent, unclear, told = [], 0, 0, []
    for act in record.config["acts"]:
        rate, steps = advantage(record, act)
        told.append(
            f"{ACTS[act]}: highest rate ×{times(rate)}, "
            f"steps ÷{times(steps)}"
            if any(record.values("trained_at", norm="none", act=act))
            else f"{ACTS[act]}: without a norm no rate works"
        )
        for what, gain, margin in (
            ("a higher rate", rate, HIGHER),
            ("fewer steps", steps, FASTER),
        ):
            if gain.low > margin:
                shown.append(f"{what} with {ACTS[act]}")
            elif gain.high < margin:
                absent += 1
            else:
                unclear += 1
    because = "; ".join(told) + "."
    if not absent + unclear:
        return Decision("holds", because)
    if shown:
        return Decision(
            "holds when", because, when=f"it means {join(shown)}"
        )
    return Decision("open" if unclear else "does not hold", because)


def times(decades: Interval) -> str:
    """Print an interval of decades as factors: "10 [8, 13]"."""
    mean, low, high = (10**x for x in decades)
    return f"{mean:.2g} [{low:.2g}, {high:.2g}]"


def plot(record: Record, guess: dict | None = None) -> Figure:
    """Draw test error against the learning rate."""
    acts, rates = record.config["acts"], record.config["rates"]
    fig, axes = figures.panels(len(acts), height=2.8)
    for ax, act in zip(axes, acts, strict=True):
        for norm in record.config["norms"]:
            points = [
                mean_interval(
                    record.values("test_error", norm=norm, act=act, rate=r)
                )
                for r in rates
            ]
            figures.line(ax, norm, rates, points)
            figures.star(ax, norm, (guess or {}).get(norm), 50.0)
        ax.set(xscale="log", ylim=(0, 95), title=ACTS[act])
        ax.set_ylabel("test error (%)")
    axes[-1].set_xlabel("learning rate")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.learning_rates",
    question="Does BatchNorm allow higher rates, and is it faster?",
    source=("ioffe2015",),
    scope=(
        "MLPs of six hidden layers on 8×8 digits, batches of 64, plain "
        "SGD, weights scaled to keep the variance at the start."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.higher-lr": Rule(
            f"For ReLU and for sigmoid: the highest learning rate at which "
            f"a net reaches {TRAINED:.0f} % validation error is more than "
            f"3 times higher with BatchNorm than without a norm, and at "
            f"each one's best rate BatchNorm gets there in less than "
            f"1/1.5 of the steps. Low ends of 95 % intervals (paired by "
            f"seed, Bonferroni over the four contrasts) decide. All four: "
            f"holds. Some: holds when. All four high ends below the "
            f"margin: does not hold.",
            is_higher_and_faster,
        ),
    },
    plot=plot,
    order=30,
)
