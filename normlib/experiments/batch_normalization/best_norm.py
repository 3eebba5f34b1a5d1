"""Is BatchNorm the best norm for a CNN, and for an MLP?

A CNN and an MLP of 2 and of 8 layers learn 8×8 digits with each norm at
its own best learning rate. BatchNorm has all 48 images of a step in its
statistics: this is its home ground.
"""

from __future__ import annotations

from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import groups
from ..arms import at_best, join
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

MARGIN = 1.0  # percentage points of test error that make a difference
NETS = {1: "MLP", 4: "CNN"}

FULL = {
    "sides": [1, 4],
    "depths": [2, 8],
    "norms": ["none", "layer", "rms", "group", "batch"],
    "rates": [0.03, 0.1, 0.3],
    "batch": 48,
    "steps": 400,
    "first_seed": 0,
    "seeds": 10,
}
PRESETS = {
    "live": FULL
    | {
        "sides": [1],
        "depths": [2],
        "norms": ["layer", "batch"],
        "rates": [0.1],
        "steps": 100,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL | {"steps": 2000, "seeds": 40},
}


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of a net and norm."""
    arms = product(config["sides"], config["depths"], config["norms"])
    return [{"side": s, "depth": d, "norm": norm} for s, d, norm in arms]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    return groups.sweep(config, unit, unit | {"n": config["batch"]}, device)


def behind(record: Record, side: int, depth: int) -> dict[str, Interval]:
    """Return, by norm, its test error minus BatchNorm's, in points."""
    net = {"side": side, "depth": depth}
    own = at_best(record, "test_error", norm="batch", **net)
    peers = [norm for norm in record.config["norms"] if norm != "batch"]
    return {
        norm: paired_interval(
            at_best(record, "test_error", norm=norm, **net),
            own,
            comparisons=len(peers),
        )
        for norm in peers
    }


def is_best(record: Record, side: int) -> Decision:
    """Decide whether BatchNorm is the best norm of a net."""
    first, level, told = [], [], []
    for depth in record.config["depths"]:
        gaps = behind(record, side, depth)
        if all(gap.low > 0 for gap in gaps.values()):
            first.append(f"{depth} layers")
        elif any(gap.high < MARGIN for gap in gaps.values()):
            level.append(f"{depth} layers")
        numbers = (f"{norm} {gap}" for norm, gap in gaps.items())
        told.append(f"at {depth} layers {', '.join(numbers)}")
    because = (
        f"Test error minus BatchNorm's in points, {NETS[side]}: "
        f"{'; '.join(told)}."
    )
    count = len(record.config["depths"])
    if len(first) == count:
        return Decision("holds", because)
    if len(level) == count:
        return Decision("does not hold", because)
    if first:
        when = f"the net has {join(first)}"
        return Decision("holds when", because, when=when)
    return Decision("open", because)


def best_for_cnn(record: Record) -> Decision:
    """Decide bn.cnn."""
    return is_best(record, 4)


def best_for_mlp(record: Record) -> Decision:
    """Decide bn.mlp."""
    return is_best(record, 1)


def table(record: Record) -> str:
    """Print the test error in per cent, a row a norm, a column a net."""
    arms = list(product(record.config["sides"], record.config["depths"]))
    heads = [f"{NETS[side]}, {depth} layers" for side, depth in arms]
    lines = [f"{'norm':6}" + "".join(f"{head:>17}" for head in heads)]
    for norm in record.config["norms"]:
        errors = [
            mean_interval(
                at_best(
                    record, "test_error", side=side, depth=depth, norm=norm
                )
            )
            for side, depth in arms
        ]
        cells = "".join(f"{e!s:>17}" for e in errors)
        lines.append(f"{norm:6}" + cells)
    return "\n".join(lines)


def plot(record: Record) -> Figure:
    """Draw test error against depth."""
    sides, depths = record.config["sides"], record.config["depths"]
    fig, axes = figures.panels(len(sides), height=2.9)
    for ax, side in zip(axes, sides, strict=True):
        for norm in record.config["norms"]:
            points = [
                mean_interval(
                    at_best(
                        record, "test_error", side=side, depth=d, norm=norm
                    )
                )
                for d in depths
            ]
            figures.line(ax, norm, depths, points)
        ax.set(ylim=(0, None), ylabel="test error (%)", title=NETS[side])
        ax.set_xticks(depths)
    axes[-1].set_xlabel("hidden layers")
    return figures.finish(fig, record)


SAYS = (
    f"Test error of every other norm, and of none, minus BatchNorm's, each "
    f"at its best learning rate, at 2 and 8 layers, paired by seed, 95 % "
    f"intervals for all peers together. All above 0 at both depths: holds; "
    f"at one: holds when. Some peer less than {MARGIN:.0f} point behind at "
    f"both: does not hold. Otherwise open."
)

trial = Trial(
    name="batch_normalization.best_norm",
    question="Is BatchNorm the best norm for a CNN, and for an MLP?",
    source=("ioffe2015", "wuhe2018"),
    scope=(
        "MLP and CNN of 2 and 8 hidden layers on 8×8 digits, no skips, 48 "
        "images a step, 400 steps of SGD with momentum."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.cnn": Rule(SAYS, best_for_cnn),
        "bn.mlp": Rule(SAYS, best_for_mlp),
    },
    plot=plot,
    order=35,
)
