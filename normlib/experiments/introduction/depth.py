"""Does a deep net need a norm, and does it matter which?

MLPs on 8×8 digits: four norms × three kinds of net × growing depth ×
six learning rates. Each arm is judged at its own best rate, chosen on
validation images; errors are counted on test images.

Scope: ReLU MLPs of width 64 on 8×8 digits, 400 steps of SGD with momentum.
Not a word on convolutions or Transformers.
"""

from functools import partial
from typing import Any

import numpy as np

from ...records import Record
from ..before import settle
from ..decisions import Decision, above
from ..intervals import Interval, best, excess
from ..nets.mlp import MLP
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit, part
from . import choice
from .places import NETS, TITLES, by_label

NEEDED = 5.0  # points of test error that make a norm "needed"
LOST = 20.0  # per cent test error above which a net has not learnt

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "ba2016", "zhang2019rmsnorm"),
    grid={
        "depth": [4, 10, 20, 50], "net": list(NETS),
        "norm": ["none", "batch", "layer", "rms"],
    },
    config={
        "rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
        "width": 64, "batch": 32, "steps": 400,
        "first_seed": 100,  # seeds below were pilots of the rules
        "seeds": 8,
    },
    live={
        "norm": ["none", "layer"], "net": ["default"], "depth": [4, 10],
        "rates": [0.01, 0.03, 0.1], "steps": 150, "seeds": 2,
    },
    gpu={
        "depth": [4, 10, 20, 50, 100], "width": 256, "batch": 128,
        "steps": 1500, "seeds": 20,
    },
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = part(unit, "depth", "norm") | part(config, "width")
    make = partial(MLP, **shape, **NETS[unit["net"]])
    return sweep(config, make, device)


def gain(record: Record, **place: Any) -> Interval:
    """Test error without a norm minus that of the best norm, paired.

    The interval is widened for the number of places looked at. Where no
    arm learns it says nothing.
    """
    norms = record.config["norm"]

    def error(norm: str, column: str = "test_error") -> float:
        return best(record, column, norm=norm, **place).mean

    if min(map(error, norms)) > LOST:
        return Interval(0.0, -np.inf, np.inf)
    winner = min(norms[1:], key=lambda n: error(n, "val_error"))
    arms = (place | {"norm": norm} for norm in ("none", winner))
    return excess(record, *arms, comparisons=len(by_label(record)))


@trial.rule("intro.building-block")
def is_needed(record: Record) -> Decision:
    """At a depth and kind of net, a norm is needed when the best one saves
    more than {NEEDED:.0f} points of test error: the low end of the 95 %
    interval (paired by seed, Bonferroni over all places) lies above
    {NEEDED:.0f}; not needed when the high end lies below. Where every arm
    errs above {LOST:.0f} %, nothing trains and the place counts for
    neither. Needed at all places: holds. At some: holds when. Not needed at
    all: does not hold.
    """
    return settle(
        {p: gain(record, **arm) for p, arm in by_label(record).items()},
        above, NEEDED, because="Points saved: {arms}.",
        when="the net has {arms}", last="or",
    )  # fmt: skip


trial.curves(
    best, "depth", {"net": TITLES}, height=2.5,
    xlabel="hidden layers", ylabel="test error (%)", ylim=(0, 95),
)  # fmt: skip
trial.rule("intro.choice-matters")(choice.choice_matters)
trial.reading(best)
trial.reading(choice.contrast)
trial.reading(choice.plot_rates)
