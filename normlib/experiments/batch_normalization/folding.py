"""What does an inference gain when BatchNorm is folded away?

In evaluation BatchNorm is an affine map of each channel, and so is what a
convolution does last: the two are one convolution. Measured on stacks of
convolution, BatchNorm and ReLU with and without folding, one image at a
time, the two in turn, so that a slow moment of the machine meets both.
No claim is decided here; the page prints what was measured.
"""

from __future__ import annotations

import statistics
import time
from copy import deepcopy

import torch
from matplotlib.figure import Figure
from torch import nn

from ... import figures
from ...records import Record
from ..intervals import Interval, mean_interval
from ..trial import Config, Rows, Trial, Unit

FULL = {
    "kinds": ["3×3", "depthwise"],
    "channels": 64,
    "side": 28,
    "blocks": 6,
    "repeats": 31,
    "first_seed": 0,
    "seeds": 10,
}
PRESETS = {
    "live": FULL | {"side": 8, "repeats": 3, "seeds": 2},
    "cpu": FULL,
    "gpu": FULL | {"channels": 256, "side": 56, "seeds": 20},
}


def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """Return one convolution that does what both do in evaluation.

    W′ = (γ/σ) W,  b′ = β + (γ/σ)(b − μ),  σ² the running variance + ε.
    """
    folded = deepcopy(conv)
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    bias = 0 if conv.bias is None else conv.bias
    weight = conv.weight * scale.view(-1, 1, 1, 1)
    folded.weight = nn.Parameter(weight)
    shift = norm.bias + scale * (bias - norm.running_mean)
    folded.bias = nn.Parameter(shift)
    return folded


def fold_all(net: nn.Sequential) -> nn.Sequential:
    """Fold every BatchNorm that follows a convolution."""
    layers: list[nn.Module] = []
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fold(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers).eval()


def make(kind: str, config: Config, seed: int) -> nn.Sequential:
    """Return a stack whose norms hold any statistics, γ and β."""
    C, layers = config["channels"], []
    shapes = [(3, 1)] if kind == "3×3" else [(3, C), (1, 1)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for side, groups in shapes * config["blocks"]:
            conv = nn.Conv2d(
                C, C, side, padding=side // 2, groups=groups, bias=False
            )
            norm = nn.BatchNorm2d(C)
            for v in (norm.weight, norm.running_var):
                nn.init.uniform_(v, 0.5, 1.5)
            for v in (norm.bias, norm.running_mean):
                nn.init.normal_(v)
            layers += [conv, norm, nn.ReLU()]
    return nn.Sequential(*layers).eval()


def units(config: Config) -> list[Unit]:
    """One unit a kind of convolution."""
    return [{"kind": kind} for kind in config["kinds"]]


@torch.inference_mode()
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a seed, repeat and net: the seconds of one image.

    "deviation" is the largest difference in float64, of the largest y.
    """
    rows: Rows = []
    shape = (1, config["channels"], config["side"], config["side"])
    first = config["first_seed"]
    for seed in range(first, first + config["seeds"]):
        net = make(unit["kind"], config, seed).to(device)
        x = torch.randn(
            shape, generator=torch.Generator().manual_seed(seed)
        )
        x = x.to(device)
        exact = deepcopy(net).double()
        y, y_folded = exact(x.double()), fold_all(exact)(x.double())
        deviation = ((y - y_folded).abs().max() / y.abs().max()).item()
        nets = {"BatchNorm": net, "folded": fold_all(net)}
        for repeat in range(-3, config["repeats"]):  # three warm up
            for arm, each in nets.items():
                seconds = _time(each, x)
                if repeat >= 0:
                    row = {"seed": seed, "repeat": repeat, "arm": arm}
                    row["deviation"] = float(f"{deviation:.1e}")
                    rows.append(unit | row | {"seconds": round(seconds, 7)})
    return rows


def _time(net: nn.Module, x: torch.Tensor) -> float:
    start = time.perf_counter()
    net(x)
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def gain(record: Record, kind: str) -> Interval:
    """Time with BatchNorm over time folded, of medians seed by seed."""
    ratios = []
    for seed in sorted({row["seed"] for row in record.rows}):
        plain, folded = (
            statistics.median(
                record.values("seconds", kind=kind, seed=seed, arm=arm)
            )
            for arm in ("BatchNorm", "folded")
        )
        ratios.append(plain / folded)
    return mean_interval(ratios)


def table(record: Record) -> str:
    """Print a row a kind: the gain and the largest deviation."""
    lines = [f"{'convolution':12} {'times faster':>20} {'deviation':>10}"]
    for kind in record.config["kinds"]:
        ratio = "{:.2f} [{:.2f}, {:.2f}]".format(*gain(record, kind))
        worst = max(record.values("deviation", kind=kind))
        lines.append(f"{kind:12} {ratio:>20} {worst:>10.0e}")
    return "\n".join(lines)


def plot(record: Record, guess: None = None) -> Figure:
    """Draw the gain, seed by seed."""
    fig, (ax,) = figures.panels(1, height=2.4)
    kinds = record.config["kinds"]
    for y, kind in enumerate(kinds):
        mean, low, high = gain(record, kind)
        ax.errorbar(
            mean, y, xerr=[[mean - low], [high - mean]], fmt="o", capsize=4,
            color=figures.STYLES["batch"][1],
        )  # fmt: skip
    ax.set_yticks(range(len(kinds)), kinds)
    ax.set_xlabel("time with BatchNorm / time folded")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.folding",
    question="What does inference gain when BatchNorm is folded away?",
    source=("ioffe2015",),
    scope="Six blocks of 64 channels on one 28×28 image, eager PyTorch.",
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={},
    plot=plot,
    order=92,
)
