"""Where the norms of a Transformer's sublayer stand: one picture a way."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import STYLES, finish, grid

# (on the branch's way in, on its way out, behind the sum)
WAYS = {
    "no norm": (False, False, False),
    "before": (True, False, False),
    "behind": (False, False, True),
    "both sides": (True, True, False),
    "outputs": (False, True, False),
}
HEIGHT = {
    "way in": 1.1,
    "f": 2.2,
    "way out": 3.3,
    "sum": 4.4,
    "behind": 5.3,
}


def picture() -> Figure:
    """Draw five sublayers, the stream on the left, from bottom to top."""
    fig, axes = grid(1, len(WAYS), height=3.6)
    for ax, (title, way) in zip(axes[0], WAYS.items(), strict=True):
        sublayer(ax, *way)
        ax.set_title(title, fontsize=12)
    return finish(fig)


def sublayer(ax: Axes, way_in: bool, way_out: bool, behind: bool) -> None:
    """Draw one: x + f(x) with the norms that are asked for."""
    line = {"color": "#333333", "lw": 1.6, "zorder": 1}
    ax.plot([0, 0], [0, 6.4], **line)  # the stream
    ax.plot([0, 1, 1, 0], [0.4, 0.4, HEIGHT["sum"], HEIGHT["sum"]], **line)
    box(ax, 1, HEIGHT["f"], "f", "#ffffff")
    box(ax, 0, HEIGHT["sum"], "+", "#ffffff")
    color = STYLES["layer"][1]
    if way_in:
        box(ax, 1, HEIGHT["way in"], "N", color)
    if way_out:
        box(ax, 1, HEIGHT["way out"], "N", color)
    if behind:
        box(ax, 0, HEIGHT["behind"], "N", color)
    ax.annotate("", (0, 6.7), (0, 6.3), arrowprops={"arrowstyle": "-|>"})
    ax.set(xlim=(-0.6, 1.6), ylim=(-0.1, 6.9))
    ax.axis("off")


def box(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    """Write a letter into a box."""
    ink = "black" if color == "#ffffff" else "white"
    style = {"boxstyle": "round,pad=0.3", "fc": color, "ec": "#333333"}
    ax.text(x, y, text, ha="center", va="center", color=ink, bbox=style,
            size=12, weight="bold")  # fmt: skip
