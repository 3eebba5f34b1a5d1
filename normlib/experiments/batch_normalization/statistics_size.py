"""At which m does BatchNorm break, and is it the batch that counts?

Three nets learn 8×8 digits from 48 images a step. BatchNorm sees them in
groups of N, so only its statistics change. The nets cut the image into
1, 4 or 16 patches: at the same N they average over m = N, 4N or 16N.
"""

from __future__ import annotations

from itertools import product

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from .. import groups
from ..trial import Config, Decision, Rows, Rule, Trial, Unit
from .statistics_rules import (
    MARGIN,
    NETS,
    decide_below,
    excess,
    layer_needs_none,
    m_of,
    needs_sixteen,
    suffers_at_two,
)

MARKS = {1: ("o", "-"), 2: ("v", "--"), 4: ("s", ":")}

FULL = {
    "sides": [1, 2, 4],
    "groups": [2, 3, 4, 6, 8, 16, 48],
    "renorm": [2, 3, 4],
    "peers": ["layer", "group"],
    "rates": [0.01, 0.03, 0.1, 0.3],
    "batch": 48,
    "steps": 400,
    "first_seed": 0,
    "seeds": 10,
}
PRESETS = {
    "live": FULL
    | {
        "sides": [1, 4],
        "groups": [2, 48],
        "renorm": [],
        "rates": [0.03],
        "steps": 200,
        "seeds": 2,
    },
    "cpu": FULL,
    "gpu": FULL | {"steps": 2000, "seeds": 40},
}


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of a net, norm and N."""
    arms = [(norm, config["batch"]) for norm in config["peers"]]
    arms += [("batch", N) for N in config["groups"]]
    arms += [("renorm", N) for N in config["renorm"]]
    return [
        {"side": side, "norm": norm, "N": N}
        for side, (norm, N) in product(config["sides"], arms)
    ]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = {"side": unit["side"], "norm": unit["norm"], "n": unit["N"]}
    return groups.sweep(config, unit, shape, device)


def below_four(record: Record) -> Decision:
    """Decide pit.bn-below-4."""
    return decide_below(record, 4)


def below_eight(record: Record) -> Decision:
    """Decide guide.small-batch-8."""
    return decide_below(record, 8)


def curve(record: Record, side: int, norm: str) -> tuple[list, list]:
    """Return the N of an arm and its mean excess errors over the peer."""
    sizes = sorted({r["N"] for r in record.where(side=side, norm=norm)})
    return sizes, [excess(record, side, N, norm=norm) for N in sizes]


def plot(record: Record) -> Figure:
    """Draw excess error against N and, below, against m."""
    fig, (by_N, by_m) = figures.panels(2, height=3.3, sharex=False)
    for side in record.config["sides"]:
        sizes, points = curve(record, side, "batch")
        marker, ls = MARKS[side]
        style = {"label": NETS[side], "marker": marker, "ls": ls}
        m = [m_of((side, N)) for N in sizes]
        figures.line(by_N, "batch", sizes, points, **style)
        figures.line(by_m, "batch", m, points, **style)
    _axis(by_N, "N, images that share a mean", [2, 4, 8, 16, 48])
    _axis(by_m, "m, values that share a mean", [2, 4, 8, 16, 48, 200, 768])
    return figures.finish(fig, record)


def _axis(ax: Axes, label: str, ticks: list[int]) -> None:
    ax.set(xscale="log", xlabel=label, ylabel="excess error (points)")
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.set_yscale("symlog", linthresh=1, linscale=0.6)
    ax.set_yticks([-1, 0, 1, 10, 30], ["−1", "0", "1", "10", "30"])
    ax.minorticks_off()
    for bound in (4, 8, 16):  # the guide's three numbers
        ax.axvline(bound, color="#999999", lw=0.8, zorder=0)


BESIDE = (
    f"Each net is compared with one that does not look at the batch (MLP: "
    f"LayerNorm; CNNs: GroupNorm), both at their best learning rate, "
    f"paired by seed. Worse: the 95 % interval of the difference in test "
    f"error lies above {MARGIN:.0f} point. Fine: it lies below."
)

trial = Trial(
    name="batch_normalization.statistics_size",
    question="At which m does BatchNorm break, and is it the batch?",
    source=("wuhe2018", "ioffe2015"),
    scope=(
        "Nets of two hidden layers on 8×8 digits, 48 images a step in "
        "groups of N, 400 steps of SGD with momentum."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.batch-16": Rule(
            f"{BESIDE} Fine at every N from 16 up and worse at every N "
            f"below: holds. Fine from 16 up, fine somewhere below, and "
            f"worse only where m = N·H·W is under 16 as well: holds when. "
            f"Worse somewhere from 16 up, or nowhere below: does not hold.",
            needs_sixteen,
        ),
        "bn.small-batch": Rule(
            f"{BESIDE} At N = 2, worse in every net: holds. Worse in those "
            f"of smaller m, with exact evaluation statistics as well, and "
            f"fine in those of larger m: holds when. Fine in all: does not "
            f"hold.",
            suffers_at_two,
        ),
        "pit.bn-below-4": Rule(
            f"{BESIDE} At N = 2 and 3, worse in every net: holds. Fine in "
            f"all: does not hold. Every worse m below every fine m: holds "
            f"when m is meant.",
            below_four,
        ),
        "guide.small-batch-8": Rule(
            f"{BESIDE} At N = 2, 3, 4 and 6, worse in every net: holds. "
            f"Fine in all: does not hold. Every worse m below every fine "
            f"m: holds when m is meant.",
            below_eight,
        ),
        "ln.small-batch": Rule(
            f"LayerNorm's test error minus that of BatchNorm with all 48 "
            f"images, each at its best rate, paired by seed. The 95 % "
            f"intervals of all three nets below {MARGIN:.0f} point: holds. "
            f"All above: does not hold. Some below: holds when the net is "
            f"one of these.",
            layer_needs_none,
        ),
    },
    plot=plot,
    order=33,
)
