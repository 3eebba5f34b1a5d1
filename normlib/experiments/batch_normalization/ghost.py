"""Does BatchNorm regularize, and how much at which m?

MLPs on 8×8 digits, 256 images a step. BatchNorm sees them in groups of m,
"ghost batches", so the optimizer's batch stays while the noise in the
statistics changes. Of the training labels 40 % are drawn anew: a net that
learns them all by heart errs more on the test images.
"""

from __future__ import annotations

from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import groups
from ..arms import at_best
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

MARGIN = 3.0  # points of test error that a regularizer must save
RATE = 0.1  # the common learning rate of the verdict

FULL = {
    "noise": [0.0, 0.4],
    "groups": [4, 8, 16, 32, 64, 256],
    "peers": ["none", "layer"],
    "rates": [0.01, 0.03, RATE],
    "batch": 256,
    "steps": 300,
    "first_seed": 0,
    "seeds": 10,
}
PRESETS = {
    "live": FULL
    | {
        "noise": [0.4],
        "groups": [8],
        "peers": ["none"],
        "rates": [RATE],
        "steps": 100,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL | {"steps": 1500, "seeds": 40},
}


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds at a noise, norm and m."""
    arms = [(norm, config["batch"]) for norm in config["peers"]]
    arms += [("batch", m) for m in config["groups"]]
    return [
        {"noise": noise, "norm": norm, "m": m}
        for noise, (norm, m) in product(config["noise"], arms)
    ]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = {"side": 1, "norm": unit["norm"], "n": unit["m"], "width": 2}
    noisy = config | {"noise": unit["noise"]}
    return groups.sweep(noisy, unit, shape, device)


def saved(record: Record, column: str, m: int) -> Interval:
    """Points by which the plain net exceeds BatchNorm's at `RATE`."""
    arm = {"noise": max(record.config["noise"]), "rate": RATE}
    plain = record.values(column, norm="none", **arm)
    own = record.values(column, norm="batch", m=m, **arm)
    return paired_interval(plain, own)


def best_saved(record: Record, m: int) -> Interval:
    """The same for the test error, each net at its own best rate."""
    noise = max(record.config["noise"])
    plain = at_best(record, "test_error", norm="none", noise=noise)
    own = at_best(record, "test_error", norm="batch", m=m, noise=noise)
    return paired_interval(plain, own)


def is_regularizer(record: Record) -> Decision:
    """Decide bn.regularizes."""
    sizes = record.config["groups"]
    test = {m: saved(record, "test_error", m) for m in sizes}
    train = {m: saved(record, "train_error", m) for m in sizes}
    yes = [m for m in sizes if test[m].low > MARGIN and train[m].high < 0]
    no = [m for m in sizes if test[m].high < MARGIN]
    told = ", ".join(f"{test[m]} at m = {m}" for m in sizes)
    own = ", ".join(f"{best_saved(record, m)} at m = {m}" for m in sizes)
    because = (
        f"Points of test error saved at the same learning rate: {told}. "
        f"With each net at its own best rate: {own}."
    )
    if len(yes) == len(sizes):
        return Decision("holds", because)
    if yes and max(yes) < min(set(sizes) - set(yes)):
        when = (
            f"few values share a mean, m = {max(yes)} or less, and the "
            f"learning rate is the same"
        )
        return Decision("holds when", because, when=when)
    if len(no) == len(sizes):
        return Decision("does not hold", because)
    return Decision("open", because)


def plot(record: Record) -> Figure:
    """Draw error on training labels and on test images against m."""
    fig, axes = figures.panels(2, height=2.9)
    arm = {"noise": max(record.config["noise"]), "rate": RATE}
    sizes = record.config["groups"]
    names = ("training error (%)", "test error (%)")
    for ax, column, name in zip(
        axes, ("train_error", "test_error"), names, strict=True
    ):
        for norm in (*record.config["peers"], "batch"):
            points = [
                mean_interval(
                    record.values(column, norm=norm, **arm)
                    if norm in record.config["peers"]
                    else record.values(column, norm=norm, m=m, **arm)
                )
                for m in sizes
            ]
            figures.line(ax, norm, sizes, points)
        ax.set(xscale="log", ylim=(0, None), ylabel=name)
        ax.set_xticks(sizes, [str(m) for m in sizes])
        ax.minorticks_off()
    axes[-1].set_xlabel("m, values that share a mean")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.ghost",
    question="Does BatchNorm regularize, and at which m?",
    source=("ioffe2015", "hoffer2017"),
    scope=(
        "MLPs of two hidden layers on 8×8 digits, 40 % of the training "
        "labels drawn anew, 256 images a step, 300 steps."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.regularizes": Rule(
            f"A regularizer fits the noisy training labels less and errs "
            f"less on clean test images. BatchNorm at each m beside no "
            f"norm: same initial weights, same steps, learning rate "
            f"{RATE}, paired by seed. It regularizes at m when the 95 % "
            f"interval of the saved test error lies above {MARGIN:.0f} "
            f"points and that of the training error below 0. At all m: "
            f"holds. At the smaller m only: holds when. Under "
            f"{MARGIN:.0f} points at all m: does not hold. Otherwise open.",
            is_regularizer,
        ),
    },
    plot=plot,
    order=34,
)
