"""What is read in a record of sets: nets, their arms, a plot, a table."""

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ...table import Table
from ..arms import Arm, Contrast, read
from ..intervals import Interval

LOST = 90.0  # per cent: so many errors at every rate leave none to choose
FULL = 32  # images of a step, and of the reference's sets
Net = tuple[bool, int, int]
NETS: dict[str, Net] = {  # offsets, side, k of the side² positions in a set
    "MLP": (False, 1, 1),
    "MLP, offsets": (True, 1, 1),
    "CNN": (False, 4, 16),
    "CNN, offsets": (True, 4, 16),
    "CNN, dealt out": (False, 4, 1),
}
WHOLE = list(NETS)[:4]  # positions as in any net
STYLES = [("o", "-"), ("D", "--"), ("s", ":"), ("v", "-."), ("^", "-")]
MORE: dict[str, Net] = {  # the same m once more, from other N
    "CNN, in fours": (False, 4, 4),
    "CNN, dealt out, offsets": (True, 4, 1),
    "CNN, in fours, offsets": (True, 4, 4),
}


def kept(unit: dict) -> bool:
    """Leave out the units that no question needs."""
    N, k, norm = unit["N"], unit["k"], unit["norm"]
    whole, plain = k == unit["side"] ** 2, not unit["offsets"]
    if norm == "batch":
        again = N in {1: (8, FULL), 4: (2, 8)}.get(k, ())
        return whole or (k < unit["side"] ** 2 and (
            again or (plain and k == 1)
        ))  # fmt: skip
    if norm == "renorm":
        return whole and plain and unit["side"] == 1 and N < 8
    return whole and N == FULL and (
        norm == "beside" or (plain and unit["side"] == 4)
    )  # fmt: skip


def size(
    record: Record,
    net: str,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Arm:
    """Read a net with sets of N images.

    Where it is lost at every rate, at the rate that suits N = 32.
    """
    names, net = ("offsets", "side", "k"), (NETS | MORE)[net]
    cell = dict(zip(names, net, strict=True)) | {"norm": norm}
    found = read(record, column, N=N, **cell)
    lost = found.criterion.mean(1).min() > LOST
    if lost and norm == "batch" and FULL in record.distinct("N", **cell):
        full = read(record, N=FULL, **cell)
        rate = full.rates[full.chosen]
        found = read(record, column, N=N, rate=rate, **cell)
    return found


def error(
    record: Record,
    net: str,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Interval:
    """Return a column's interval, at the rate that suits the arm."""
    return size(record, net, N, column, norm).interval()


def over_full(
    record: Record,
    net: str,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Interval:
    """Points of error over BatchNorm with N = 32 in the same net."""
    own = size(record, net, N, column, norm)
    return Contrast(own, size(record, net, FULL, column)).interval()


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
        marker, ls = style
        for ax, x in zip(axes, (sizes, m), strict=True):
            figures.line(
                ax, "batch", x, points, label=name, marker=marker, ls=ls
            )
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
