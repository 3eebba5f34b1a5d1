"""Is BatchNorm the best norm for a CNN, and for an MLP?

Residual nets of two depths learn letters and figures, 62 classes, with
each norm at its own best learning rate. All branches begin 1/√B as large,
B of them, so that depth alone breaks no arm. BatchNorm has all images of
a step in its statistics: this is its home ground.

Scope: residual CNNs of 8 and 20 layers and MLPs of 4 and 8 on glyphs of
16×16, 32 images a step, 400 steps of SGD with momentum for a CNN and 800
for an MLP, no weight decay. Which norm people take was not measured.
"""

from itertools import product
from typing import Any

from ...records import Record
from ...table import Table
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..intervals import Interval, best, join
from ..protocol import Config, Rows, Trial, Unit
from .residual import AGAIN, LAYERS, NARROW, PEERS, PILOTS, learn, more

MARGIN = 5.0  # per cent more errors: one in twenty is worth a norm

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "wuhe2018", "he2016resnet"),
    grid={
        "net": list(LAYERS), "blocks": [1, 3],
        "norm": ["none", "layer", "rms", "group", "batch", NARROW, AGAIN],
    },
    keep=lambda unit: unit["norm"] in (*PEERS[unit["net"]], "batch") or (
        unit["norm"] in (NARROW, AGAIN) and unit["blocks"] == 1
    ),
    config={
        "first_seed": 2000, "rates": [0.01, 0.03, 0.1, 0.3, 1.0],
        "batch": 32, "steps": 400, "seeds": 20, "n": 4000, "val": 1000,
        "test": 4000,
    },
    live={
        "net": ["MLP"], "blocks": [1], "norm": ["layer", "batch"],
        "rates": [0.1], "steps": 100, "seeds": 2, "n": 1000, "test": 1000,
    },
    gpu={"steps": 2000, "seeds": 40},
    pilots=PILOTS,
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    return learn(config, device, **unit)


@trial.null
def other_weights(record: Record, net: str) -> Estimate:
    """BatchNorm once more, from other initial weights: no difference."""
    found = more(record, net, 1, AGAIN)
    return estimate("% more errors, other weights", found, within, MARGIN)


@trial.positive
def half_as_wide(record: Record, net: str) -> Estimate:
    """BatchNorm in a net half as wide has to err more."""
    found = more(record, net, 1, NARROW)
    return estimate("% more errors, half as wide", found, above, MARGIN)


@trial.rule("bn.cnn", net="CNN")
@trial.rule("bn.mlp", net="MLP")
def is_best(record: Record, net: str) -> Decision:
    """Test error of every other norm, and of none, beyond BatchNorm's, in
    per cent of BatchNorm's, each at its best learning rate, at two depths,
    paired by seed; 95 % intervals for all peers and depths together. Best
    at a depth: every peer has over {MARGIN:.0f} % more errors. Not best:
    some peer has not, by all of its interval. Best at both depths: holds;
    at one, and not at the other: holds when; not best at either: does not
    hold. Otherwise open.
    """
    arms = {
        f"{count} layers": [more(record, net, b, n) for n in PEERS[net]]
        for b, count in LAYERS[net].items()
    }
    means = [c.interval().mean for group in arms.values() for c in group]
    return settle(
        arms, above, MARGIN,
        because=(
            f"{net}, per cent more errors than with BatchNorm, of "
            f"{join(PEERS[net])}: {{arms}}."
        ),
        when="the net has {arms}",
        says={
            "holds": f"{net}: without BatchNorm {min(means):.0f} to "
            f"{max(means):.0f} % more errors at 32 images a step.",
            "holds when": f"{net}: best at {{clear}}; at {{refuted}} "
            "another norm does as well.",
            "does not hold": f"{net}: another norm does as well, within "
            f"{MARGIN:.0f} % of the errors.",
        },
    )  # fmt: skip


def error(record: Record, **arm: Any) -> Interval | None:
    """Return the test error at the best rate, where it was measured."""
    return best(record, **arm) if record.where(**arm) else None


@trial.reading
def table(record: Record) -> Table:
    """Return the test error in per cent, a row a norm, a column a net."""
    nets = [*product(record.config["net"], record.config["blocks"])]
    head = [f"{net}, {LAYERS[net][blocks]} layers" for net, blocks in nets]
    rows = [
        (norm, *(error(record, norm=norm, net=net, blocks=blocks) or "–"
                 for net, blocks in nets))
        for norm in record.config["norm"]
    ]  # fmt: skip
    return Table(("norm", *head), rows)


trial.curves(
    error, "blocks", {"net": {net: net for net in LAYERS}},
    lines=["none", "layer", "rms", "group", "batch"], log=False,
    xlabel="blocks, in a stage of a CNN", ylabel="test error (%)",
    ylim=(0, None),
)  # fmt: skip
