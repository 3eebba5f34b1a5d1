"""Is BatchNorm what its four equations say? PyTorch is the witness.

Nothing is trained. Random arrays go through torch.nn in float64, and what
comes out is compared with the equations, written out in NumPy. Beside
them stand controls that have to fail.

Scope: torch.nn.BatchNorm in float64, random inputs of small shapes.
"""

import numpy as np
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..decisions import Decision
from ..protocol import Config, Rows, Trial, Unit, seeds
from .equations import CHECKS

AGREE = 1e-9  # float64 rounding, with room for sums of thousands
APART = 1e-2  # what a control must miss by
CONTROLS = {"over N at one position", "with m − 1", "dβ"}
CONTROLS |= {"variance − 1 at σ = 0.001", "∂y_i/∂x_j in training"}

trial = Trial(
    __name__, __doc__, source=("ioffe2015",), grid={"check": list(CHECKS)},
    config={"seeds": 20}, live={"seeds": 2}, gpu={"seeds": 200},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed and quantity: the largest deviation."""
    rows: Rows = []
    for seed in seeds(config):
        found = CHECKS[unit["check"]](np.random.default_rng(seed), device)
        rows += [
            {"seed": seed, "quantity": name, "value": float(f"{v:.3g}")}
            for name, v in found.items()
        ]
    return rows


def ends(record: Record, *quantities: str) -> list[tuple[float, float]]:
    """Return the smallest and the largest value of each over the seeds."""
    values = (record.values("value", quantity=q) for q in quantities)
    return [(min(v), max(v)) for v in values]


@trial.rule("bn.mean")
def mean_is_over_m(record: Record) -> Decision:
    """The running mean at momentum 1 is the batch's mean. Holds when it
    agrees within {AGREE:g} with the sum over N, H and W divided by m =
    N·H·W, and misses the mean over samples alone by {APART:g} for every
    seed.
    """
    (_, fits), (control, _) = ends(
        record, "1/m over N, H, W", "over N at one position"
    )
    because = (
        f"PyTorch's mean is within {fits:.0e} of the sum over samples and "
        f"positions divided by m = N·H·W; over samples alone it is off by "
        f"{control:.2f} at least."
    )
    if fits > AGREE:
        return Decision("does not hold", because)
    if control < APART:
        return Decision("open", because)
    when = "m counts samples and positions: N·H·W, not the batch size"
    return Decision("holds when", because, when=when)


@trial.rule("bn.xhat")
def xhat_is_standard(record: Record) -> Decision:
    """The output agrees within {AGREE:g} with the formula and not with
    m − 1 in place of m; its mean is 0, no value exceeds √(m−1), its
    variance is 1 within {APART:g}: holds. If the last fails in a faint
    channel (σ = 0.001): holds when.
    """
    (_, fits), (control, _), (faint, _) = ends(
        record, "the formula", "with m − 1", "variance − 1 at σ = 0.001"
    )
    (_, mean), (_, beyond), (_, one) = ends(
        record, "mean", "beyond √(m−1)", "variance − 1"
    )
    because = (
        f"PyTorch is within {fits:.0e} of the formula; with m − 1 it would "
        f"be off by {control:.3f} at least. No |x̂| exceeds √(m−1). The "
        f"variance of x̂ misses 1 by {one:.0e} at most, but by {faint:.2f} "
        f"in a channel with σ = 0.001, where ε is not small."
    )
    if max(fits, mean, beyond) > AGREE or one > APART:
        return Decision("does not hold", because)
    if control < 1e-4:
        return Decision("open", because)
    if faint < APART:
        return Decision("holds", because)
    when = "the variance of the channel is far above ε"
    return Decision("holds when", because, when=when)


@trial.rule("bn.affine")
def affine_is_learned(record: Record) -> Decision:
    """Autograd's dγ and dβ agree within {AGREE:g} with Σ dy·x̂ and Σ dy
    for each channel, and the bias before the norm has a gradient below
    {AGREE:g} of the weights': holds.
    """
    (_, dgamma), (_, dbeta), (_, bias), (control, _) = ends(
        record, "dγ − Σ dy·x̂", "dβ − Σ dy", "bias before", "dβ"
    )
    because = (
        f"Autograd's dγ and dβ are within {max(dgamma, dbeta):.0e} of "
        f"Σ dy·x̂ and Σ dy, a pair for each channel. β takes the place of "
        f"the bias before it, whose gradient is {bias:.0e} of the weights'."
    )
    if max(dgamma, dbeta, bias) > AGREE:
        return Decision("does not hold", because)
    return Decision("holds" if control > APART else "open", because)


@trial.rule("bn.sample-dependency")
def samples_depend(record: Record) -> Decision:
    """Some ∂y_i/∂x_j between two samples exceeds {APART:g} for every
    seed: holds; if all are 0 in evaluation: holds when.
    """
    (training, _), (_, evaluation) = ends(
        record, "∂y_i/∂x_j in training", "∂y_i/∂x_j in evaluation"
    )
    because = (
        f"The largest ∂y_i/∂x_j between two samples is {training:.2f} or "
        f"more in training and {evaluation:.0f} in evaluation."
    )
    if training < APART:
        return Decision("does not hold", because)
    if evaluation > 0:
        return Decision("holds", because)
    return Decision("holds when", because, when="it is in training mode")


@trial.reading
def plot(record: Record) -> Figure:
    """Draw every quantity: agreements filled, controls open."""
    names = record.distinct("quantity")
    fig, (ax,) = figures.panels(1, height=5.4)
    color = figures.STYLES["batch"][1]
    for y, name in enumerate(names):
        values = np.maximum(record.values("value", quantity=name), 1e-17)
        face = "white" if name in CONTROLS else color
        ax.plot(values, [-y] * len(values), "o", color=color, mfc=face)
    ax.axvline(AGREE, color="#555555", ls=":")
    ax.set(xscale="log", xlabel="largest deviation (0 is drawn at 10⁻¹⁷)")
    ax.set_xticks([1e-15, 1e-10, 1e-5, 1.0])
    ax.minorticks_off()
    ax.set_yticks([-y for y in range(len(names))], names)
    return figures.finish(fig, record)
