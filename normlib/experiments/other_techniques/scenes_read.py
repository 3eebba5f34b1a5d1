"""What is read in a record of scenes: nets, arms and their contrasts."""

from __future__ import annotations

import torch
from matplotlib.figure import Figure

from ... import figures
from ...layers import GroupNorm
from ...records import Record
from ...table import Table
from ..arms import Arm, Contrast, read
from ..intervals import Interval
from ..introduction.places import missing
from ..nets.dense_prediction import MANY, SIDE, SceneNet
from ..nets.norms import GROUPS

FEW = 2  # scenes a step; MANY on letters, and for reference
LOST = 44.0  # per cent of cells: who says "nothing" everywhere errs so
MARGIN = 2.0  # points of error, as in the trial of few images a set
NETS = {"maps": "norms on maps", "pooled": "a norm behind a mean"}
WIDE = f"batch, {MANY} scenes"
AGAIN, SHORT = "group, other weights", "group, half the steps"
PEERS = {  # who does not normalize by groups
    "batch": "BatchNorm",
    "frozen": "frozen BatchNorm",
    "none": "no norm",
}
NEIGHBOURS = {"layer": "one group", "instance": "a group a channel"}
NAMES = {"group": "GroupNorm"} | NEIGHBOURS | PEERS | {
    WIDE: f"BatchNorm, {MANY} scenes"
}  # fmt: skip


def of(record: Record, net: str, norm: str) -> Arm:
    """Read the test error of an arm."""
    return read(record, net=net, norm=norm)


def more(record: Record, net: str, norm: str, than: str) -> Contrast:
    """Points of error beyond another norm's."""
    if not all(record.where(net=net, norm=n) for n in (norm, than)):
        return missing(record)
    own, other = of(record, net, norm), of(record, net, than)
    worst = max(arm.at_best.mean() for arm in (own, other))
    return Contrast(
        own, other, dead="it finds nothing" if worst > LOST else ""
    )


def error(record: Record, net: str, norm: str) -> Interval | None:
    """Return the test error at the arm's best rate, where measured."""
    if not record.where(net=net, norm=norm):
        return None
    return of(record, net, norm).interval()


def table(record: Record) -> Table:
    """Return the cells named wrongly, in per cent: a row a norm."""
    nets = {n: NETS[n] for n in record.distinct("net")}
    rows = [
        (NAMES.get(norm, norm),
         *(error(record, net, norm) or "–" for net in nets))
        for norm in record.distinct("norm")
    ]  # fmt: skip
    return Table(("norm", *nets.values()), rows)


def counts() -> Table:
    """Return how many values share a mean at each norm of the larger net,
    with two scenes a step and with eight.
    """
    seen: list[tuple[int, int]] = []
    net = SceneNet(0, norm="group", pooled=True)
    for layer in net.modules():
        if isinstance(layer, GroupNorm):
            layer.register_forward_hook(
                lambda norm, _, y: seen.append((y.shape[1], y.shape[2]))
            )
    net(torch.zeros(1, 1, SIDE, SIDE))
    rows = [
        (f"{side}×{side}", C, FEW * side**2, MANY * side**2,
         C // GROUPS * side**2)
        for C, side in seen
    ]  # fmt: skip
    few, many = (f"BatchNorm, {N} scenes" for N in (FEW, MANY))
    return Table(("map", "channels", few, many, "GroupNorm"), rows)


def plot(record: Record) -> Figure:
    """Draw the test error of every norm, a panel a net."""
    nets = record.distinct("net")
    fig, axes = figures.panels(len(nets), height=3.3)
    for ax, net in zip(axes, nets, strict=True):
        norms = [n for n in NAMES if error(record, net, n)]
        for y, norm in enumerate(norms):
            technique = norm.partition(",")[0].replace("frozen", "batch")
            _, color, marker, _ = figures.STYLES[technique]
            at, low, high = error(record, net, norm)
            ax.plot([low, high], [y, y], color=color)
            face = "none" if norm == "frozen" else color
            ax.plot(at, y, marker, color=color, mfc=face)
        ax.set_yticks(range(len(norms)), [NAMES[n] for n in norms])
        ax.invert_yaxis()
        ax.set_title(NETS[net])
    axes[-1].set_xlabel("cells named wrongly (%)")
    return figures.finish(fig, record)
