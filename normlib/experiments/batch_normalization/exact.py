"""Is BatchNorm what its four equations say? PyTorch is the witness.

Nothing is trained. Random arrays go through torch.nn in float64, and what
comes out is compared with the equations, written out here in NumPy. Beside
them stand controls that have to fail, so that agreement means something.
"""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from ... import figures
from ...records import Record
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

AGREE = 1e-9  # float64 rounding, with room for sums of thousands
APART = 1e-2  # what a control must miss by

SEEDS = {"live": 2, "cpu": 20, "gpu": 200}
PRESETS = {p: {"first_seed": 0, "seeds": n} for p, n in SEEDS.items()}


def units(config: Config) -> list[Unit]:
    """One unit a group of checks."""
    return [{"check": name} for name in CHECKS]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed and quantity: the largest deviation."""
    first, rows = config["first_seed"], []
    for seed in range(first, first + config["seeds"]):
        rng = np.random.default_rng(seed)
        for name, value in CHECKS[unit["check"]](rng, device).items():
            row = unit | {"seed": seed, "quantity": name}
            rows.append(row | {"value": float(f"{value:.3g}")})
    return rows


def _images(rng: np.random.Generator) -> np.ndarray:
    shape = rng.integers(2, 9, size=4)  # N, C, H, W
    return rng.normal(rng.normal(), rng.uniform(0.5, 3), size=shape)


def _norm(C: int, device: str, **kwargs: float) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(C, device=device, dtype=torch.float64, **kwargs)


def _mean(rng: np.random.Generator, device: str) -> dict[str, float]:
    x = _images(rng)
    layer = _norm(x.shape[1], device, momentum=1.0)
    layer(torch.tensor(x, device=device))
    theirs = layer.running_mean.cpu().numpy()
    m = x.size // x.shape[1]
    one = x.sum((0, 2, 3)) / m
    samples = x[:, :, 0, 0].sum(0) / len(x)  # one position only
    return {
        "1/m over N, H, W": np.abs(theirs - one).max(),
        "over N at one position": np.abs(theirs - samples).max(),
    }


def _xhat(rng: np.random.Generator, device: str) -> dict[str, float]:
    x, eps = _images(rng), 1e-5
    y = _norm(x.shape[1], device, eps=eps)(torch.tensor(x, device=device))
    y = y.detach().cpu().numpy()
    axes, m = (0, 2, 3), x.size // x.shape[1]
    d = x - x.mean(axes, keepdims=True)
    var = (d**2).mean(axes, keepdims=True)
    unbiased = var * m / (m - 1)
    faint = torch.tensor(d / np.sqrt(var) * 1e-3, device=device)
    faint = _norm(x.shape[1], device, eps=eps)(faint).detach().cpu().numpy()
    return {
        "the formula": np.abs(y - d / np.sqrt(var + eps)).max(),
        "with m − 1": np.abs(y - d / np.sqrt(unbiased + eps)).max(),
        "mean": np.abs(y.mean(axes)).max(),
        "variance − 1": np.abs(y.var(axes) - 1).max(),
        "variance − 1 at σ = 0.001": np.abs(faint.var(axes) - 1).max(),
        "beyond √(m−1)": max(np.abs(y).max() - np.sqrt(m - 1), 0),
    }


def _affine(rng: np.random.Generator, device: str) -> dict[str, float]:
    x = torch.tensor(_images(rng), device=device)
    C = x.shape[1]
    conv = nn.Conv2d(C, C, 1, device=device, dtype=torch.float64)
    layer = _norm(C, device)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(rng.normal(size=(C, C, 1, 1))))
        conv.bias.zero_()
        layer.weight.copy_(torch.tensor(rng.normal(1, 0.5, C)))
        layer.bias.copy_(torch.tensor(rng.normal(0, 0.5, C)))
    dy = torch.tensor(rng.normal(size=x.shape), device=device)
    z = conv(x)
    (layer(z) * dy).sum().backward()
    x_hat = nn.functional.batch_norm(z, None, None, training=True)
    dgamma, dbeta = (dy * x_hat).sum((0, 2, 3)), dy.sum((0, 2, 3))
    scale = conv.weight.grad.abs().max()
    return {
        "dγ − Σ dy·x̂": (layer.weight.grad - dgamma).abs().max().item(),
        "dβ − Σ dy": (layer.bias.grad - dbeta).abs().max().item(),
        "bias before": (conv.bias.grad.abs().max() / scale).item(),
        "dβ": dbeta.abs().max().item(),
    }


def _dependency(rng: np.random.Generator, device: str) -> dict[str, float]:
    x = torch.tensor(rng.normal(size=(5, 3)), device=device)
    layer = nn.BatchNorm1d(3, device=device, dtype=torch.float64)
    found = {}
    for mode in ("training", "evaluation"):
        layer.train(mode == "training")
        J = torch.autograd.functional.jacobian(layer, x)  # (N, C, N, C)
        J = J.abs().amax((1, 3))
        J.fill_diagonal_(0)
        found[f"∂y_i/∂x_j in {mode}"] = J.max().item()
    return found


CHECKS = {
    "mean": _mean,
    "xhat": _xhat,
    "affine": _affine,
    "dependency": _dependency,
}


def worst(record: Record, quantity: str) -> float:
    """Return the largest value of a quantity over the seeds."""
    return max(record.values("value", quantity=quantity))


def least(record: Record, quantity: str) -> float:
    """Return the smallest value of a quantity over the seeds."""
    return min(record.values("value", quantity=quantity))


def mean_is_over_m(record: Record) -> Decision:
    """Decide bn.mean."""
    fits = worst(record, "1/m over N, H, W")
    control = least(record, "over N at one position")
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


def xhat_is_standard(record: Record) -> Decision:
    """Decide bn.xhat."""
    fits, control = (
        worst(record, "the formula"),
        least(record, "with m − 1"),
    )
    moments = max(worst(record, "mean"), worst(record, "beyond √(m−1)"))
    one = worst(record, "variance − 1")
    faint = least(record, "variance − 1 at σ = 0.001")
    because = (
        f"PyTorch is within {fits:.0e} of the formula; with m − 1 it would "
        f"be off by {control:.3f} at least. No |x̂| exceeds √(m−1). The "
        f"variance of x̂ misses 1 by {one:.0e} at most, but by {faint:.2f} "
        f"in a channel with σ = 0.001, where ε is not small."
    )
    if max(fits, moments) > AGREE or one > APART:
        return Decision("does not hold", because)
    if control < 1e-4:
        return Decision("open", because)
    if faint < APART:
        return Decision("holds", because)
    when = "the variance of the channel is far above ε"
    return Decision("holds when", because, when=when)


def affine_is_learned(record: Record) -> Decision:
    """Decide bn.affine."""
    dgamma, dbeta = worst(record, "dγ − Σ dy·x̂"), worst(record, "dβ − Σ dy")
    bias, control = worst(record, "bias before"), least(record, "dβ")
    because = (
        f"Autograd's dγ and dβ are within {max(dgamma, dbeta):.0e} of "
        f"Σ dy·x̂ and Σ dy, a pair for each channel. β takes the place of "
        f"the bias before it, whose gradient is {bias:.0e} of the weights'."
    )
    if max(dgamma, dbeta, bias) > AGREE:
        return Decision("does not hold", because)
    return Decision("holds" if control > APART else "open", because)


def samples_depend(record: Record) -> Decision:
    """Decide bn.sample-dependency."""
    training = least(record, "∂y_i/∂x_j in training")
    evaluation = worst(record, "∂y_i/∂x_j in evaluation")
    because = (
        f"The largest ∂y_i/∂x_j between two samples is {training:.2f} or "
        f"more in training and {evaluation:.0f} in evaluation."
    )
    if training < APART:
        return Decision("does not hold", because)
    if evaluation > 0:
        return Decision("holds", because)
    return Decision("holds when", because, when="it is in training mode")


CONTROLS = {"over N at one position", "with m − 1", "dβ"}
CONTROLS |= {"variance − 1 at σ = 0.001", "∂y_i/∂x_j in training"}


def plot(record: Record, guess: None = None) -> Figure:
    """Draw every quantity: agreements filled, controls open."""
    names = list(dict.fromkeys(row["quantity"] for row in record.rows))
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


trial = Trial(
    name="batch_normalization.exact",
    question="Is BatchNorm what its four equations say?",
    source=("ioffe2015",),
    scope="torch.nn.BatchNorm in float64, random inputs of small shapes.",
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.mean": Rule(
            f"The running mean at momentum 1 is the batch's mean. Holds "
            f"when it agrees within {AGREE:g} with the sum over N, H and W "
            f"divided by m = N·H·W, and misses the mean over samples alone "
            f"by {APART:g} for every seed.",
            mean_is_over_m,
        ),
        "bn.xhat": Rule(
            f"The output agrees within {AGREE:g} with the formula and not "
            f"with m − 1 in place of m; its mean is 0, no value exceeds "
            f"√(m−1), its variance is 1 within {APART:g}: holds. If the "
            f"last fails in a faint channel (σ = 0.001): holds when.",
            xhat_is_standard,
        ),
        "bn.affine": Rule(
            f"Autograd's dγ and dβ agree within {AGREE:g} with Σ dy·x̂ and "
            f"Σ dy for each channel, and the bias before the norm has a "
            f"gradient below {AGREE:g} of the weights': holds.",
            affine_is_learned,
        ),
        "bn.sample-dependency": Rule(
            f"Some ∂y_i/∂x_j between two samples exceeds {APART:g} for "
            f"every seed: holds; if all are 0 in evaluation: holds when.",
            samples_depend,
        ),
    },
    plot=plot,
    order=90,
)
