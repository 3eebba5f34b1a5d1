"""Does a language model read as well with RMSNorm as with LayerNorm?

Transformers learn to predict the next byte of Python's standard library
and are tested on files that they never saw, in bits per byte. The norm
stands before each sublayer of six blocks, which without one do not learn
at all, or behind each of two.

Scope: Transformers of two and six blocks, width 32 and 64 bytes of
context, 300 steps of Adam with 512 bytes each, warm-up and decay. They
are far from done and far from large.
"""

from typing import Any

from ...records import Record
from ..arms import Contrast, read
from ..decisions import (
    Decision,
    Estimate,
    above,
    below,
    estimate,
    settle,
    within,
)
from ..intervals import Interval, mean_interval
from ..nets import language
from ..nets.transformer import Transformer
from ..protocol import Config, Pilot, Rows, Trial, Unit, part

# Per cent more bits: what a tenth more steps bring (see the pilots).
MARGIN = 1.5
NORMS = ("layer", "rms")
NETS = {
    "before, 6 blocks": {"placement": "pre", "depth": 6},
    "behind, 2 blocks": {"placement": "post", "depth": 2},
}
SMALL = "behind, 2 blocks"  # the controls are of this one
CONTROLS = {
    "other weights": {"add": 50_000},
    "half as wide": {"share": 2},
}

trial = Trial(
    __name__, __doc__,
    source=("zhang2019rmsnorm", "xiong2020", "vaswani2017"),
    grid={"net": [*NETS, *CONTROLS], "norm": list(NORMS)},
    keep=lambda unit: unit["net"] in NETS or unit["norm"] == "layer",
    config={
        "rates": [0.003, 0.01, 0.03, 0.1], "width": 32, "length": 64,
        "batch": 8, "steps": 300, "warmup": 0.1, "tested": 64,
        "first_seed": 8000, "seeds": 8,
    },
    live={"net": [SMALL], "rates": [0.01], "steps": 40, "tested": 4,
          "seeds": 2},
    gpu={"rates": [3e-4, 1e-3, 3e-3], "width": 768, "length": 128,
         "batch": 32, "steps": 1000},
    pilots=[Pilot(
        range(900, 902),
        "Two seeds. Width 64, two blocks, branches halved, 400 steps: "
        "LayerNorm before 3.20 bits, RMSNorm 3.22; 800 steps 2.82, 12 % "
        "less. Width 32: LayerNorm 3.27, no norm 3.24; width 16 3.42. So "
        "that a norm matters, six blocks of full branches (200 steps): no "
        "norm 6.7 at best, LayerNorm before 3.55, behind 4.3 or more.",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| Transformers at once."""
    changes = CONTROLS.get(unit["net"], {})
    net = NETS.get(unit["net"], NETS[SMALL]) | part(config, "length")
    net["width"] = config["width"] // changes.get("share", 1)

    def make(seed: int) -> Transformer:
        seed += changes.get("add", 0)
        return Transformer(seed, norm=unit["norm"], **net)

    return language.sweep(config, make, device)


def more(record: Record, net: str, norm: str, of: str = SMALL) -> Contrast:
    """Compare test bits with LayerNorm's, in per cent of its mean."""
    own = read(record, "test_bits", by="val_bits", net=net, norm=norm)
    peer = read(record, "test_bits", by="val_bits", net=of, norm="layer")
    return Contrast(own, peer, unit=peer.at_best.mean() / 100)


@trial.null
def other_weights(record: Record) -> Estimate:
    """LayerNorm once more, from other initial weights: no difference."""
    found = more(record, "other weights", "layer")
    return estimate("% more bits, other weights", found, within, MARGIN)


@trial.positive
def half_as_wide(record: Record) -> Estimate:
    """LayerNorm in a net half as wide has to read worse."""
    found = more(record, "half as wide", "layer")
    return estimate("% more bits, half as wide", found, above, MARGIN)


@trial.rule("rms.quality")
def reads_as_well(record: Record) -> Decision:
    """Test bits per byte with RMSNorm beyond LayerNorm's, in per cent of
    LayerNorm's, each at its best learning rate, paired by seed, with the
    norm before each sublayer of six blocks and behind each of two. 95 %
    intervals for both, the choice of the rate inside. As good: all of the
    interval below {MARGIN:.1f} %. Worse: all of it above. As good in both:
    holds; in one and worse in the other: holds when; worse in both: does
    not hold. Otherwise open.
    """
    arms = {net: more(record, net, "rms", net) for net in NETS}
    worst = max(arm.interval(len(arms)).high for arm in arms.values())
    return settle(
        arms, below, MARGIN, when="the norm stands {arms}",
        because="Per cent more bits per byte than LayerNorm: {arms}.",
        says={
            "holds": "A small language model: RMSNorm reads as well, "
            f"within {worst:.1f} %.",
            "holds when": "A small language model: RMSNorm reads as well "
            "{clear} only.",
            "does not hold": "A small language model reads worse with "
            f"RMSNorm, by up to {worst:.1f} %.",
        },
    )  # fmt: skip


def point(record: Record, **arm: Any) -> Interval | None:
    """Return test bits per byte at one rate, where measured."""
    found = record.values("test_bits", **arm)
    return mean_interval(found) if found else None


trial.curves(
    point, "rate", {"net": {net: net for net in NETS}}, lines=NORMS,
    xlabel="learning rate", ylabel="bits per byte",
)  # fmt: skip
