"""Is BatchNorm less sensitive to the scale of the initial weights?

MLPs of six hidden layers on 8×8 digits whose initial weights are
multiplied by a gain from 0.01 to 100: those of the hidden layers, which
a norm may follow, or those of the output layer too, which none follows.
The learning rate is the one that suits gain 1, as a user would have it
who does not know of the gain.
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
PLACES = {"hidden": "hidden layers only", "all": "output layer too"}
SIDES = ("small", "large")

FULL = {
    "norms": ["none", "batch", "layer"],
    "places": ["hidden", "all"],
    "gains": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0],
    "rates": [0.1, 0.3, 1.0, 3.0],
    "depth": 6,
    "width": 64,
    "batch": 64,
    "steps": 600,
    "first_seed": 300,  # lower ones had been looked at
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
    """One unit trains all rates and seeds of a place, gain and norm."""
    arms = product(config["places"], config["gains"], config["norms"])
    return [{"where": w, "gain": gain, "norm": n} for w, gain, n in arms]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = {
        "norm": unit["norm"],
        "gain": unit["gain"],
        "gain_output": unit["where"] == "all",
        "init": "scaled",
        "act": "relu",
        "depth": config["depth"],
    }
    return ensemble.sweep(
        config, unit, shape, device, momentum=0.0, trained=TRAINED
    )


def usable(record: Record, norm: str, where: str, side: str) -> list[int]:
    """Count, seed by seed, the gains of a side at which the net trained.

    Sides are the gains below 1 and those above; the learning rate is
    the best one at gain 1.
    """
    rate = best_rate(record, norm=norm, where=where, gain=1.0)
    counts: dict[int, int] = {}
    for row in record.where(norm=norm, where=where, rate=rate):
        if row["gain"] == 1.0 or (row["gain"] < 1) != (side == "small"):
            continue
        trained = row["val_error"] <= TRAINED
        counts[row["seed"]] = counts.get(row["seed"], 0) + trained
    return [counts[seed] for seed in sorted(counts)]


def more(
    record: Record, where: str, side: str, norm: str = "batch"
) -> Interval:
    """Gains on a side that a norm adds to those of the plain net."""
    return paired_interval(
        usable(record, norm, where, side),
        usable(record, "none", where, side),
        comparisons=len(PLACES) * len(SIDES),
    )


def is_less_sensitive(record: Record) -> Decision:
    """Decide bn.init-insensitive."""
    gained, told = {}, []
    for where, name in PLACES.items():
        found = {side: more(record, where, side) for side in SIDES}
        gained |= {(where, side): i for side, i in found.items()}
        told.append(
            f"{name}, {found['small']} of four small gains and "
            f"{found['large']} of four large ones"
        )
    because = f"BatchNorm adds to those that train: {'; '.join(told)}."
    wins = [key for key, i in gained.items() if i.low > MORE]
    if len(wins) == len(gained):
        return Decision("holds", because)
    if wins:
        parts = []
        for side in SIDES:
            places = [PLACES[w] for w in PLACES if (w, side) in wins]
            if places:
                everywhere = len(places) == len(PLACES)
                only = "" if everywhere else f" ({places[0]})"
                parts.append(f"too {side}{only}")
        when = f"the weights start {join(parts, 'or')}"
        return Decision("holds when", because, when=when)
    if all(i.high < MORE for i in gained.values()):
        return Decision("does not hold", because)
    return Decision("open", because)


def plot(record: Record, guess: dict | None = None) -> Figure:
    """Draw test error against the gain, at the rate that suits gain 1."""
    fig, axes = figures.panels(len(PLACES), height=2.9)
    gains = record.config["gains"]
    for ax, (where, name) in zip(axes, PLACES.items(), strict=True):
        for norm in record.config["norms"]:
            arm = {"norm": norm, "where": where}
            arm["rate"] = best_rate(record, gain=1.0, **arm)
            points = [
                mean_interval(record.values("test_error", gain=g, **arm))
                for g in gains
            ]
            figures.line(ax, norm, gains, points)
        ax.set(xscale="log", ylim=(0, 95), title=name)
        ax.set_ylabel("test error (%)")
    axes[-1].set_xlabel("gain of the initial weights")
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
            f"Multiply the initial weights by a gain, in the hidden "
            f"layers only or in the output layer too, and keep the "
            f"learning rate that suits gain 1. Of the four gains below 1 "
            f"and the four above, BatchNorm trains (to {TRAINED:.0f} % "
            f"validation error) at over {MORE:.0f} more than the net "
            f"without a norm: the low end of the 95 % interval (paired by "
            f"seed, Bonferroni over two places and two sides) lies above "
            f"{MORE:.0f}. In all four cases: holds. In some: holds when. "
            f"All four high ends below {MORE:.0f}: does not hold.",
            is_less_sensitive,
        ),
    },
    plot=plot,
    order=31,
)
