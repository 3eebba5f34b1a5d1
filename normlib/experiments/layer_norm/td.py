"""Does LayerNorm make values learnt by temporal differences better?

Small nets learn the values of mazes whose true values are known: those of
a good policy, from its own moves or another's, or the best ones, by
Q-learning from given moves or their own. There is no target network:
approximation, bootstrapping and another's data are the deadly triad.

Scope: MLPs of two hidden layers of 32, mazes of 5×5 cells, discount 0.97,
1200 steps of Adam with rates that fall to 0, 32 moves a step; given moves
are drawn afresh. Errors of values, not returns; no images, no policy
gradients. Rates are chosen by the true error, which nobody has.
"""

import math

from ... import figures
from ...records import Record
from ...table import Table
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..protocol import Config, Rows, Trial, Unit
from .compared import (
    AGAIN,
    KNOWN,
    PILOTS,
    PLACES,
    best_error,
    error,
    gain,
    told,
)
from .learner import CAP, learn
from .transitions import TASKS

FACTOR = 1.5  # in error: worth twice the moves, where it falls as 1/√n
MARGIN = math.log10(FACTOR)  # decades

trial = Trial(
    __name__, __doc__,
    source=("gallici2025", "yue2023", "lyle2024", "bhatt2024crossq"),
    grid={"task": list(TASKS), "arm": list(PLACES)},
    keep=lambda unit: unit["task"] in PLACES[unit["arm"]],
    config={
        "rates": [5e-5, 0.0002, 0.0008, 0.003, 0.012, 0.05], "width": 32,
        "batch": 32, "steps": 1200, "away": 0.6, "first_seed": 4000,
        "seeds": 36,
    },
    live={"task": ["offline"], "arm": ["none", "layer"], "steps": 100,
          "rates": [0.01], "seeds": 2},
    gpu={"width": 256, "steps": 5000, "seeds": 40},
    pilots=PILOTS,
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    return learn(config, device, **unit)


@trial.null
def other_weights(record: Record) -> Estimate:
    """Compare LayerNorm with itself from other weights: no difference."""
    found = gain(record, "online", AGAIN, "layer")
    return estimate("other weights", found, within, MARGIN)


@trial.positive
def no_bootstrapping(record: Record) -> Estimate:
    """See that true values as targets lower the plain net's error."""
    found = gain(record, "off-policy", KNOWN, "none")
    return estimate("true values as targets", found, above, MARGIN)


@trial.rule("ln.rl")
def is_better(record: Record) -> Decision:
    """In each of four tasks, evaluating a policy on-policy or off-policy
    and Q-learning offline or online: the plain net's error of the values
    over the LayerNorm net's, each at its best learning rate; geometric
    means, 95 % intervals paired by seed, Bonferroni over the four, the
    choice of the rate inside. From {CAP:.0f} times the values' spread on an
    error is a bound. All factors above {FACTOR}: holds. Some above, the
    others below: holds when. All below: does not hold. Otherwise open.
    """
    tasks = record.config["task"]
    arms = {task: gain(record, task, "layer", "none") for task in tasks}
    ends = {task: c.interval(len(arms)) for task, c in arms.items()}
    factors = [10**i.mean for i in ends.values()]
    each = "; ".join(f"{task} {i.factors()}" for task, i in ends.items())
    return settle(
        arms, above, MARGIN, when="values are learnt {arms}",
        because=f"Errors smaller by factors: {each}. Not judged, errors "
        f"offline: {told(record)}.",
        says={
            "holds": "Without a target net use LayerNorm: value errors "
            f"{min(factors):.2g} to {max(factors):.2g} times smaller.",
            "holds when": "No target net: LayerNorm helps {clear} "
            f"(errors ÷{max(factors):.2g}), not {{refuted}}.",
            "does not hold": "With tuned rates LayerNorm lowers value "
            f"errors {max(factors):.2g} times at most.",
        },
    )  # fmt: skip


@trial.reading
def table(record: Record) -> Table:
    """Return the error at the best rate: a row an arm, a column a task."""
    tasks, arms = record.config["task"], record.distinct("arm")
    rows = [
        (arm, *(best_error(record, t, arm) for t in tasks)) for arm in arms
    ]
    return Table(("arm", *tasks), rows)


trial.curves(
    error, "rate", {"task": {task: task for task in TASKS}},
    lines=[figures.Line(n, {"arm": n})
           for n in ("none", "layer", "rms", "batch")],
    xlabel="learning rate", ylabel="error / spread", yscale="log",
    ylim=(None, CAP),
)  # fmt: skip
