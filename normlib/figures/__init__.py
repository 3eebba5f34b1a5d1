"""House style: one colour and marker a technique, legible at 360 px."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..records import Record

# Okabe and Ito's palette, made for colour-blind readers; the marker and
# the dash say the same thing again, for print in grey.
STYLES: dict[str, tuple[str, str, str, str]] = {
    "none": ("no norm", "#555555", "x", ":"),
    "batch": ("BatchNorm", "#0072B2", "o", "-"),
    "layer": ("LayerNorm", "#D55E00", "s", "--"),
    "rms": ("RMSNorm", "#009E73", "^", "-."),
    "instance": ("InstanceNorm", "#CC79A7", "D", "-"),
    "group": ("GroupNorm", "#E69F00", "v", "--"),
    "weight": ("WeightNorm", "#56B4E9", "P", "-."),
}
BASE = {
    "figure.dpi": 150,
    "savefig.dpi": 220,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.labelsize": 13,
    "legend.fontsize": 12,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "lines.markersize": 6.5,
    "legend.frameon": False,
    "svg.hashsalt": "normlib",
}


def grid(
    rows: int, columns: int, *, height: float, sharex: bool = True
) -> tuple[Figure, Sequence[Sequence[Axes]]]:
    """Return a figure of equal panels, in house style.

    It is 5.6 inches wide: twelve points stay readable when a phone shows
    it 360 pixels wide.
    """
    plt.rcParams.update(BASE)
    fig, axes = plt.subplots(
        rows,
        columns,
        figsize=(5.6, height * rows),
        sharex=sharex,
        squeeze=False,
        layout="constrained",
    )
    plt.close(fig)  # the notebook shows what the function returns
    return fig, axes


def panels(
    count: int, *, height: float = 3.1, sharex: bool = True
) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure of panels that are stacked upright."""
    fig, axes = grid(count, 1, height=height, sharex=sharex)
    return fig, list(axes.flat)


def line(
    ax: Axes,
    technique: str,
    x: Sequence[float],
    points: Sequence[Any],
    **other: str,
) -> None:
    """Draw means with their intervals in the technique's own style.

    `other` label, marker, ls or color tell variants of one apart.
    """
    label, color, marker, dash = STYLES[technique]
    style = {"label": label, "color": color, "marker": marker, "ls": dash}
    style |= other
    mean = [p.mean for p in points]
    low = [p.low for p in points]
    high = [p.high for p in points]
    ax.fill_between(
        x, low, high, color=style["color"], alpha=0.18, linewidth=0
    )
    ax.plot(x, mean, **style)


def star(
    ax: Axes, technique: str, x: float | None, y: float | None
) -> None:
    """Mark a reader's guess in the technique's colour, if there is one."""
    if x is not None and y is not None:
        ax.plot(
            x, y, "*", ms=17, color=STYLES[technique][1],
            mec="black", label="your guess",
        )  # fmt: skip


def finish(fig: Figure, record: Record | None = None) -> Figure:
    """Add the legend above and the provenance below."""
    handles: dict[str, Any] = {}
    for ax in fig.axes:
        for handle, label in zip(
            *ax.get_legend_handles_labels(), strict=True
        ):
            handles.setdefault(label, handle)
    if handles:
        fig.legend(
            handles.values(),
            handles.keys(),
            loc="outside upper center",
            ncols=min(len(handles), 2 if len(handles) != 3 else 3),
        )
    if record is not None:
        fig.supxlabel(provenance(record), fontsize=8.5, color="#555555")
    return fig


def provenance(record: Record) -> str:
    """Say which record a figure shows, in one line.

    A live run bears no date: it was made when the page was.
    """
    live = record.preset == "live"
    when = "run on this page" if live else record.provenance["date"]
    return f"{record.trial} · {record.preset} · {record.repeats} · {when}"
