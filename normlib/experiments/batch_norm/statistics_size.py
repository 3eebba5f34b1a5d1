"""At which m does BatchNorm break, and is it the batch that counts?

Three nets learn 8×8 digits from 48 images a step. BatchNorm sees them in
groups of N, so only its statistics change. The nets cut the image into
1, 4 or 16 patches: at the same N they average over m = N, 4N or 16N.

Scope: Nets of two hidden layers on 8×8 digits, 48 images a step in groups
of N, 400 steps of SGD with momentum.
"""

from dataclasses import replace
from functools import partial
from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..before import settle
from ..decisions import Arms, Decision, above, below
from ..intervals import Interval, best, excess
from ..nets.ghost import GhostBatchNorm
from ..nets.patches import PatchNet
from ..nets.renorm import BatchRenorm2d, widen
from ..nets.training import precise_error, sweep
from ..protocol import Config, Rows, Trial, Unit

MARGIN = 1.0  # percentage points of test error that make a difference
PEER = {1: "layer", 2: "group", 4: "group"}  # the norm to stand beside
NETS = {1: "MLP", 2: "CNN 2×2", 4: "CNN 4×4"}
MARKS = {1: ("o", "-"), 2: ("v", "--"), 4: ("s", ":")}
BESIDE = (
    f"Each net is compared with one that does not look at the batch (MLP: "
    f"LayerNorm; CNNs: GroupNorm), both at their best learning rate, "
    f"paired by seed. Worse: the 95 % interval of the difference in test "
    f"error lies above {MARGIN:.0f} point. Fine: it lies below."
)

trial = Trial(
    __name__, __doc__, source=("wuhe2018", "ioffe2015"),
    grid={
        "side": list(NETS), "norm": ["layer", "group", "batch", "renorm"],
        "N": [2, 3, 4, 6, 8, 16, 48],
    },
    keep=lambda unit: unit["N"] in {
        "batch": range(49), "renorm": (2, 3, 4),
    }.get(unit["norm"], (48,)),
    config={
        "rates": [0.01, 0.03, 0.1, 0.3], "batch": 48, "steps": 400,
        "seeds": 10,
    },
    live={
        "side": [1, 4], "norm": ["layer", "group", "batch"], "N": [2, 48],
        "rates": [0.03], "steps": 120, "seeds": 2,
    },
    gpu={"steps": 2000, "seeds": 40},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once.

    "precise" errors are those with the statistics of all training images.
    """
    norm = unit["norm"]
    if norm in ("batch", "renorm"):
        norm = partial(GhostBatchNorm, n=unit["N"])
        if unit["norm"] == "renorm":
            norm = partial(norm, norm=BatchRenorm2d)
    make = partial(PatchNet, side=unit["side"], norm=norm)

    return sweep(
        config, make, device, decay=True, every=config["steps"],
        watch=partial(widen, config["steps"]), columns=(precise_error,),
    )  # fmt: skip


@trial.reading
def over_peer(
    record: Record,
    side: int,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Interval:
    """Points of error over the peer, each at its best rate, paired."""
    full = max(record.config["N"])
    peer = {"norm": PEER[side], "N": full, "side": side}
    own = {"norm": norm, "N": N, "side": side}
    return excess(record, own, peer, column=column)


def cells(record: Record, sizes: list[int], *columns: str) -> Arms:
    """Return what BatchNorm exceeds its peer by, labelled by m."""
    arms: Arms = {}
    for side, N in product(record.config["side"], sizes):
        found = [over_peer(record, side, N, c) for c in columns]
        arms.setdefault(N * side**2, []).extend(found)
    return {f"m = {m}": arms[m] for m in sorted(arms)}


@trial.rule("pit.bn-below-4", bound=4)
@trial.rule("guide.small-batch-8", bound=8)
def too_small(record: Record, bound: int) -> Decision:
    """{BESIDE} At every N below the claim's bound, worse in every net:
    holds. Fine in all: does not hold. Worse at some m = N·H·W: holds when m
    is meant.
    """
    sizes = [N for N in record.config["N"] if bound > N]
    return settle(
        cells(record, sizes, "test_error"), above, MARGIN,
        because="Points of error over the norm beside it: {arms}.",
        when="m = N·H·W is meant: {arms}",
    )  # fmt: skip


@trial.rule("bn.small-batch")
def suffers_at_two(record: Record) -> Decision:
    """{BESIDE} At N = 2, worse in every net, with exact statistics for
    evaluation as well: holds. In those of some m: holds when. Fine in all:
    does not hold.
    """
    return settle(
        cells(record, [2], "test_error", "precise_error"), above, MARGIN,
        because=(
            "Points of error over the norm beside it, with running "
            "statistics and with exact ones: {arms}."
        ),
        when="{arms}: few values, not few images",
    )  # fmt: skip


@trial.rule("bn.batch-16")
def needs_sixteen(record: Record) -> Decision:
    """{BESIDE} Fine at every N from 16 up and worse at every N below:
    holds. Fine from 16 up, fine somewhere below, and worse only where m =
    N·H·W is under 16 as well: holds when. Worse somewhere from 16 up, or
    nowhere below: does not hold.
    """
    N = record.config["N"]
    large = cells(record, [n for n in N if n >= 16], "test_error")
    small = cells(record, [n for n in N if n < 16], "test_error")
    fine_above = settle(large, below, MARGIN)
    worse_below = settle(
        small, above, MARGIN,
        because=(
            "Points of error over the norm beside it, at N below 16: "
            "{arms}. From 16 up: " + fine_above.because
        ),
        when="it counts m = N·H·W; worse were {arms}",
    )  # fmt: skip
    if fine_above.verdict == "holds":
        return worse_below
    verdict = {"open": "open"}.get(fine_above.verdict, "does not hold")
    return replace(worse_below, verdict=verdict, when="")


@trial.rule("ln.small-batch")
def layer_needs_none(record: Record) -> Decision:
    """LayerNorm's test error minus that of BatchNorm with all 48 images,
    each at its best rate, paired by seed. The 95 % intervals of all three
    nets below {MARGIN:.0f} point: holds. All above: does not hold. Some
    below: holds when the net is one of these.
    """
    N = max(record.config["N"])
    pair = [{"norm": norm, "N": N} for norm in ("layer", "batch")]
    arms = {
        name: excess(record, *(arm | {"side": side} for arm in pair))
        for side, name in NETS.items()
    }
    return settle(
        arms, below, MARGIN, when="the net is the {arms}",
        because=(
            f"LayerNorm never sees the batch. Its test error minus "
            f"BatchNorm's with all {N} images, in points: {{arms}}."
        ),
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw excess error against N and, below, against m."""
    fig, axes = figures.panels(2, height=3.3, sharex=False)
    labels = {
        "N, images that share a mean": [2, 4, 8, 16, 48],
        "m, values that share a mean": [2, 4, 8, 16, 48, 200, 768],
    }
    sizes = record.distinct("N", norm="batch")
    for side in record.config["side"]:
        points = [over_peer(record, side, N) for N in sizes]
        marker, ls = MARKS[side]
        style = {"label": NETS[side], "marker": marker, "ls": ls}
        for ax, positions in zip(axes, (1, side**2), strict=True):
            x = [N * positions for N in sizes]
            figures.line(ax, "batch", x, points, **style)
    for ax, (label, ticks) in zip(axes, labels.items(), strict=True):
        ax.set(xscale="log", xlabel=label, ylabel="excess error (points)")
        ax.set_xticks(ticks, [str(t) for t in ticks])
        ax.set_yscale("symlog", linthresh=1, linscale=0.6)
        ax.set_yticks([-1, 0, 1, 10, 30], ["−1", "0", "1", "10", "30"])
        ax.minorticks_off()
        for bound in (4, 8, 16):  # the guide's three numbers
            ax.axvline(bound, color="#999999", lw=0.8, zorder=0)
    return figures.finish(fig, record)


trial.reading(best)
