"""House style: one colour and marker a technique, legible at 360 px."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

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

# Variants of BatchNorm: its own colour, paler and deeper.
PALE, DEEP = "#6BAED6", "#003F63"


def name(technique: str) -> str:
    """Return a technique's name, as LayerNorm."""
    return STYLES[technique][0]


BASE = {
    "figure.dpi": 220,  # a notebook saves at this resolution
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


class Line(NamedTuple):
    """A line of a plot: a technique, its arm, and how it is told apart.

    `style` may hold label, marker, ls and color.
    """

    technique: str
    arm: dict[str, Any]
    style: Mapping[str, str] = MappingProxyType({})


def curves(
    point: Callable[..., Any],
    x: dict[str, Sequence[float]],
    lines: Sequence[str | Line],
    places: dict[str, dict[str, Any]] | None = None,
    *,
    xlabel: str,
    height: float = 2.9,
    log: bool = True,
    yticks: Sequence[float] = (),
    band: float = 0.0,
    **axes: Any,
) -> tuple[Figure, Sequence[Axes]]:
    """Draw intervals against one variable: a line an arm, a panel a place.

    `x` is {"depth": [2, 8]}, `places` maps titles to arms; a line that is
    a string stands for {"norm": …}. `point(**place, **arm, depth=2)`
    gives an interval, or None where there is none. `axes` goes to
    every panel, as do `yticks`; with `log` x is logarithmic and its
    values are ticks. `band` shades ±band. Without a ylabel the titles
    take its place.
    """
    places = places or {"": {}}
    ((name, values),) = x.items()
    fig, drawn = panels(len(places), height=height)
    for ax, (title, place) in zip(drawn, places.items(), strict=True):
        for item in lines:
            if isinstance(item, str):
                item = Line(item, {"norm": item})
            found = [
                (v, point(**place, **item.arm, **{name: v})) for v in values
            ]
            there = [(v, interval) for v, interval in found if interval]
            if there:
                at, points = zip(*there, strict=True)
                line(ax, item.technique, at, points, **item.style)
        ax.set(**{"title" if "ylabel" in axes else "ylabel": title}, **axes)
        if band:
            ax.axhspan(-band, band, color="#000000", alpha=0.06, lw=0)
        if yticks:
            ax.set_yticks(yticks, [f"{v:g}" for v in yticks])
            ax.minorticks_off()
        if log:
            ax.set_xscale("log")
            ax.set_xticks(values, [f"{v:g}" for v in values])
            ax.minorticks_off()
    drawn[-1].set_xlabel(xlabel)
    return fig, drawn


def forest(
    points: dict[str, Any],
    techniques: Sequence[str],
    *,
    record: Record,
    **axes: Any,
) -> Figure:
    """Draw labelled intervals, one below the other.

    One that ends at infinity is an arrow to the end of the axis.
    """
    fig, (ax,) = panels(1, height=0.35 * len(points) + 1.1)
    rows = range(0, -len(points), -1)
    for y, point, technique in zip(
        rows, points.values(), techniques, strict=True
    ):
        _, color, marker, _ = STYLES[technique]
        ax.plot([point.low, point.high], [y, y], color=color)
        ax.plot(point.mean, y, marker, color=color)
    ax.set_yticks(rows, points)
    ax.set(**axes)
    left, right = ax.get_xlim()
    for y, point, technique in zip(
        rows, points.values(), techniques, strict=True
    ):
        if point.high == float("inf"):
            look = {"color": STYLES[technique][1], "clip_on": False}
            ax.plot([max(point.low, left), right], [y, y], **look)
            ax.plot(right, y, ">", **look)
    ax.set_xlim(left, right)
    return finish(fig, record)


def guesses(
    ax: Axes, guess: dict[Any, Any], panel: Any = None, *, x: float = 0
) -> None:
    """Mark a reader's guesses that are numbers.

    That of a technique is a star at `x`, in its colour; that of a panel
    an upright line.
    """
    for name, value in guess.items():
        if not isinstance(value, int | float):
            continue
        if name in STYLES:
            ax.plot(
                x, value, "*", ms=17, color=STYLES[name][1],
                mec="black", label="your guess",
            )  # fmt: skip
        elif name == panel:
            ax.axvline(value, color="#882255", lw=3, label="your guess")


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
        fig.supxlabel(provenance(record), fontsize=10, color="#555555")
    return fig


def provenance(record: Record) -> str:
    """Say which record a figure shows, in one line.

    A live run bears no date: it was made when the page was.
    """
    live = record.preset == "live"
    when = "run on this page" if live else record.provenance["date"]
    return f"{record.trial} · {record.preset} · {record.repeats} · {when}"


def __getattr__(name: str) -> ModuleType:
    """Return a picture's file, as `figures.sets`, when it is asked for."""
    if name not in ("sets", "projection", "dependency", "blocks"):
        raise AttributeError(f"normlib.figures has no {name!r}")
    return import_module(f".{name}", __name__)
