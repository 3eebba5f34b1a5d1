"""Are instance, group and weight norm what their sentences say?

Nothing is trained. Random arrays and weights go through the layers; what
comes out is compared with the equation in NumPy and with the neighbours
that a sentence names. Beside them stand the same thing done again, which
may change nothing, and a mistake, which has to be off.

Scope: torch.nn, normlib and its NumPy in float64, torch.nn's instance norm
in float32 too; 2 to 8 numbers an axis; one CPU, one thread.
"""

from matplotlib.figure import Figure

from ...records import Record
from ..decisions import Decision, fits, settle
from ..deviations import (
    AGREE,
    a_mistake,
    done_again,
    draw,
    names_of,
    off,
    rows_of,
)
from ..protocol import Config, Pilot, Rows, Trial, Unit
from . import equations

SINGLE = 1e-5  # float32 rounding
CHECKS = {
    "instance": equations.instance,
    "bridge": equations.bridge,
    "weight": equations.weight,
}
ENDS = {
    "as InstanceNorm": "InstanceNorm, as many groups as channels",
    "as a LayerNorm of (C, H, W)": "LayerNorm of (C, H, W), one group",
    "as a LayerNorm of C": "LayerNorm of C at each position, one group",
}

trial = Trial(
    __name__, __doc__, source=("ulyanov2016", "wuhe2018", "salimans2016"),
    grid={"check": list(CHECKS)}, config={"first_seed": 5000, "seeds": 20},
    live={"seeds": 2}, gpu={"seeds": 200},
    pilots=[Pilot(range(1, 2), (
        "one group beside a LayerNorm of C was off by 3, a weight vector "
        "of a transposed convolution by 0.2, all else agreed"
    )), Pilot(range(2000, 2020), (
        "the first record, with the same verdicts but one: in evaluation "
        "instance norm was tried without running statistics alone. dim=1, "
        "in a headline, was not tried; the null, samples in another order, "
        "was one that BatchNorm passes too"
    )), Pilot(range(3000, 3020), (
        "the second record, with the verdicts of this one: running "
        "statistics in training and in evaluation were one arm, a "
        "transposed convolution was not tried with groups, and its random "
        "g stood beside lengths of 1"
    )), Pilot(range(4000, 4020), (
        "the third record, with the verdicts of this one; two of its seeds "
        "were seen before its rule was committed. A headline asked for one "
        "group, and a transposed convolution with a group an input, which "
        "needs nothing, was not tried"
    ))],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed and quantity: the largest deviation."""
    return rows_of(CHECKS[unit["check"]], config, device)


trial.null(done_again)
trial.positive(a_mistake)


@trial.rule("in.definition", check="instance")
def of_one_channel(record: Record, check: str) -> Decision:
    """InstanceNorm for series, images and volumes, beside γ (x − μ) / √(var
    + ε) + β with mean and variance over the positions of one channel of one
    sample. Without running statistics, its default: torch.nn, normlib and
    NumPy in float64, torch.nn in float32; a GroupNorm with one channel a
    group; and torch.nn in evaluation. With them torch.nn, in training, and
    in evaluation. Each fits when all are within 1e-9 (float32: 1e-5) for
    every seed, and is refuted when one is off by ten times that for every
    seed. All fit: holds. Some, and the rest is refuted: holds when. None:
    does not hold. Else open.
    """
    single = {"float32": SINGLE}
    tried = {
        "without running statistics": (
            "formula", "float32", "one channel a group", "in evaluation"
        ),
        "with them in training": (f"{equations.AVERAGING}, training",),
        "with them in evaluation": (equations.AVERAGING,),
    }  # fmt: skip
    arms = {
        arm: [
            off(record, check, f"{kind}: {what}", single.get(what, AGREE))
            for kind in equations.KINDS
            for what in names
        ]
        for arm, names in tried.items()
    }
    return settle(
        arms, fits, 1.0, when="it is used {arms}",
        because="Formula, float32, as groups of one and in evaluation, or "
        "torch.nn alone, for series, images and volumes, off by, in units "
        "of 1e-9 (float32: 1e-5): {arms}.",
        says={
            "holds": "One mean and variance a channel and sample; groups "
            "of one channel agree.",
            "holds when": "One channel's mean and variance, but for "
            "track_running_stats in evaluation.",
            "does not hold": "Its statistics are not one channel's.",
        },
    )  # fmt: skip


@trial.rule("gn.bridge", check="bridge")
def at_both_ends(record: Record, check: str) -> Decision:
    """GroupNorm on images with γ and β a channel, beside what its ends
    should be: with C groups an InstanceNorm, with one group a LayerNorm. Of
    LayerNorms there are two: one of all C, H and W of a sample, as in
    GroupNorm's paper, and one of the C numbers at each position, as in
    ConvNeXt and in Transformers. An end fits when it is within 1e-9 for
    every seed, and is refuted when it is off by ten times that for every
    seed. All fit: holds. Some, and the rest is refuted: holds when. None:
    does not hold. Else open.
    """
    arms = {end: [off(record, check, name)] for end, name in ENDS.items()}
    return settle(
        arms, fits, 1.0, when="it ends {arms}",
        because="Off by, in units of 1e-9: {arms}.",
        says={
            "holds": "One group is LayerNorm, C groups are InstanceNorm.",
            "holds when": "One group averages over positions too; "
            "a Transformer's or ConvNeXt's LayerNorm does not.",
            "does not hold": "Neither end is the norm that it is said to "
            "be.",
        },
    )  # fmt: skip


@trial.rule("wn.definition", check="weight")
def length_and_direction(record: Record, check: str) -> Decision:
    """Weight norm on three layers as it comes, and on one with another dim,
    without and with two groups, and with a group an input, by PyTorch's
    parametrization and by
    normlib, beside g v / ‖v‖ with one length g and one vector v for each
    output (of a convolution: each output channel), as its paper has it; and
    the gradient of a random loss along v, which has to be 0. A layer fits
    when all are within 1e-9 for every seed, and is refuted when one is off
    by ten times that for every seed. All fit: holds. Some, and the rest is
    refuted: holds when. None: does not hold. Else open.
    """
    arms = {
        kind: [
            off(record, check, f"{kind}: {what}, {name}")
            for what in ("formula", "gradient along v")
            for name in equations.WRAPPERS
        ]
        for kind in equations.UNITS
    }
    return settle(
        arms, fits, 1.0, when="the layer is {arms}",
        because="Formula and gradient along v, by torch and by normlib, "
        "off by, in units of 1e-9: {arms}.",
        says={
            "holds": "A length and a direction an output, whatever the "
            "layer.",
            "holds when": "A length for each output; check dim and groups "
            "of a transposed convolution.",
            "does not hold": "Its vectors are not an output's.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw every quantity; what must fit is filled, mistakes are open."""
    return draw(record, "group", names_of(record))
