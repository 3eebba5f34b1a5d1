"""Is LayerNorm ideal for LSTMs and GRUs?

Nets read symbols, then write them down: the copy task. LayerNorm stands
where Ba et al. put it, on W_x x, on W_h h and on an LSTM's cell. Nets start
as torch.nn's do, or wide: sums of deviation 1, gates that keep open.

Scope: LSTMs and GRUs of 32 units that copy 3 or 5 of four symbols; batches
of 16, Adam with clipped gradients, at most 500 steps. Steps are counted,
not seconds: one with LayerNorm costs more. Final losses were not judged.
"""

import math
from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..nets.copying import race
from ..nets.gated import GATES, Gated
from ..protocol import Config, Pilot, Rows, Trial, Unit
from . import rnns
from .rnns import LAYER, STARTS, STEPS, lead

FACTOR = 2  # of steps: one with LayerNorm costs about two
MARGIN = math.log10(FACTOR)  # decades
TARGET = 5.0  # per cent of symbols that are wrong

trial = Trial(
    __name__, __doc__, source=("ba2016",),
    grid={
        "symbols": list(STEPS), "cell": list(GATES),
        "start": list(STARTS), "norm": ["none", "layer"],
        "arm": ["main", *rnns.CONTROLS],
    },
    keep=lambda u: u["arm"] == "main"
    or u == rnns.RACED | {"arm": u["arm"]},
    config={
        "rates": [0.002, 0.007, 0.02, 0.06, 0.2], "hidden": 32,
        "kinds": 4, "batch": 16, "target": TARGET, "looks": 50,
        "steps": 500, "first_seed": 5000, "seeds": 8,
    },
    live={"symbols": ["3"], "cell": ["LSTM"], "start": ["torch.nn"],
          "arm": ["main"], "rates": [0.02], "seeds": 2},
    gpu={"hidden": 128, "seeds": 30},
    pilots=[Pilot(
        range(900, 903),
        "Two or three seeds an arm. From a wide start LayerNorm took 0.8 "
        "to 1.3 times fewer steps of five and eight symbols, 1.3 to 1.5 of "
        "three; from torch.nn's 1.2 to 1.7 of five, 1.8 to 2.1 of three: "
        "both starts are raced. Best rates 0.007 to 0.06. With 10 % for a "
        "target 1.5 could not be told; 5 % and the factor of "
        "bn.higher-lr, 2, were taken.",
    ), Pilot(
        range(1000, 1002),
        "The live preset: 102 steps without a norm, 40 with LayerNorm.",
    ), Pilot(
        range(2000, 2010),
        "By the same rule, at the rates of the means, 0.9 (LSTM, five, "
        "wide) to 2.0 times fewer steps (LSTM, three, torch.nn's). The "
        "record was given up: it held two kinds of rows, and the file kept "
        "the columns of the first alone, without what padding moves.",
    ), Pilot(
        range(3000, 3008),
        "The first record: 1.2 to 1.8 times fewer steps from torch.nn's "
        "start, one of four told from 2; 0.98 to 1.4 from a wide one, all "
        "told. Final losses of GRUs from torch.nn's start 4 and 7 times "
        "lower.",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    form = rnns.form(unit, config["hidden"]) | {"start": unit["start"]}
    count, more = int(unit["symbols"]), rnns.later(unit)
    return race(
        config, lambda seed: Gated(seed + more, **form), (count, count),
        STEPS[unit["symbols"]], device, decay=False,
    )  # fmt: skip


@trial.null
def other_weights(record: Record) -> Estimate:
    """Compare the plain LSTM with itself from other weights."""
    found = lead(record, {"arm": "other weights"}, {})
    return estimate("other weights", found, within, MARGIN)


@trial.positive
def few_units(record: Record) -> Estimate:
    """See that few units take longer, at one rate."""
    at = {"rate": rnns.AT}
    found = lead(record, at, at | {"arm": "few units"})
    return estimate("few units", found, above, MARGIN)


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
        f"{cell}, {count} symbols, {STARTS[start]}": lead(
            record, place | LAYER, place
        )
        for cell in GATES for start in STARTS for count in STEPS
        for place in [{"cell": cell, "start": start, "symbols": count}]
    }  # fmt: skip
    ends = {arm: c.interval(len(arms)) for arm, c in arms.items()}
    told = "; ".join(f"{arm} {i.factors()}" for arm, i in ends.items())
    under = [a for a, i in ends.items() if i.high < MARGIN]
    by_start = {
        start: "–".join(
            f"{10 ** f(i.mean for a, i in ends.items() if start in a):.1f}"
            for f in (min, max)
        )
        for start in STARTS.values()
    }
    found = ", ".join(f"{n} ({start})" for start, n in by_start.items())
    by_cell = {
        f"{cell}s": [c for a, c in arms.items() if a.startswith(cell)]
        for cell in GATES
    }
    return settle(
        by_cell, above, MARGIN, when="it means {arms}",
        because=f"Steps fewer with LayerNorm, by factors: {told}. Surely "
        f"under {FACTOR}: {'; '.join(under) or 'none'}.",
        says={
            "holds": f"LSTMs and GRUs: LayerNorm divides steps by over "
            f"{FACTOR}, from both starts.",
            "holds when": f"LayerNorm divides steps by over {FACTOR} in "
            "{clear}, from both starts; not in {refuted}.",
            "does not hold": "On average LayerNorm divides steps by "
            f"{found}.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the steps until trained, at the quickest rate."""
    points, norms = {}, []
    for cell, start, count in product(GATES, STARTS, STEPS):
        for norm in ("none", "layer"):
            place = {"cell": cell, "start": start, "symbols": count}
            if record.where(norm=norm, **place):
                arm = rnns.taken(record, norm=norm, arm="main", **place)
                label = f"{cell}, {count} symbols, {STARTS[start]}"
                points[f"{label}: {figures.name(norm)}"] = (
                    arm.interval().powers()
                )
                norms.append(norm)
    axes = {"xlabel": "steps until 5 % are wrong", "xlim": (0, 520)}
    return figures.forest(points, norms, record=record, **axes)
