"""Does group norm suit dense prediction, two scenes a step?

A net says of each cell of a scene which figure lies there, or that none
does. It has learnt letters before, 16 scenes a step, with its own norm;
now it learns figures, two scenes a step. On maps two scenes are many
values. In the second net one norm stands behind the mean over a map, as
in heads of segmentation nets; there they are two. BatchNorm goes on, or is
frozen before the figures come, as detectors have it.

Scope: Nets of seven layers with 8 to 32 channels on scenes of 48×48 pixels,
five kinds of glyphs, SGD with momentum. Large detectors train for longer,
on more, and from photographs.
"""

from torch import nn

from ...layers import GroupNorm
from ...records import Record
from ..decisions import (
    Decision,
    Estimate,
    above,
    below,
    estimate,
    settle,
    within,
)
from ..nets.dense_prediction import FrozenBatchNorm2d, SceneNet, fine_tuned
from ..protocol import Config, Pilot, Rows, Trial, Unit
from . import scenes_read
from .scenes_read import (
    AGAIN,
    FEW,
    MANY,
    MARGIN,
    NEIGHBOURS,
    NETS,
    PEERS,
    SHORT,
    WIDE,
    more,
)

MAKES = {
    "batch": FrozenBatchNorm2d,
    "instance": lambda C: GroupNorm(C, C),  # takes a single position too
}

trial = Trial(
    __name__, __doc__, source=("wuhe2018",),
    grid={
        "net": list(NETS),
        "norm": ["group", *NEIGHBOURS, *PEERS, WIDE, AGAIN, SHORT],
    },
    keep=lambda unit: unit["norm"] not in (WIDE, AGAIN, SHORT)
    or unit["net"] == "pooled",
    config={
        "first_seed": 3000, "seeds": 10,
        "rates": [0.01, 0.02, 0.05, 0.1, 0.2, 0.4], "before": 120,
        "steps": 300, "batch": FEW, "n": 400, "test": 200,
    },
    live={
        "net": ["pooled"], "norm": ["group", "batch"], "rates": [0.1],
        "before": 20, "steps": 60, "seeds": 2, "n": 100, "test": 50,
    },
    gpu={"before": 300, "steps": 3000, "seeds": 24, "n": 4000},
    pilots=[Pilot(
        range(900, 902),
        "with letters at the rate of figures: on maps 23 % error with "
        "GroupNorm, 11 with BatchNorm, 12 with it frozen; with a norm "
        "behind a mean 40 with BatchNorm after 200 steps and 23 with "
        "GroupNorm, after 300 21 with frozen BatchNorm, 28 with no norm. "
        "Ten kinds of glyphs were not told apart, so there are five. "
        "Frozen nets diverged where letters had a high rate, so it is one "
        "for all: 17 with GroupNorm then, 26 with frozen BatchNorm, 24 "
        "with no norm, best rates 0.01 to 0.1. With differences so large "
        "the margin is a tenth",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Learn letters and then figures, |rates| × |seeds| nets at once."""
    norm = unit["norm"].partition(", ")[0]
    start = 500_000 * (unit["norm"] == AGAIN)
    if unit["norm"] == WIDE:
        config = config | {"batch": MANY}
    if unit["norm"] == SHORT:
        config = config | {"steps": config["steps"] // 2}
    kind = "batch" if norm == "frozen" else norm

    def make(seed: int) -> nn.Module:
        return SceneNet(
            seed + start, norm=MAKES.get(kind, kind),
            pooled=unit["net"] == "pooled",
        )  # fmt: skip

    return fine_tuned(config, make, device, frozen=norm == "frozen")


@trial.null
def other_weights(record: Record) -> Estimate:
    """GroupNorm once more, from other initial weights: no difference."""
    found = more(record, "pooled", AGAIN, "group")
    return estimate("% more errors, other weights", found, within, MARGIN)


@trial.positive
def half_the_steps(record: Record) -> Estimate:
    """GroupNorm after half as many steps has to err more."""
    found = more(record, "pooled", SHORT, "group")
    return estimate("% more errors, half the steps", found, above, MARGIN)


@trial.rule("gn.detection")
def suits_few_scenes(record: Record) -> Decision:
    """Cells named wrongly with BatchNorm, with frozen BatchNorm and without
    a norm, beyond GroupNorm's in per cent of GroupNorm's, two scenes a step
    for all, in a net whose norms all stand on maps and in one that has a
    norm behind the mean over a map too; each at its best learning rate,
    paired by seed; 95 % intervals for all six together. GroupNorm suits in
    the place of one when that one errs over {MARGIN:.0f} % more, and does
    not when all of the interval lies below. All six: holds. None: does not
    hold. Some, and the others not: holds when. Otherwise open.
    """
    arms = {
        f"{name}, {NETS[net]}": [more(record, net, peer, "group")]
        for net in NETS
        for peer, name in PEERS.items()
    }
    most = max(c.interval().mean for (c,) in arms.values())
    return settle(
        arms, above, MARGIN, when="it takes the place of {arms}", last="or",
        because="Per cent more errors than with GroupNorm: {arms}.",
        says={
            "holds": "At two scenes a step all else erred more, by up to "
            f"{most:.0f} %.",
            "holds when": "At two scenes {clear_count} of {count} "
            f"alternatives erred more, by up to {most:.0f} %.",
            "does not hold": "At two scenes a step other choices erred "
            "no more.",
        },
    )  # fmt: skip


@trial.rule("guide.det-gn")
def none_better(record: Record) -> Decision:
    """GroupNorm's errors beyond those of BatchNorm, of frozen BatchNorm, of
    no norm, of one group and of one channel a group, in per cent of its
    own, two scenes a step for all; each at its best learning rate, paired
    by seed; 95 % intervals for both nets and all five together. GroupNorm
    is a norm to use in a net when it errs less than {MARGIN:.0f} % more
    than any, and is not when it errs over {MARGIN:.0f} % more than one, by
    all of the interval. In both nets: holds. In neither: does not hold. In
    one, and not in the other: holds when. Otherwise open.
    """
    arms = {
        NETS[net]: [
            more(record, net, "group", other)
            for other in (*PEERS, *NEIGHBOURS)
        ]
        for net in NETS
    }
    most = max(c.interval().mean for group in arms.values() for c in group)
    return settle(
        arms, below, MARGIN, when="the net has {arms}",
        because="Per cent more errors with GroupNorm than with "
        "BatchNorm, frozen BatchNorm, no norm, one group, a group a "
        "channel: {arms}.",
        says={
            "holds": "No other norm erred less by over "
            f"{MARGIN:.0f} % at two scenes a step.",
            "holds when": "With {clear} no other erred less by "
            f"{MARGIN:.0f} %.",
            "does not hold": "Another norm erred less; GroupNorm up to "
            f"{most:.0f} % more.",
        },
    )  # fmt: skip


for shown in (scenes_read.error, scenes_read.table, scenes_read.plot):
    trial.reading(shown)
