"""What does an inference gain when BatchNorm is folded away?

In evaluation BatchNorm is an affine map of each channel, and so is what a
convolution does last: the two are one convolution. Measured on stacks of
convolution, BatchNorm and ReLU with and without folding, one image at a
time, the two in turn, so that a slow moment of the machine meets both.
No claim is decided here; the page prints what was measured.

Scope: Six blocks of 64 channels on one 28×28 image, eager PyTorch.
"""

import statistics
from copy import deepcopy
from functools import partial

import torch
from matplotlib.figure import Figure

from ... import figures
from ...records import Record, describe
from ...table import Table
from ..intervals import Interval, mean_interval
from ..nets.folded import fold_all, stack
from ..performance import race
from ..protocol import Config, Rows, Trial, Unit, part, seeds

trial = Trial(
    __name__, __doc__, source=("ioffe2015",),
    grid={"kind": ["3×3", "depthwise"]},
    config={
        "channels": 64, "side": 28, "blocks": 6, "repeats": 31, "seeds": 10,
    },
    live={"side": 8, "repeats": 3, "seeds": 2},
    gpu={"channels": 256, "side": 56, "seeds": 20},
)  # fmt: skip


@trial.measure
@torch.inference_mode()
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a seed, repeat and net: the seconds of one image.

    "deviation" is the largest difference in float64, of the largest y.
    """
    rows: Rows = []
    shape = (1, config["channels"], config["side"], config["side"])
    for seed in seeds(config):
        net = stack(seed, **unit, **part(config, "channels", "blocks"))
        g = torch.Generator().manual_seed(seed)
        x = torch.randn(shape, generator=g).to(device)
        exact = deepcopy(net.to(device)).double()
        y, y_folded = exact(x.double()), fold_all(exact)(x.double())
        off = ((y - y_folded).abs().max() / y.abs().max()).item()
        nets = {"BatchNorm": net, "folded": fold_all(net)}
        laps = {arm: partial(each, x) for arm, each in nets.items()}
        times = race.run(laps, config["repeats"], device)
        rows += [
            {"seed": seed, "repeat": repeat, "arm": arm}
            | {"deviation": float(f"{off:.1e}"), "seconds": round(s, 7)}
            for arm, seconds in times.items()
            for repeat, s in enumerate(seconds)
        ]
    return rows


@trial.reading
def gain(record: Record, kind: str) -> Interval:
    """Time with BatchNorm over time folded, of medians seed by seed."""
    ratios = []
    for seed in record.distinct("seed"):
        plain, folded = (
            statistics.median(
                record.values("seconds", kind=kind, seed=seed, arm=arm)
            )
            for arm in ("BatchNorm", "folded")
        )
        ratios.append(plain / folded)
    return mean_interval(ratios)


@trial.reading
def table(record: Record) -> Table:
    """Return a row a kind: the gain and the largest deviation."""
    rows = []
    for kind in record.config["kind"]:
        ratio = "{:.2f} [{:.2f}, {:.2f}]".format(*gain(record, kind))
        worst = max(record.values("deviation", kind=kind))
        rows.append((kind, ratio, f"{worst:.0e}"))
    head = ("convolution", "times faster", "deviation")
    return Table(head, rows, describe(record))


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the gain, in medians seed by seed."""
    points = {kind: gain(record, kind) for kind in record.config["kind"]}
    return figures.forest(
        points, ["batch"] * len(points), record=record,
        xlabel="time with BatchNorm / time folded",
    )  # fmt: skip
