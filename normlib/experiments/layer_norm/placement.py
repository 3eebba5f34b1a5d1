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
from ..arms import Contrast
from ..batch_norm.spans import weakest
from ..decisions import (
    Decision,
    Estimate,
    above,
    settle,
    some,
    within,
)
from ..nets import language
from ..nets.ensemble import Ensemble
from ..nets.hybrid import hybrid
from ..nets.transformer import Transformer
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from .placements import (
    DEEP,
    LINES,
    NETS,
    bits,
    fewer,
    fewer_over_rates,
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
        "warmup": 0.1, "tested": 32, "first_seed": 7200, "seeds": 24,
    },
    live={"net": ["no norm, two blocks", "before, two blocks"],
          "rates": [0.03], "steps": 40, "tested": 4, "seeds": 2},
    gpu={"rates": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2], "width": 768,
         "length": 128, "batch": 32, "steps": 1000},
    pilots=[
        Pilot(range(900, 904), "Six blocks, best rate: no norm 3.32 and "
              "3.47 at 0.01, lost at 0.1; before 3.38 and 3.56 at 0.03; "
              "on both sides 3.45 and 3.64; behind 4.1 to 4.4 at 0.001. "
              "A fifth more steps: 3 % fewer bits; a third fewer: 4 % "
              "more, at the best rate and over rates."),
        Pilot(range(7000, 7008), "By a former rule, with lost nets as 7 "
              "bits: none helps at the best rate; over the five rates "
              "around the peer's best before 23.7, behind 10.3, both "
              "sides 24.3, queries and keys 3.0 per cent. With lost nets "
              "as a table (4.5 bits), looked at afterwards: 5.9, −9.9, "
              "6.6; intervals ±2.9, ±1.9, ±2.0."),
        Pilot(range(7100, 7112), "By the rule below, with twelve seeds: "
              "before −2.3 and 5.1 [2.5, 7.7], open; both sides −3.6 and "
              "5.9; behind and queries and keys do not help. It had no "
              "null for a net without a norm."),
    ],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| Transformers at once."""
    name, make = unit["net"], Transformer
    net = {"norm": "layer"} | NETS[name] | part(config, "width", "length")
    if name == "HybridNorm":
        make = hybrid
    if name.endswith("no warm-up"):
        config = config | {"warmup": 0.0}
    if name.endswith("fewer steps"):
        config = config | {"steps": 2 * config["steps"] // 3}
    add = 50_000 * name.endswith("other weights")
    rows = language.sweep(
        config, lambda seed: make(seed + add, **net), device, more
    )
    lost = {"score": None}  # where scores are not finite
    return [r if math.isfinite(r["score"]) else r | lost for r in rows]


@torch.no_grad()
def more(nets: Ensemble, config: Config) -> dict[str, Tensor]:
    """Return log10 of the largest |score| of any attention, (E,); and
    the bits of a table of frequencies.
    """
    x, _ = next(language.unseen(nets, "val", config))
    score = nets(x, training=False, scores=True).amax(-1).log10()
    table = language.table(nets, "test", config)
    return {"score": score, "table_bits": table}


def saves(record: Record, net: str, peer: str) -> dict[str, Contrast]:
    """Return the bits that a net saves, read in both ways."""
    return {
        f"{net}, best rate": fewer(record, net, peer),
        f"{net}, over rates": fewer_over_rates(record, net, peer),
    }


@trial.null
def other_weights(record: Record) -> Estimate:
    """The same nets from other initial weights: no difference."""
    pairs = {}
    for net in ("no norm", "before", "both sides"):
        pairs |= saves(record, f"{net}, other weights", net)
    return weakest(pairs, within, MARGIN)


@trial.positive
def fewer_steps(record: Record) -> Estimate:
    """The norm before has to read better than with a third fewer steps."""
    both = saves(record, "before", "before, fewer steps")
    return weakest(both, above, MARGIN)


@trial.rule("ln.transformers")
def helps_attention(record: Record) -> Decision:
    """That it is the standard is read as: it helps. A Transformer of six
    blocks with LayerNorm uses fewer test bits per byte than the same
    without: at the best rate of each, or on average over the rates from
    0.001 to 0.1, where a net that reads worse than a table of byte
    frequencies counts as the table. In per cent, paired by seed, 95 %
    intervals, Bonferroni over all, the choice of the rates inside the
    first. The norm stands before the sublayers, behind or on both sides
    (peer: no norm, branches that start small), or on queries and keys
    beside the one before (peer: without that). It helps: either lies all
    above {MARGIN:.1f} %. It does not: both lie all below. All help: holds;
    some, and the rest do not: holds when; none: does not hold. Otherwise
    open.
    """
    arms = {
        net: [*saves(record, net, peer).values()]
        for net, peer in PEERS.items()
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
