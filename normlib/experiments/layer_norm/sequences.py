"""Is LayerNorm excellent for sequences of different lengths?

LSTMs and GRUs read symbols, then write them down; a batch holds sequences
of 3 to 6 symbols, padded to one length. LayerNorm stands where Ba et al.
put it, on W_x x, on W_h h and on an LSTM's cell, BatchNorm, by step, where
Cooijmans et al. put it. What padding moves of an output is looked at, and
the loss after training.

Scope: LSTMs and GRUs of 32 units that copy 3 to 6 of four symbols, from
sums of deviation 1 and gates that keep open; batches of 16, padding behind,
400 steps of Adam with clipped gradients.
"""

import math
from itertools import product

from ...records import Record
from ...table import Table
from ..decisions import (
    Decision,
    Estimate,
    State,
    above,
    below,
    estimate,
    settle,
    within,
)
from ..intervals import join
from ..nets.copying import race
from ..nets.gated import GATES, Gated
from ..protocol import Config, Pilot, Rows, Trial, Unit
from . import rnns
from .rnns import LAYER, MAIN, less, still

LESS = 1.5  # of loss, by which LayerNorm's would be lower
LOWER = math.log10(LESS)  # decades
NORMS = {"none": "no norm", "layer": "LayerNorm", "batch": "BatchNorm"}
LENGTHS = (3, 6)

trial = Trial(
    __name__, __doc__, source=("ba2016", "cooijmans2017"),
    grid={
        "cell": list(GATES), "norm": list(NORMS),
        "arm": ["main", *rnns.CONTROLS],
    },
    keep=lambda u: u["arm"] == "main" or u == MAIN | {"arm": u["arm"]},
    config={
        "rates": [0.002, 0.007, 0.02, 0.06, 0.2], "hidden": 32,
        "kinds": 4, "batch": 16, "target": 5.0, "looks": 10,
        "steps": 400, "first_seed": 3000, "seeds": 8,
    },
    live={"cell": ["LSTM"], "norm": ["layer"], "arm": ["main"],
          "rates": [0.06], "steps": 60, "seeds": 2},
    gpu={"hidden": 128, "seeds": 30},
    pilots=[Pilot(
        range(900, 902),
        "Two seeds: losses 1.0 to 1.2 times lower than without a norm, 1.8 "
        "than with BatchNorm; from torch.nn's start 1.0. Padding moved "
        "BatchNorm by more than 1. Best rates 0.02 and 0.06.",
    ), Pilot(
        range(2000, 2010),
        "The plain LSTM's loss was 0.95 times LayerNorm's. That record was "
        "given up: its file had lost what padding moves.",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    form, more = rnns.form(unit, config["hidden"]), rnns.later(unit)
    if unit["norm"] == "batch":  # as in Cooijmans et al.
        form |= {"gamma": 0.1, "kept": 2 * LENGTHS[1]}
    return race(
        config, lambda seed: Gated(seed + more, **form), LENGTHS,
        config["steps"], device, decay=True,
    )  # fmt: skip


@trial.null
def other_weights(record: Record) -> Estimate:
    """Compare the plain LSTM with itself from other weights."""
    found = less(record, {"arm": "other weights"}, {})
    return estimate("other weights", found, within, LOWER)


@trial.positive
def what_must_show(record: Record) -> Estimate:
    """See that few units lose at one rate, and padding moves BatchNorm."""
    at = {"rate": rnns.AT}
    few = less(record, at, at | {"arm": "few units"})
    seen = estimate("few units", few, above, LOWER)
    if seen.state is not State.CLEAR:
        return seen
    moved = still(record, norm="batch")
    return estimate("BatchNorm, padding", moved, below, -LOWER)


@trial.rule("ln.sequences")
def bears_padding(record: Record) -> Decision:
    """Sequences of 3 to 6 symbols in one batch, padded, in LSTMs and GRUs.
    Padding: what it moves of a logit, over 1 + |logit|, in training mode,
    alone beside padded among longer ones, is under 1e-5 by a factor of
    {LESS:g} in both. Training: the test loss after 400 steps is over
    {LESS:g} times lower with LayerNorm than without a norm in both, each at
    its best learning rate; refuted as soon as one is surely less than that.
    Geometric means, 95 % intervals paired by seed, Bonferroni over the
    four, the choice of the rate inside. Both: holds. One, and the other is
    refuted: holds when. Neither: does not hold. Else open.
    """
    cells = [{"cell": cell} for cell in GATES]
    arms = {
        "padding": [still(record, **place, **LAYER) for place in cells],
        "training": [less(record, p | LAYER, p) for p in cells],
    }
    beside = join([
        less(record, p | LAYER, p | {"norm": "batch"}).interval().factors()
        for p in cells
    ])  # fmt: skip
    gain = max(10 ** c.interval().mean for c in arms["training"])
    told = "; ".join(
        f"{a} {join([c.interval(4).factors() for c in g])}"
        for a, g in arms.items()
    )
    return settle(
        arms, above, LOWER, when="it means {arms}",
        because="In LSTMs and GRUs, by which factor padding moves less "
        f"than 1e-5 and the loss is lower: {told}. Lower than BatchNorm's, "
        f"not judged: {beside}.",
        says={
            "holds": f"Pad freely: LayerNorm ignores it; losses up to "
            f"{gain:.1f} times lower than without.",
            "holds when": "LayerNorm: excellent for {clear}, not "
            f"{{refuted}}; no norm's loss is ×{gain:.1f} at most.",
            "does not hold": "Padding moves LayerNorm's outputs, and it "
            "trains no better.",
        },
    )  # fmt: skip


@trial.reading
def table(record: Record) -> Table:
    """Return what is found, a row a net, at the best rate."""
    columns = {
        "test loss": "test_loss", "wrong (%)": "test_error",
        "wrong of 8 symbols (%)": "longer_error", "padding moves": "moved",
    }  # fmt: skip
    rows = []
    for cell, norm in product(GATES, NORMS):
        loss, wrong, longer, moved = (
            rnns.loss(record, column, cell=cell, norm=norm).interval()
            for column in columns.values()
        )
        moves = "–" if moved.high < rnns.PAD else moved.factors()
        net = f"{cell}, {NORMS[norm]}"
        rows.append((net, loss.factors(), wrong, longer, moves))
    return Table(("net", *columns), rows, "–: less than 0.00001.")
