"""Is LayerNorm ideal for LSTMs and GRUs, and for sequences of any length?

Nets read symbols, then write them down: the copy task. LayerNorm stands
where Ba et al. put it, on W_x x, on W_h h and on an LSTM's cell. Nets start
as torch.nn's do, or wide: sums of deviation 1, gates that keep open. Where
lengths are mixed sequences are padded, and what padding moves is looked at;
BatchNorm by step stands beside.

Scope: LSTMs and GRUs of 32 units that copy 3, 5, or 3 to 6 of four symbols;
batches of 16, Adam with clipped gradients, at most 500 steps. Steps are
counted, not seconds: one with LayerNorm takes longer.
"""

import math
from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
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
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from . import rnns
from .rnns import CONTROLS, STARTS, TASKS, lead, less, still

FACTOR = 2  # of steps: one with LayerNorm costs about two
MARGIN = math.log10(FACTOR)  # decades
LESS = 1.5  # of loss, by which LayerNorm's would be lower
LOWER = math.log10(LESS)
TARGET = 5.0  # per cent of symbols that are wrong
LAYER = {"norm": "layer"}

trial = Trial(
    __name__, __doc__, source=("ba2016", "cooijmans2017"),
    grid={
        "task": list(TASKS), "cell": list(GATES), "start": list(STARTS),
        "norm": ["none", "layer", "batch"], "arm": ["main", *CONTROLS],
    },
    keep=rnns.wanted,
    config={
        "rates": [0.002, 0.007, 0.02, 0.06, 0.2], "hidden": 32,
        "symbols": 4, "batch": 16, "target": TARGET, "looks": 50,
        "steps": 500, "first_seed": 2000, "seeds": 10,
    },
    live={"task": ["3"], "cell": ["LSTM"], "start": ["torch.nn"],
          "norm": ["none", "layer"], "arm": ["main"], "rates": [0.02],
          "seeds": 2},
    gpu={"hidden": 128, "seeds": 30},
    pilots=[Pilot(
        range(900, 903),
        "Two or three seeds an arm. From a wide start LayerNorm took 0.8 "
        "to 1.3 times fewer steps of five and eight symbols, 1.3 to 1.5 of "
        "three; from torch.nn's 1.2 to 1.7 of five, 1.8 to 2.1 of three: "
        "both starts are raced. Mixed lengths: losses 1.0 to 1.2 times "
        "lower than without a norm, 1.8 than with BatchNorm. Best rates "
        "0.007 to 0.06. With 10 % for a target 1.5 could not be told; 5 % "
        "and the factor of bn.higher-lr, 2, were taken.",
    ), Pilot(
        range(1000, 1002),
        "The live preset: 102 steps without a norm, 40 with LayerNorm.",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    lengths, most = TASKS[unit["task"]]
    form = part(config, "hidden", "symbols")
    form |= part(unit, "cell", "norm", "start")
    if unit["norm"] == "batch":  # as in Cooijmans et al.
        form |= {"gamma": 0.1, "kept": 2 * lengths[1]}
    if unit["arm"] == "few units":
        form["hidden"] = rnns.FEW
    later = 5000 * (unit["arm"] == "other weights")
    return race(
        config, lambda seed: Gated(seed + later, **form), lengths, most,
        device, decay=unit["task"] == "mixed",
    )  # fmt: skip


@trial.null
def other_weights(record: Record, mixed: bool = False) -> Estimate:
    """Compare the plain LSTM with itself from other weights."""
    found = (less if mixed else lead)(record, {"arm": "other weights"}, {})
    margin = LOWER if mixed else MARGIN
    return estimate("other weights", found, within, margin)


@trial.positive
def what_must_show(record: Record, mixed: bool = False) -> Estimate:
    """See that few units lose at one rate, and padding moves BatchNorm."""
    at = {"rate": rnns.AT}
    found = (less if mixed else lead)(record, at, at | {"arm": "few units"})
    seen = estimate("few units", found, above, LOWER if mixed else MARGIN)
    pad = estimate("padding", still(record, norm="batch"), below, -LOWER)
    blind = mixed and seen.state is State.CLEAR
    return pad if blind else seen


@trial.rule("ln.lstm")
def trains_sooner(record: Record) -> Decision:
    """LayerNorm against no norm: steps until {TARGET:g} % of the symbols
    or fewer are wrong in validation, each at its quickest learning rate.
    For LSTMs and for GRUs: 3 symbols and 5, in torch.nn's start and in a
    wide one. Ideal when all four take over {FACTOR} times fewer steps with
    LayerNorm, not ideal as soon as one surely takes less than {FACTOR}
    times fewer. Geometric means, 95 % intervals paired by seed, Bonferroni
    over the eight, the choice of the rate inside. Both ideal: holds. One,
    and the other not: holds when. Neither: does not hold. Else open.
    """
    arms = {
        f"{cell}, {task} symbols, {STARTS[start]}": lead(
            record, place | LAYER, place
        )
        for cell in GATES for start in STARTS for task in ("3", "5")
        for place in [{"cell": cell, "start": start, "task": task}]
    }  # fmt: skip
    ends = {arm: c.interval(len(arms)) for arm, c in arms.items()}
    told = "; ".join(f"{arm} {i.factors()}" for arm, i in ends.items())
    least, most = (
        f"{10 ** f(i.mean for i in ends.values()):.1f}" for f in (min, max)
    )
    by_cell = {
        f"{cell}s": [c for a, c in arms.items() if a.startswith(cell)]
        for cell in GATES
    }
    return settle(
        by_cell, above, MARGIN, when="it means {arms}",
        because=f"Steps fewer with LayerNorm, by factors: {told}.",
        says={
            "holds": "Give LSTMs and GRUs LayerNorm: it divides steps by "
            f"{least} to {most}.",
            "holds when": "LayerNorm for {clear}, not {refuted}: it "
            f"divides steps by {least} to {most}.",
            "does not hold": f"LSTMs, GRUs: LayerNorm divides steps by "
            f"{least} to {most}; try without it first.",
        },
    )  # fmt: skip


@trial.rule("ln.sequences", mixed=True)
def bears_padding(record: Record, mixed: bool) -> Decision:
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
            "holds when": "LayerNorm: excellent in {clear}, not {refuted}; "
            f"losses {gain:.1f} times lower at most.",
            "does not hold": "Padding moves LayerNorm's outputs, and it "
            "trains no better.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the steps until trained, at the quickest rate."""
    points, norms = {}, []
    for cell, start, task in product(GATES, STARTS, ("3", "5")):
        for norm in ("none", "layer"):
            place = {"cell": cell, "start": start, "task": task}
            if record.where(norm=norm, **place):
                arm = rnns.taken(record, norm=norm, arm="main", **place)
                label = f"{cell}, {task} symbols, {STARTS[start]}"
                points[f"{label}: {figures.name(norm)}"] = (
                    arm.interval().powers()
                )
                norms.append(norm)
    axes = {"xlabel": "steps until 5 % are wrong", "xscale": "log"}
    return figures.forest(points, norms, record=record, **axes)
