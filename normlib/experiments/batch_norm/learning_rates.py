"""Does BatchNorm allow higher learning rates, and is it faster?

MLPs of six hidden layers on 8×8 digits, trained by plain SGD at ten
learning rates from 0.05 to 50: without a norm, with BatchNorm and with
LayerNorm, with ReLU and with sigmoid. Each starts from weights with which
the plain net trains. Speed is read at the rate where a net is quickest.

Scope: MLPs of six hidden layers on 8×8 digits, batches of 64, plain SGD at
a constant rate, initial weights that keep the variance. Steps are counted,
not seconds: a step with BatchNorm takes longer.
"""

import math
from functools import partial

from ...records import Record
from ..decisions import Decision, Estimate, above, settle, within
from ..intervals import mean_of
from ..nets.mlp import MLP
from ..nets.training import sweep
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from .spans import TRAINED, ratios, weakest

FACTOR = 2  # of rates and of steps: a step with BatchNorm costs about two
MARGIN = math.log10(FACTOR)  # decades
ACTS = {"relu": "ReLU", "sigmoid": "sigmoid"}
GAIN = {"relu": 1.0, "sigmoid": 4.0}  # sigmoid's slope is 1/4 at most
NETS = {"default start": {"init": "default"}, "two layers": {"depth": 2}}

trial = Trial(
    __name__, __doc__, source=("ioffe2015",),
    grid={
        "net": ["main", "other weights", *NETS],
        "act": list(ACTS), "norm": ["none", "batch", "layer"],
    },
    keep=lambda unit: unit["net"] == "main" or unit | PLAIN == unit,
    config={
        "rates": [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0],
        "depth": 6, "width": 64, "batch": 64, "steps": 600, "every": 2,
        "first_seed": 2000, "seeds": 36,
    },
    live={"net": ["main"], "act": ["relu"], "norm": ["none", "batch"],
          "rates": [0.01, 0.1, 1.0], "steps": 200, "seeds": 2},
    gpu={"depth": 12, "width": 512, "batch": 256, "steps": 3000,
         "seeds": 20},
    pilots=[Pilot(
        range(900, 904),
        "ReLU: highest rates 2 and 0.2 to 0.5, quickest 18 and 63 steps, "
        "with and without BatchNorm; sigmoid, from weights that let the "
        "plain net train: 20 and 2, 31 and 175. Two layers of ReLU: 2 to 5 "
        "and 1, 12 and 31. The grid was moved up; on it the rule said that "
        "it holds, by 8, 2.9, 10 and 6; four seeds left both controls "
        "unclear, so there are 16.",
    )],
)  # fmt: skip
PLAIN = {"act": "relu", "norm": "none"}


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    net, gain = unit["net"], GAIN[unit["act"]]
    shape = part(config, "depth", "width") | part(unit, "act", "norm")
    shape |= {"gain": gain, "gain_output": False} | NETS.get(net, {})
    later = 5000 * (net == "other weights")
    return sweep(
        config, lambda seed: MLP(seed + later, **shape), device,
        momentum=0.0, trained=TRAINED, every=config["every"],
    )  # fmt: skip


@trial.null
def other_weights(record: Record) -> Estimate:
    """Compare the plain ReLU net with itself from other weights."""
    both = ratios(record, PLAIN | {"net": "other weights"}, PLAIN)
    return weakest(both, within, MARGIN)


@trial.positive
def easier(record: Record) -> Estimate:
    """See that two layers bear higher rates, nn.Linear's start slows."""
    other = ratios(record, PLAIN | {"net": "two layers"}, PLAIN)
    slower = ratios(record, PLAIN, PLAIN | {"net": "default start"})
    other["steps"] = slower["steps"]
    return weakest(other, above, MARGIN)


@trial.rule("bn.higher-lr")
def is_higher_and_faster(record: Record) -> Decision:
    """For ReLU and for sigmoid: the highest learning rate at which a net
    ends at {TRAINED:.0f} % validation error or less is over {FACTOR} times
    higher with BatchNorm than without a norm, and at the rate where each
    is quickest to get there BatchNorm takes fewer than 1/{FACTOR} of the
    steps. Geometric means, 95 % intervals paired by seed, Bonferroni over
    the four, the choice of the rate inside. All above {FACTOR}: holds.
    Some above, the others below: holds when. All below: does not hold.
    """
    arms = {
        f"{ACTS[act]} {kind}": contrast
        for act in record.config["act"]
        for kind, contrast in ratios(
            record, {"act": act, "norm": "batch"},
            {"act": act, "norm": "none"},
        ).items()
    }  # fmt: skip
    ends = {arm: c.interval(len(arms)) for arm, c in arms.items()}
    rate, steps = (
        10 ** min(i.mean for a, i in ends.items() if a.endswith(kind))
        for kind in ("rate", "steps")
    )
    told = "; ".join(f"{arm} {i.factors()}" for arm, i in ends.items())
    return settle(
        arms, above, MARGIN, when="it means the {arms}",
        because=f"Rates higher and steps fewer by factors: {told}.",
        says={
            "holds": f"With BatchNorm raise the rate ×{rate:.2g}: "
            f"six-layer MLPs train in 1/{steps:.2g} the steps.",
            "holds when": "BatchNorm helps {clear}, not {refuted}.",
            "does not hold": "In six-layer MLPs BatchNorm neither allows "
            "higher rates nor saves steps.",
        },
    )  # fmt: skip


trial.curves(
    partial(mean_of, net="main"), "rate", {"act": ACTS},
    xlabel="learning rate", ylabel="test error (%)", ylim=(0, 95),
)  # fmt: skip
