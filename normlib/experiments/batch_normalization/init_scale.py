"""Is BatchNorm less sensitive to the scale of the initial weights?

MLPs of six hidden layers on 8×8 digits whose initial weights are all
multiplied by a gain from 0.01 to 100. The learning rate is the one that
suits gain 1, as a user would have it who does not know of the gain.
"""

from __future__ import annotations

from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import ensemble
from ..arms import best_rate, join
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

TRAINED = 10.0  # per cent validation error that counts as trained
MORE = 1.0  # gains (half decades) that make a norm less sensitive
SIDES = {"small": "start too small", "large": "start too large"}

FULL = {
    "norms": ["none", "batch", "layer"],
    "gains": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0],
    "rates": [0.01, 0.03, 0.1, 0.3, 1.0],
    "depth": 6,
    "width": 64,
    "batch": 64,
    "steps": 600,
    "first_seed": 0,
    "seeds": 8,
}
PRESETS = {
    "live": FULL
    | {
        "norms": ["none", "batch"],
        "gains": [0.1, 1.0, 10.0],
        "rates": [0.1],
        "steps": 200,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL
    | {"depth": 12, "width": 512, "batch": 256, "steps": 3000, "seeds": 20},
}


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of a gain and norm."""
    arms = product(config["gains"], config["norms"])
    return [{"gain": gain, "norm": norm} for gain, norm in arms]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = unit | {
        "init": "scaled",
        "act": "relu",
        "depth": config["depth"],
    }
    return ensemble.sweep(
        config, unit, shape, device, momentum=0.0, trained=TRAINED
    )


def usable(record: Record, norm: str, side: str) -> list[int]:
    """Count, seed by seed, the gains of a side at which the net trained.

    Sides are the gains below 1 and those above; the learning rate is
    the best one at gain 1.
    """
    rate = best_rate(record, norm=norm, gain=1.0)
    counts: dict[int, int] = {}
    for row in record.where(norm=norm, rate=rate):
        if row["gain"] == 1.0 or (row["gain"] < 1) != (side == "small"):
            continue
        trained = row["val_error"] <= TRAINED
        counts[row["seed"]] = counts.get(row["seed"], 0) + trained
    return [counts[seed] for seed in sorted(counts)]


def more(record: Record, side: str, norm: str = "batch") -> Interval:
    """Gains on a side that a norm adds to those of the plain net."""
    return paired_interval(
        usable(record, norm, side),
        usable(record, "none", side),
        comparisons=len(SIDES),
    )


def is_less_sensitive(record: Record) -> Decision:
    """Decide bn.init-insensitive."""
    gained = {side: more(record, side) for side in SIDES}
    told = [
        f"on the {side} side {interval} more gains of four"
        for side, interval in gained.items()
    ]
    because = f"With BatchNorm {join(told)} bring the net to train."
    wins = [s for s, i in gained.items() if i.low > MORE]
    if len(wins) == len(SIDES):
        return Decision("holds", because)
    if wins:
        when = f"the weights {SIDES[wins[0]]}"
        return Decision("holds when", because, when=when)
    if all(i.high < MORE for i in gained.values()):
        return Decision("does not hold", because)
    return Decision("open", because)


def plot(record: Record, guess: dict | None = None) -> Figure:
    """Draw test error against the gain, at the rate that suits gain 1."""
    fig, (ax,) = figures.panels(1, height=3.8)
    gains = record.config["gains"]
    for norm in record.config["norms"]:
        rate = best_rate(record, norm=norm, gain=1.0)
        points = [
            mean_interval(
                record.values("test_error", norm=norm, gain=g, rate=rate)
            )
            for g in gains
        ]
        figures.line(ax, norm, gains, points)
        figures.star(ax, norm, (guess or {}).get(norm), 50.0)
    ax.set(xscale="log", ylim=(0, 95))
    ax.set_xlabel("gain of the initial weights")
    ax.set_ylabel("test error (%)")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.init_scale",
    question="Is BatchNorm less sensitive to the scale of initial weights?",
    source=("ioffe2015", "vanlaarhoven2017"),
    scope=(
        "MLPs of six hidden layers on 8×8 digits, batches of 64, plain "
        "SGD at the rate that suits gain 1, 600 steps."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.init-insensitive": Rule(
            f"Multiply all initial weights by a gain and keep the learning "
            f"rate that suits gain 1. Of the four gains below 1 and the "
            f"four above, BatchNorm trains (to {TRAINED:.0f} % validation "
            f"error) at over {MORE:.0f} more than the net without a norm: "
            f"the low end of the 95 % interval (paired by seed, Bonferroni "
            f"over the two sides) lies above {MORE:.0f}. On both sides: "
            f"holds. On one: holds when. Both high ends below "
            f"{MORE:.0f}: does not hold.",
            is_less_sensitive,
        ),
    },
    plot=plot,
    order=31,
)
