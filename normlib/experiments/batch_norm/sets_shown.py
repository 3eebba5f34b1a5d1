"""Sets in a record, shown: a table by m, and a plot."""

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ...table import Table
from .sets_seen import FULL, MORE, NETS, error, over_full

OWN = figures.STYLES["batch"][1]
STYLES = [  # colour, marker, dash: an MLP is deep, a CNN is pale
    (figures.DEEP, "o", "-"),
    (figures.DEEP, "D", "--"),
    (figures.PALE, "s", ":"),
    (figures.PALE, "v", "-."),
    (OWN, "^", "-"),
]


def table(record: Record) -> Table:
    """Show the sets of the CNN by m: what counts is not N."""
    rows = []
    for name, (offsets, side, k) in (NETS | MORE).items():
        arm = {"offsets": offsets, "side": side, "k": k, "norm": "batch"}
        for N in record.distinct("N", **arm) * (side == 4):
            meff = error(record, name, N, "effective").mean
            found = error(record, name, N)
            precise = error(record, name, N, "precise_error")
            rows.append(
                (offsets, N * k, N, k, round(meff, 1), found, precise)
            )
    words = {False: "–", True: "offsets"}
    return Table(
        ("images", "m", "N", "positions", "effective m", "error (%)",
         "exact statistics"),
        [(words[first], *rest) for first, *rest in sorted(
            rows, key=lambda row: row[:3]
        )],
    )  # fmt: skip


def plot(record: Record) -> Figure:
    """Draw the excess error against N and, below, against effective m."""
    fig, axes = figures.panels(2, height=3.3, sharex=False)
    for (name, (offsets, side, k)), style in zip(
        NETS.items(), STYLES, strict=True
    ):
        arm = {"offsets": offsets, "side": side, "k": k, "norm": "batch"}
        sizes = record.distinct("N", **arm)
        if FULL not in sizes:
            continue
        points = [over_full(record, name, N) for N in sizes]
        m = [error(record, name, N, "effective").mean for N in sizes]
        color, marker, ls = style
        for ax, x in zip(axes, (sizes, m), strict=True):
            figures.line(
                ax, "batch", x, points, label=name, marker=marker, ls=ls,
                color=color,
            )  # fmt: skip
    ticks = [2, 4, 8, 16, 32]
    labels = {
        "N, images that share a mean": ticks,
        "effective m, values that share a mean": [*ticks, 128, 512],
    }
    for ax, (label, ticks) in zip(axes, labels.items(), strict=True):
        ax.set(xscale="log", xlabel=label, ylabel="excess error (points)")
        ax.set_xticks(ticks, [str(t) for t in ticks])
        ax.set_yscale("symlog", linthresh=2, linscale=0.6)
        ax.set_yticks([-2, 0, 2, 10, 50], ["−2", "0", "2", "10", "50"])
        ax.minorticks_off()
        for bound in (4, 8, 16):  # the guide's three numbers
            ax.axvline(bound, color="#999999", lw=0.8, zorder=0)
    return figures.finish(fig, record)
