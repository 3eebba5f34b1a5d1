"""Does a deep net need a norm, and does it matter which?

MLPs on 8×8 digits: four norms × three kinds of net × growing depth ×
six learning rates. Each arm is judged at its own best rate, chosen on
validation images; errors are counted on test images.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import ensemble
from ..arms import at_best
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit
from . import choice
from .places import NETS, TITLES, Place, name_places, places

NEEDED = 5.0  # points of test error that make a norm "needed"
LOST = 20.0  # per cent test error above which a net has not learnt

FULL = {
    "norms": ["none", "batch", "layer", "rms"],
    "nets": ["default", "scaled", "skip"],
    "depths": [4, 10, 20, 50],
    "rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
    "width": 64,
    "batch": 32,
    "steps": 400,
    "first_seed": 100,  # seeds below were pilots of the rules
    "seeds": 8,
}
PRESETS = {
    "live": FULL
    | {
        "norms": ["none", "layer"],
        "nets": ["default"],
        "depths": [4, 10],
        "rates": [0.01, 0.03, 0.1],
        "steps": 150,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL
    | {
        "depths": [4, 10, 20, 50, 100],
        "width": 256,
        "batch": 128,
        "steps": 1500,
        "seeds": 20,
    },
}


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of a norm, net and depth."""
    keys = ("depth", "net", "norm")
    arms = product(config["depths"], config["nets"], config["norms"])
    return [dict(zip(keys, arm, strict=True)) for arm in arms]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = {
        "norm": unit["norm"],
        "act": "relu",
        "depth": unit["depth"],
        **NETS[unit["net"]],
    }
    return ensemble.sweep(config, unit, shape, device)


def best_norm(record: Record, net: str, depth: int) -> str:
    """Return the norm with the lowest mean validation error."""

    def val(norm: str) -> float:
        arm = {"norm": norm, "net": net, "depth": depth}
        return mean_interval(at_best(record, "val_error", **arm)).mean

    return min((n for n in record.config["norms"] if n != "none"), key=val)


def gap(record: Record, net: str, depth: int) -> Interval:
    """Test error without a norm minus that of the best norm, paired.

    The interval is widened for the number of places looked at.
    """
    arm = {"net": net, "depth": depth}
    norm = best_norm(record, net, depth)
    return paired_interval(
        at_best(record, "test_error", norm="none", **arm),
        at_best(record, "test_error", norm=norm, **arm),
        comparisons=len(places(record)),
    )


def least_error(record: Record, net: str, depth: int) -> float:
    """Return the lowest mean test error of any arm, norm or none."""
    return min(
        mean_interval(
            at_best(record, "test_error", norm=n, net=net, depth=depth)
        ).mean
        for n in record.config["norms"]
    )


def is_needed(record: Record) -> Decision:
    """Decide intro.building-block."""
    found: dict[str, list[Place]] = {}
    told = []
    for place in places(record):
        gain = gap(record, *place)
        if least_error(record, *place) > LOST:
            state = "lost"
        elif gain.low > NEEDED:
            state = "needed"
            told.append(f"{gain} at {name_places([place])}")
        else:
            state = "not needed" if gain.high < NEEDED else "unclear"
        found.setdefault(state, []).append(place)
    texts = {
        "not needed": "Not needed: {}.",
        "unclear": "Too noisy to tell: {}.",
        "lost": "Nothing trains, with a norm or without: {}.",
    }
    because = " ".join(
        text.format(name_places(found[state]))
        for state, text in texts.items()
        if state in found
    )
    if "needed" not in found:
        verdict = "open" if "unclear" in found else "does not hold"
        return Decision(verdict, because)
    because = f"Points saved: {'; '.join(told)}. {because}".strip()
    if len(found["needed"]) == len(places(record)):
        return Decision("holds", because)
    return Decision(
        "holds when",
        because,
        when=f"the net has {name_places(found['needed'])}",
    )


def plot(record: Record, guess: dict[str, Any] | None = None) -> Figure:
    """Draw test error against depth at each arm's best rate.

    `guess` maps a kind of net to the depth at which it fails unnormed.
    """
    nets, depths = record.config["nets"], record.config["depths"]
    fig, axes = figures.panels(len(nets), height=2.5)
    for ax, net in zip(axes, nets, strict=True):
        for norm in record.config["norms"]:
            arms = [{"norm": norm, "net": net, "depth": d} for d in depths]
            points = [
                mean_interval(at_best(record, "test_error", **arm))
                for arm in arms
            ]
            figures.line(ax, norm, depths, points)
        at = (guess or {}).get(net)
        if isinstance(at, int | float):
            ax.axvline(at, color="#882255", lw=3, label="your guess")
        ax.set(xscale="log", ylim=(0, 95), title=TITLES[net])
        ax.set_xticks(depths, map(str, depths))
        ax.minorticks_off()
        ax.set_ylabel("test error (%)")
    axes[-1].set_xlabel("hidden layers")
    return figures.finish(fig, record)


trial = Trial(
    name="introduction.depth",
    question="Does a deep net need a norm, and does it matter which?",
    source=("ioffe2015", "ba2016", "zhang2019rmsnorm"),
    scope=(
        "ReLU MLPs of width 64 on 8×8 digits, 400 steps of SGD with "
        "momentum. Not a word on convolutions or Transformers."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "intro.building-block": Rule(
            f"At a depth and kind of net, a norm is needed when the best "
            f"one saves more than {NEEDED:.0f} points of test error: the "
            f"low end of the 95 % interval (paired by seed, Bonferroni "
            f"over all places) lies above {NEEDED:.0f}; not needed when "
            f"the high end lies below. Where every arm errs above "
            f"{LOST:.0f} %, nothing trains and the place counts for "
            f"neither. Needed at all places: holds. At some: holds when. "
            f"At none, and none unclear: does not hold.",
            is_needed,
        ),
        "intro.choice-matters": choice.RULE,
    },
    plot=plot,
    order=20,
)
