"""Where does LayerNorm help a Transformer, and does it at all?

Small Transformers learn to predict the next byte of Python's standard
library at learning rates from 0.0003 to 0.3. LayerNorm stands before each
sublayer, behind it, on both sides, or before it and on queries and keys
too. Without a norm a net gets what is known to help it, branches that
start small; two blocks are there beside six.

Scope: Transformers of two and six blocks, width 32 and 32 bytes of
context, 300 steps of Adam with 256 bytes each. Nets that much is asked of,
deep, wide and long trained, are not among them.
"""

import math
from functools import partial

import torch
from torch import Tensor

from ...records import Record
from ...table import Table
from ..batch_norm.spans import weakest
from ..decisions import (
    Decision,
    Estimate,
    above,
    estimate,
    settle,
    some,
    within,
)
from ..nets import language
from ..nets.ensemble import Ensemble
from ..nets.transformer import Transformer
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from .placements import (
    DEEP,
    LINES,
    NETS,
    bits,
    fewer,
    fewer_around,
    mean,
    scores,
)

MARGIN = 3.0  # per cent fewer bits: what a fifth more steps bring
PEERS = {
    "before": "no norm", "behind": "no norm", "both sides": "no norm",
    "queries and keys": "before",
}  # fmt: skip

trial = Trial(
    __name__, __doc__,
    source=("xiong2020", "kim2025periln", "henry2020", "wortsman2024"),
    grid={"net": [*NETS]},
    config={
        "rates": [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
        "width": 32, "length": 32, "batch": 8, "steps": 300,
        "warmup": 0.1, "tested": 32, "first_seed": 7000, "seeds": 8,
    },
    live={"net": ["no norm, two blocks", "before, two blocks"],
          "rates": [0.03], "steps": 40, "tested": 4, "seeds": 2},
    gpu={"rates": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2], "width": 768,
         "length": 128, "batch": 32, "steps": 1000},
    pilots=[Pilot(
        range(900, 904),
        "Two to four seeds, bits. Six blocks, best rate: no norm 3.32 and "
        "3.47 at 0.01, lost at 0.1; before 3.38 and 3.56 at 0.03, 3.9 and "
        "4.2 at 0.1; on both sides 3.45 and 3.64, as good at 0.1; behind "
        "4.1 to 4.4 at 0.001 and 0.003, without warm-up too; DeepNorm 3.43 "
        "and 3.61 at 0.01; queries and keys 3.39 and 3.59 at 0.03, 3.7 and "
        "3.8 at 0.1. No norm, full branches: 7. Two blocks: behind 3.50. "
        "Largest scores at 0.3: 10⁵ and 38, without and with a norm of "
        "queries and keys. A fifth more steps: 3 % fewer bits, from twice "
        "as many, 12 % (rms_norm.quality).",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| Transformers at once."""
    name = unit["net"]
    net = {"norm": "layer"} | NETS[name] | part(config, "width", "length")
    if name.endswith("no warm-up"):
        config = config | {"warmup": 0.0}
    add = 50_000 * name.endswith("other weights")
    rows = language.sweep(
        config, lambda seed: Transformer(seed + add, **net), device, largest
    )
    lost = {"score": None}  # where scores are not finite
    return [r if math.isfinite(r["score"]) else r | lost for r in rows]


@torch.no_grad()
def largest(nets: Ensemble, config: Config) -> dict[str, Tensor]:
    """Return log10 of the largest |score| of any attention, (E,)."""
    x, _ = next(language.unseen(nets, "val", config))
    scores = nets(x, training=False, scores=True)
    return {"score": scores.amax(-1).log10()}


@trial.null
def other_weights(record: Record) -> Estimate:
    """The norm before, from other initial weights: no difference."""
    pair = "before, other weights", "before"
    both = {
        "% fewer bits, other weights": fewer(record, *pair),
        "the same, on average over rates": fewer_around(record, *pair),
    }
    return weakest(both, within, MARGIN)


@trial.positive
def full_branches(record: Record) -> Estimate:
    """At one rate, full branches without a norm have to read worse."""
    found = fewer(record, "both sides", "no norm, full branches", rate=0.01)
    return estimate("% fewer bits than full branches", found, above, MARGIN)


@trial.rule("ln.transformers")
def helps_attention(record: Record) -> Decision:
    """That it is the standard is read as: it helps. A Transformer of six
    blocks with LayerNorm uses fewer test bits per byte than the same
    without, at the best rate of each or on average over the rates a decade
    to each side of the peer's best one; in per cent, paired by seed, 95 %
    intervals, Bonferroni over all, the choice of the rates inside the
    first. The norm stands before the sublayers, behind or on both sides
    (peer: no norm, branches that start small), or on queries and keys
    beside the one before (peer: without that). It helps: either lies all
    above {MARGIN:.1f} %. It does not: both lie all below. All help: holds;
    some, and the rest do not: holds when; none: does not hold. Otherwise
    open.
    """
    arms = {
        net: [fewer(record, net, of), fewer_around(record, net, of)]
        for net, of in PEERS.items()
    }
    return settle(
        arms, above, MARGIN, when="its place is {arms}", join_by=some,
        because="Per cent fewer bits at the best rate, and on average "
        "over rates: {arms}.",
        says={
            "holds": "LayerNorm helps small Transformers wherever it was "
            "put.",
            "holds when": "LayerNorm helps small Transformers, but not "
            "{refuted}.",
            "does not hold": "Small Transformers whose branches start "
            "small need no LayerNorm.",
        },
    )  # fmt: skip


@trial.reading
def table(record: Record) -> Table:
    """Return the bits at the best rate, and that rate: a row a net."""
    arms = {net: bits(record, net) for net in record.distinct("net")}
    rows = [
        (net, f"{arm.at_best.mean():.2f}", f"{arm.rates[arm.chosen]:g}")
        for net, arm in arms.items()
    ]
    return Table(("net", "bits", "at the rate"), rows)


trial.curves(
    partial(mean, column="test_bits"), "rate", lines=[*LINES[:4], DEEP],
    xlabel="learning rate", ylabel="bits per byte", height=4.2,
)  # fmt: skip

trial.reading(scores)
