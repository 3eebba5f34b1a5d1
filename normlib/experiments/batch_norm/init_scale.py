"""Is BatchNorm less sensitive to the scale of the initial weights?

The initial weights of MLPs are multiplied by a gain from 0.01 to 10:
those of the hidden layers, which a norm may follow, or those of the output
layer too, which none follows. The learning rate is the one that suits
gain 1, as a user would have it who does not know of the gain.

Scope: MLPs of six hidden layers of ReLU on 8×8 digits, batches of 64,
plain SGD at the rate that suits gain 1, 600 steps.
"""

import math
from typing import Any

from ...records import Record
from ..decisions import Decision, Estimate, above, settle, within
from ..intervals import best_rate, mean_of
from ..nets.mlp import MLP
from ..nets.training import sweep
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from .spans import TRAINED, more, weakest

FACTOR = 3  # of gain: He's start and nn.Linear's are 2.4 apart
MARGIN = math.log10(FACTOR)  # decades
PLACES = {"hidden": "hidden layers only", "all": "output layer too"}
WHERE = {"hidden": "", "all": " everywhere"}
NEAR = [0.2, 0.5, 1.0, 2.0, 5.0]  # gains about 1

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "vanlaarhoven2017"),
    grid={
        "net": ["main", "other weights", "one layer"],
        "where": list(PLACES), "gain": [0.01, 0.1, *NEAR, 10.0],
        "norm": ["none", "batch"],
    },
    keep=lambda u: u["net"] == "main" or (
        u | PLAIN == u and (u["net"] == "one layer" or u["gain"] in NEAR)
    ),
    config={
        "rates": [0.03, 0.1, 0.3, 1.0, 3.0], "depth": 6, "width": 64,
        "batch": 64, "steps": 600, "first_seed": 2000, "seeds": 12,
    },
    live={"net": ["main"], "gain": [0.1, 1.0, 10.0], "rates": [0.1],
          "steps": 200, "seeds": 2},
    gpu={"norm": ["none", "batch", "layer"], "depth": 12, "width": 512,
         "steps": 3000, "seeds": 20},
    pilots=[Pilot(
        range(900, 904),
        "On a grid of half decades plain nets train at gain 1 only, and "
        "with BatchNorm from 0.01 to 10, or 100 where the output layer is "
        "spared. The grid was made finer about 1; on it two seeds gave 1.0 "
        "to 2.0 decades, one of four unclear. The gain 100 was given up.",
    ), Pilot(
        range(1000, 1011),
        "the record before, by the same rule: it held, at least 1.7 and "
        "1.0 decades on both sides. Its headline said that nets forgive.",
    )],
)  # fmt: skip
PLAIN = {"where": "hidden", "norm": "none"}


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = part(config, "depth", "width") | part(unit, "norm", "gain")
    shape["gain_output"] = unit["where"] == "all"
    shape |= {"depth": 1} if unit["net"] == "one layer" else {}
    later = 5000 * (unit["net"] == "other weights")
    return sweep(
        config, lambda seed: MLP(seed + later, **shape), device,
        momentum=0.0, trained=TRAINED, every=config["steps"],
    )  # fmt: skip


@trial.null
def other_weights(record: Record) -> Estimate:
    """Compare the plain net with itself from other weights."""
    both = more(record, PLAIN | {"net": "other weights"}, PLAIN)
    return weakest(both, within, MARGIN)


@trial.positive
def one_layer(record: Record) -> Estimate:
    """See that a plain net of one layer, not six, bears more."""
    both = more(record, PLAIN | {"net": "one layer"}, PLAIN)
    return weakest(both, above, MARGIN)


@trial.rule("bn.init-insensitive")
def is_less_sensitive(record: Record) -> Decision:
    """Multiply the initial weights by a gain, in the hidden layers only or
    everywhere, and keep the learning rate with the lowest validation error
    at gain 1. How many decades of gain lie between 1 and the last at which
    it and all between reach {TRAINED:.0f} % validation error? BatchNorm's
    minus those of the net without a norm, below 1 and above: 95 %
    intervals paired by seed, Bonferroni over four, the choice of the rate
    inside. All above a factor of {FACTOR}: holds. Some above, the others
    below: holds when. All below: does not hold.
    """
    arms, tuned = (
        {
            f"{side}{place}": contrast
            for where, place in WHERE.items()
            for side, contrast in more(
                record, {"norm": "batch", "where": where},
                {"norm": "none", "where": where}, tuned=how,
            ).items()
        }
        for how in (False, True)
    )  # fmt: skip
    far = [10 ** c.own.at_best.mean() for c in arms.values()]
    small, large = min(far[::2]), min(far[1::2])
    retuned = "; ".join(f"{k} {c.interval()}" for k, c in tuned.items())
    return settle(
        arms, above, MARGIN, when="the weights start {arms}", last="or",
        because="Decades of gain that BatchNorm adds: {arms}. Not judged, "
        "with the rate tuned again at each gain and seed, at the edge of "
        f"the grid too: {retuned}.",
        says={
            "holds": "With BatchNorm six-layer MLPs still train from "
            f"weights {small:.0f}× smaller, {large:.0f}× larger.",
            "holds when": "BatchNorm widens the usable start {clear} only.",
            "does not hold": "BatchNorm widens the range of usable initial "
            "weights by less than threefold.",
        },
    )  # fmt: skip


def error(record: Record, gain: float, **arm: Any) -> Any:
    """Return the test error in per cent at the rate that suits gain 1."""
    rate = best_rate(record, gain=1.0, net="main", **arm)
    return mean_of(record, gain=gain, rate=rate, net="main", **arm)


trial.curves(
    error, "gain", {"where": PLACES}, xlabel="gain of the initial weights",
    ylabel="test error (%)", ylim=(0, 95),
)  # fmt: skip
