"""The three states of an arm: where its interval lies by a margin."""

from __future__ import annotations

from matplotlib.figure import Figure

from ... import figures
from ..decisions import State, above
from ..intervals import Interval

LOOKS = {
    State.CLEAR: (figures.STYLES["batch"][1], "o"),
    State.REFUTED: (figures.STYLES["layer"][1], "s"),
    State.UNCLEAR: (figures.STYLES["none"][1], "x"),
}
INTERVALS = (
    Interval(2.2, 1.5, 2.9),
    Interval(0.2, -0.4, 0.8),
    Interval(-1.1, -1.9, -0.3),
    Interval(1.3, 0.7, 1.9),
    Interval(0.9, -0.9, 2.7),
)


def picture(
    intervals: tuple[Interval, ...] = INTERVALS, margin: float = 1.0
) -> Figure:
    """Draw intervals by a margin, and write the state of each beside."""
    fig, (ax,) = figures.panels(1, height=3.1)
    right = max(i.high for i in intervals) + 0.3
    for y, interval in enumerate(intervals):
        state = above(interval, margin)
        color, marker = LOOKS[state]
        ax.plot([interval.low, interval.high], [y, y], color=color, lw=2.5)
        ax.plot(interval.mean, y, marker, color=color, ms=9, mew=2)
        ax.text(right, y, state.value, color=color, va="center")
    ax.axvline(0, color="#999999", lw=1)
    ax.axvline(margin, color="black", lw=1.5, ls="--")
    ax.text(margin, -0.75, "margin", ha="center", va="bottom")
    ax.set(ylim=(len(intervals) - 0.5, -0.7), yticks=[])
    ax.set_xticks(range(-2, 4))
    ax.set_xlim(right=right + 1.2)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("points that A errs less than B")
    return fig
