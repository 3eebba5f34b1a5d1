"""Is BatchNorm what its four equations say? PyTorch is the witness.

Nothing is trained. Random arrays go through torch.nn in float64, and what
comes out is compared with the equations, written out in NumPy. Beside
them stand the same samples in another order, which may change nothing,
and an equation with a mistake, which has to be off.

Scope: torch.nn.BatchNorm in float64, random inputs of small shapes.
"""

from typing import Any

from matplotlib.figure import Figure

from ...records import Record
from ..decisions import Decision, fits, misses, settle
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
from .equations import CHECKS

SHARE = 1e-3  # a variance is 1 within a part in a thousand

trial = Trial(
    __name__, __doc__, source=("ioffe2015",), grid={"check": list(CHECKS)},
    config={"first_seed": 2000, "seeds": 20},
    live={"seeds": 2}, gpu={"seeds": 200},
    pilots=[Pilot(range(1000, 1020), (
        "the record before, by the same rules and with the same verdicts"
    ))],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed and quantity: the largest deviation."""
    return rows_of(CHECKS[unit["check"]], config, device)


trial.null(done_again)
trial.positive(a_mistake)


@trial.rule("bn.mean", check="mean")
def mean_is_over_m(record: Record, check: str) -> Decision:
    """The running mean at momentum 1 is the batch's mean. For vectors
    (N, C) and for images (N, C, H, W), beside the sum over all axes but C,
    divided by m = N·H·W. It fits when it is within {AGREE:g} for every
    seed, and is refuted when it is off by ten times that for every seed.
    Both fit: holds. One: holds when. None: does not hold. Else open.
    """
    kinds = ("vectors", "images")
    return settle(
        {kind: off(record, check, f"Σ/m, {kind}") for kind in kinds},
        fits, 1.0, when="x is of {arms}",
        because=f"Off by, in units of {AGREE:g}: {{arms}}.",
        says={
            "holds": "BatchNorm's mean divides by m = N·H·W: count "
            "positions, not samples alone.",
            "holds when": "Only for {clear} is it the sum over m.",
            "does not hold": "It is not the sum divided by m.",
        },
    )  # fmt: skip


@trial.rule("bn.xhat", check="xhat")
def xhat_is_standard(record: Record, check: str) -> Decision:
    """In channels of deviation σ = 1 and of σ = 0.001 (ε = 1e-5): the
    output is (x − μ)/√(var + ε), its mean is 0, and no value exceeds √(m −
    1), all within {AGREE:g}; its variance is 1, and of two values one
    becomes 1 and the other −1, within {SHARE:g}. A channel fits when all
    do for every seed, and is refuted when one of them is off by ten times
    as much for every seed. Both fit: holds. One: holds when. None: does
    not hold. Else open.
    """
    exact = ("formula", "mean", "beyond √(m−1)")
    arms: dict[str, Any] = {
        at: [
            *(off(record, check, f"{name}, {at}") for name in exact),
            off(record, check, f"variance − 1, {at}", SHARE),
            off(record, check, f"two values, ±1, {at}", SHARE),
        ]
        for at in ("σ = 1", "σ = 0.001")
    }
    faint = off(record, check, "variance − 1, σ = 0.001", 1.0).interval()
    return settle(
        arms, fits, 1.0, when="the channel's deviation is {arms}",
        because=(
            f"Formula, mean, largest value (in units of {AGREE:g}), "
            f"variance and two values (of {SHARE:g}): {{arms}}."
        ),
        says={
            "holds": "Every channel leaves with mean 0 and variance 1.",
            "holds when": "Channels with σ near √ε keep less: at σ=0.001 "
            f"variance {1 - faint.mean:.2f}, not 1.",
            "does not hold": "It does not give mean 0 and variance 1.",
        },
    )  # fmt: skip


@trial.rule("bn.affine", check="affine")
def affine_is_learned(record: Record, check: str) -> Decision:
    """Autograd's gradients beside sums over all axes but C. γ: dγ is Σ
    dy·x̂. β: dβ is Σ dy, and it takes the place of the bias before the
    norm, whose gradient is 0 in units of the weights'. Both gradients are
    also what differences of the loss say. Each fits within {AGREE:g} for
    every seed, and is refuted when off by ten times that for every seed.
    Both fit: holds. One: holds when. None: does not hold. Else open.
    """
    both = "dγ, dβ − differences"
    arms: dict[str, Any] = {
        "γ": [off(record, check, q) for q in ("dγ − Σ dy·x̂", both)],
        "β": [
            off(record, check, q)
            for q in ("dβ − Σ dy", both, "bias before")
        ],
    }
    return settle(
        arms, fits, 1.0, when="it is {arms} that is learned",
        because=f"Off by, in units of {AGREE:g}: {{arms}}.",
        says={
            "holds": "γ and β are learned, one a channel; drop the bias "
            "before them.",
            "holds when": "Only {clear} learns as the equation says.",
            "does not hold": "Neither γ nor β learns as the equation says.",
        },
    )  # fmt: skip


@trial.rule("bn.sample-dependency", check="dependency")
def samples_depend(record: Record, check: str) -> Decision:
    """The largest ∂y_i/∂x_j between two samples, in training mode and in
    evaluation. Samples depend when it is above 0 by 1e-8 for every seed,
    and do not when it is below {AGREE:g}. In both modes: holds. In one:
    holds when. In none: does not hold. Else open.
    """
    modes = ("training", "evaluation")
    at = {m: off(record, check, f"∂y_i/∂x_j in {m}") for m in modes}
    least = at["training"].interval().low * AGREE
    return settle(
        at, misses, 1.0, when="the layer is in {arms} mode",
        because=(
            f"Between two samples in training {least:.2f} or more; in "
            f"units of {AGREE:g}, {{arms}}."
        ),
        says={
            "holds": "Samples depend on each other in both modes.",
            "holds when": "In {clear} mode samples depend on each other; "
            "in {refuted} not at all.",
            "does not hold": "Samples do not depend on each other.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw every quantity: what must fit filled, mistakes open."""
    names = {
        key: label.replace("y_i", "yᵢ").replace("x_j", "xⱼ")
        for key, label in names_of(record).items()
    }
    return draw(record, "batch", names)
