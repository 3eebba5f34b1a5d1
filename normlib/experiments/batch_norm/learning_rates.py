"""Does BatchNorm allow higher learning rates, and is it faster?

MLPs of six hidden layers on 8×8 digits, trained by plain SGD at eight
learning rates from 0.003 to 10: without a norm, with BatchNorm and with
LayerNorm, with ReLU and with sigmoid.

Scope: MLPs of six hidden layers on 8×8 digits, batches of 64, plain SGD,
weights scaled to keep the variance at the start.
"""

import math
from collections.abc import Callable
from functools import partial

from ...records import Record
from ..before import settle
from ..decisions import Decision, above
from ..intervals import (
    Interval,
    highest_rate,
    log_steps,
    mean_of,
    paired_interval,
)
from ..nets.mlp import MLP
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit, part

TRAINED = 10.0  # per cent validation error that counts as trained
HIGHER = math.log10(3)  # decades: one step of the grid of rates
FASTER = math.log10(1.5)  # decades: a ratio of steps
ACTS = {"relu": "ReLU", "sigmoid": "sigmoid"}

trial = Trial(
    __name__, __doc__, source=("ioffe2015",),
    grid={"act": list(ACTS), "norm": ["none", "batch", "layer"]},
    config={
        "rates": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
        "depth": 6, "width": 64, "batch": 64, "steps": 600,
        "first_seed": 200,  # lower ones were pilots
        "seeds": 10,
    },
    live={
        "act": ["relu"], "norm": ["none", "batch"],
        "rates": [0.01, 0.1, 1.0], "steps": 200, "seeds": 2,
    },
    gpu={
        "depth": 12, "width": 512, "batch": 256, "steps": 3000, "seeds": 20,
    },
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    make = partial(MLP, **unit, **part(config, "depth", "width"))
    return sweep(config, make, device, momentum=0.0, trained=TRAINED)


def more(record: Record, metric: Callable, act: str) -> Interval:
    """Decades of a metric that BatchNorm has more than the plain net."""
    values = (metric(record, norm=n, act=act) for n in ("batch", "none"))
    comparisons = 2 * len(record.config["act"])
    return paired_interval(*values, comparisons=comparisons)


@trial.rule("bn.higher-lr")
def is_higher_and_faster(record: Record) -> Decision:
    """For ReLU and for sigmoid: the highest learning rate at which a net
    reaches {TRAINED:.0f} % validation error is more than 3 times higher
    with BatchNorm than without a norm, and at each one's best rate
    BatchNorm gets there in less than 1/1.5 of the steps. Low ends of 95 %
    intervals (paired by seed, Bonferroni over the four contrasts) decide.
    All four: holds. Some: holds when. All four high ends below the margin:
    does not hold.
    """
    arms, sentences = {}, []
    for act in record.config["act"]:
        rate = more(record, partial(highest_rate, trained=TRAINED), act)
        steps = more(record, log_steps, act).times(-1)
        arms[f"a higher rate with {ACTS[act]}"] = rate.times(1 / HIGHER)
        arms[f"fewer steps with {ACTS[act]}"] = steps.times(1 / FASTER)
        works = any(record.values("trained_at", norm="none", act=act))
        sentences.append(
            f"{ACTS[act]}: highest rate ×{rate.factors()}, steps "
            f"÷{steps.factors()}"
            if works
            else f"{ACTS[act]}: without a norm no rate works"
        )
    because = f"{'; '.join(sentences)}."
    return settle(arms, above, 1.0, because=because, when="it means {arms}")


trial.curves(
    mean_of, "rate", {"act": ACTS}, xlabel="learning rate",
    ylabel="test error (%)", ylim=(0, 95),
)  # fmt: skip
