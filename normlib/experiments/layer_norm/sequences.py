"""Is LayerNorm excellent for sequences of different lengths?

LSTMs and GRUs read symbols, then write them down; a batch holds sequences
of 3 to 6 symbols, padded behind to one length. LayerNorm stands where Ba
et al. put it, on W_x x, on W_h h and on an LSTM's cell, BatchNorm, by step,
where Cooijmans et al. put it. The loss after training is judged. Told and
not judged: what longer batch mates move of an output, with padding behind
and with padding in front.

Scope: LSTMs and GRUs of 32 units that copy 3 to 6 of four symbols, from a
wide start alone, sums of deviation 1 and gates that keep open; batches of
16, padding behind, 400 steps of Adam with clipped gradients. Steps are
counted, not seconds: one with LayerNorm takes longer.
"""

import math
from itertools import product

from ...records import Record
from ...table import Table
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..intervals import join
from ..nets.copying import race
from ..nets.gated import GATES, Gated
from ..protocol import Config, Pilot, Rows, Trial, Unit
from . import rnns
from .rnns import LAYER, MAIN, less

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
        "steps": 400, "first_seed": 5000, "seeds": 8,
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
    ), Pilot(
        range(3000, 3008),
        "The first record: losses 0.93 [0.76, 1.1] (LSTM) and 1.1 [0.9, "
        "1.3] times lower than without a norm, 1.6 and 1.5 than with "
        "BatchNorm; six units lost 4.3 times more. Batch mates moved "
        "BatchNorm's logits, none of the others'.",
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
def few_units(record: Record) -> Estimate:
    """See that few units lose, at one rate: of the same test loss."""
    at = {"rate": rnns.AT}
    found = less(record, at, at | {"arm": "few units"})
    return estimate("few units", found, above, LOWER)


@trial.rule("ln.sequences")
def trains_better(record: Record) -> Decision:
    """Sequences of 3 to 6 symbols in one batch, padded, from a wide start.
    LayerNorm against no norm, in LSTMs and in GRUs: the test loss after 400
    steps, each at its best learning rate. Excellent for a cell when it is
    over {LESS:g} times lower with LayerNorm, not when it is surely less
    than that. Geometric means, 95 % intervals paired by seed, Bonferroni
    over the two, the choice of the rate inside. Both excellent: holds. One,
    and the other not: holds when. Neither: does not hold. Else open.
    """
    cells = {f"{cell}s": {"cell": cell} for cell in GATES}
    arms = {name: less(record, p | LAYER, p) for name, p in cells.items()}
    beside = join([
        less(record, p | LAYER, p | {"norm": "batch"}).interval().factors()
        for p in cells.values()
    ])  # fmt: skip
    ends = {a: c.interval(len(arms)) for a, c in arms.items()}
    told = "; ".join(f"{a} {i.factors()}" for a, i in ends.items())
    # Ends of the intervals, rounded outwards.
    least = math.floor(10 * 10 ** min(i.low for i in ends.values())) / 10
    most = math.ceil(10 * 10 ** max(i.high for i in ends.values())) / 10
    start = "Mixed lengths, wide start: LayerNorm"
    return settle(
        arms, above, LOWER, when="it means {arms}",
        because=f"Test loss lower with LayerNorm, by factors: {told}. Than "
        f"BatchNorm's, not judged: {beside}.",
        says={
            "holds": f"{start}'s loss is at least {least:g} times lower.",
            "holds when": f"{start} lowers the loss over {LESS:g} times in "
            "{clear} only.",
            "does not hold": f"{start}'s loss is at most {most:g} times "
            "lower.",
        },
    )  # fmt: skip


@trial.reading
def table(record: Record) -> Table:
    """Return what is found, a row a net, at the best rate."""
    columns = {
        "test loss": "test_loss", "wrong (%)": "test_error",
        "wrong of 8 symbols (%)": "longer_error",
        "batch mates move": "mates", "with padding in front": "front",
    }  # fmt: skip
    rows = []
    for cell, norm in product(GATES, NORMS):
        if not record.where(cell=cell, norm=norm):
            continue
        loss, wrong, longer, *moved = (
            rnns.loss(record, column, cell=cell, norm=norm).interval()
            for column in columns.values()
        )
        moves = (
            "–" if i.high < rnns.ROUNDS else i.factors() for i in moved
        )
        net = f"{cell}, {NORMS[norm]}"
        rows.append((net, loss.factors(), wrong, longer, *moves))
    return Table(("net", *columns), rows, "–: less than 0.00001.")
