"""Is BatchNorm less sensitive to the scale of the initial weights?

MLPs of six hidden layers on 8×8 digits whose initial weights are
multiplied by a gain from 0.01 to 100: those of the hidden layers, which
a norm may follow, or those of the output layer too, which none follows.
The learning rate is the one that suits gain 1, as a user would have it
who does not know of the gain.

Scope: MLPs of six hidden layers on 8×8 digits, batches of 64, plain SGD at
the rate that suits gain 1, 600 steps.
"""

from functools import partial
from itertools import product
from typing import Any

from ...records import Record
from ..before import settle
from ..decisions import Decision, above
from ..intervals import best_rate, count_trained, mean_of, paired_interval
from ..nets.mlp import MLP
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit, part

TRAINED = 10.0  # per cent validation error that counts as trained
MORE = 1.0  # gains (half decades) that make a norm less sensitive
SIDES = {"small": lambda r: r["gain"] < 1, "large": lambda r: r["gain"] > 1}
PLACES = {"hidden": "hidden layers only", "all": "output layer too"}
PAIR = ("batch", "none")

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "vanlaarhoven2017"),
    grid={
        "where": list(PLACES),
        "gain": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0],
        "norm": ["none", "batch", "layer"],
    },
    config={
        "rates": [0.1, 0.3, 1.0, 3.0], "depth": 6, "width": 64,
        "batch": 64, "steps": 600,
        "first_seed": 300,  # lower ones had been looked at
        "seeds": 8,
    },
    live={
        "norm": ["none", "batch"], "gain": [0.1, 1.0, 10.0],
        "rates": [0.1], "steps": 200, "seeds": 2,
    },
    gpu={"depth": 12, "width": 512, "steps": 3000, "seeds": 20},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = part(config, "depth", "width") | part(unit, "norm", "gain")
    make = partial(MLP, gain_output=unit["where"] == "all", **shape)
    return sweep(config, make, device, momentum=0.0, trained=TRAINED)


def usable(record: Record, side: str, **arm: Any) -> list[int]:
    """Count, by seed, the gains of a side at which the net trained."""
    rows = record.where(rate=best_rate(record, gain=1.0, **arm), **arm)
    return count_trained([r for r in rows if SIDES[side](r)], TRAINED)


@trial.rule("bn.init-insensitive")
def is_less_sensitive(record: Record) -> Decision:
    """Multiply the initial weights by a gain, in the hidden layers only or
    in the output layer too, and keep the learning rate that suits gain 1.
    Of the four gains below 1 and the four above, BatchNorm trains (to
    {TRAINED:.0f} % validation error) at over {MORE:.0f} more than the net
    without a norm: the low end of the 95 % interval (paired by seed,
    Bonferroni over two places and two sides) lies above {MORE:.0f}. In all
    four cases: holds. In some: holds when. All four high ends below
    {MORE:.0f}: does not hold.
    """
    arms = {
        f"too {side} ({name})": paired_interval(
            *(usable(record, side, norm=n, where=where) for n in PAIR),
            comparisons=len(PLACES) * len(SIDES),
        )
        for (where, name), side in product(PLACES.items(), SIDES)
    }  # fmt: skip
    return settle(
        arms, above, MORE, when="the weights start {arms}", last="or",
        because="Of four gains BatchNorm adds to those that train: {arms}.",
    )  # fmt: skip


def error(record: Record, gain: float, **arm: Any) -> Any:
    """Return the test error in per cent at the rate that suits gain 1."""
    rate = best_rate(record, gain=1.0, **arm)
    return mean_of(record, gain=gain, rate=rate, **arm)


trial.curves(
    error, "gain", {"where": PLACES}, xlabel="gain of the initial weights",
    ylabel="test error (%)", ylim=(0, 95),
)  # fmt: skip
