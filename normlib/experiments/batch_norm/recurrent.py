"""Is BatchNorm a problem in recurrent nets, and what mends it?

An LSTM reads an 8×8 digit as a sequence of 16 half rows and names it at
the end. Its sums are normalized as in Cooijmans et al.: W_x x, W_h h and
the cell. BatchNorm is tried with one set of running statistics for all
steps and γ = 1, with one set a step, and with γ = 0.1 at the start.

Scope: LSTMs of 24 units on 8×8 digits read in 16 steps, all sequences of
one length, 48 a step, 400 steps of SGD with momentum.
"""

from functools import partial

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..before import settle
from ..decisions import Decision, above
from ..intervals import best, excess
from ..nets.lstm import LSTM
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit

MARGIN = 1.0  # percentage points of test error that make a difference
ARMS = {
    "none": {"norm": "none"},
    "layer": {"norm": "layer"},
    "shared, 1": {"norm": "batch"},
    "shared, 0.1": {"norm": "batch", "gamma": 0.1},
    "by step, 1": {"norm": "batch", "by_step": True},
    "by step, 0.1": {"norm": "batch", "by_step": True, "gamma": 0.1},
}
NAMES = {
    "none": "no norm",
    "layer": "LayerNorm",
    "shared, 1": "BN, shared, γ = 1",
    "shared, 0.1": "BN, shared, γ = 0.1",
    "by step, 1": "BN, by step, γ = 1",
    "by step, 0.1": "BN, by step, γ = 0.1",
}

trial = Trial(
    __name__, __doc__, source=("cooijmans2017",),
    grid={"arm": list(ARMS)},
    config={
        "rates": [0.01, 0.03, 0.1, 0.3, 1.0],
        "hidden": 24, "batch": 48, "steps": 400,
        "first_seed": 100,  # lower ones tried an earlier wording
        "seeds": 10,
    },
    live={"arm": ["layer"], "rates": [0.1], "steps": 50, "seeds": 2},
    gpu={"hidden": 100, "steps": 2000, "seeds": 30},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    make = partial(LSTM, hidden=config["hidden"], **ARMS[unit["arm"]])
    return sweep(config, make, device, decay=True, every=config["steps"])


@trial.rule("bn.rnn")
def is_problematic(record: Record) -> Decision:
    """Test error minus LayerNorm's, each at its best learning rate, paired
    by seed: BatchNorm with running statistics shared by all steps or kept
    by step, γ = 1 or 0.1 at the start. All four 95 % intervals above
    {MARGIN:.0f} point: holds. All below: does not hold. Some above: holds
    when it is one of these. Otherwise open.
    """
    peer = {"arm": "layer"}
    arms = {
        NAMES[arm]: excess(record, {"arm": arm}, peer)
        for arm, options in ARMS.items()
        if options["norm"] == "batch"
    }
    because = "Test error minus LayerNorm's, in points: {arms}."
    return settle(
        arms, above, MARGIN, because=because, when="it is {arms}", last="or"
    )


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the test error of every arm, at its best rate."""
    arms = record.config["arm"]
    return figures.forest(
        {NAMES[arm]: best(record, arm=arm) for arm in arms},
        [ARMS[arm]["norm"] for arm in arms],
        xlabel="test error (%)", xlim=(0, None), record=record,
    )  # fmt: skip
