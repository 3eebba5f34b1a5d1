"""Which magnitudes does a norm get right, by number format?

Rows of 1024 numbers are scaled from 1e-3 to 1e5 and written in a number
format; what a norm makes of them there is compared with float64 from the
same numbers. Its range is how many decades of scale come out right, all
values within a tenth of the deviation of the exact output. Three ways to
compute: every step in the number format itself, as a formula typed into a
model does; in float32, from deviations; in float32, from E[x²] − μ², Flax's
default. What comes out is written in the number format again.

Scope: normal rows of 1024 around a mean of 0, of 10 deviations, or of 100
(bfloat16), 1,000 (float16) or 10,000 (float32); ε = 1e-6, forward only. The
count of cases depends on the tolerance and on the means.
"""

import torch
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import Contrast, of
from ..decisions import (
    Decision,
    Estimate,
    above,
    estimate,
    settle,
    within,
)
from ..protocol import Config, Pilot, Rows, Trial, Unit, seeds
from .arithmetic import constant, decades, layer, one_pass, rms, scaled

DTYPES = {
    "float16": torch.float16, "bfloat16": torch.bfloat16,
    "float32": torch.float32,
}  # fmt: skip
# In deviations. The largest: what halves still resolve, if barely.
MEANS = {"float16": 1000, "bfloat16": 100, "float32": 10_000}
WIDER = 0.3  # decades of scale: a factor of two
D = 1024

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm",),
    grid={
        "dtype": list(DTYPES), "statistics": ["own", "float32", "one pass"],
        "mean": [0, 10, *sorted(MEANS.values())],
    },
    keep=lambda u: u["mean"] in (0, 10, MEANS[u["dtype"]])
    # float32's own arithmetic is what "float32" computes in
    and (u["dtype"], u["statistics"]) != ("float32", "own"),
    config={"first_seed": 2000, "seeds": 40},
    live={"seeds": 1, "dtype": ["float16"]}, gpu={"seeds": 100},
    pilots=[Pilot(range(900, 908), (
        "scales from 1e-8: below 1e-3 ε decides and all is right; a mean "
        "of 10,000 in halves makes rows constant. With what a format "
        "resolves, float16's own arithmetic lay at 0.75 decades, near the "
        "margin of then, a half"
    )), Pilot(range(1000, 1040), (
        "the record before, off in units of the output: RMSNorm ahead in 4 "
        "of 24, and so was a constant. A reviewer took the output's own "
        "deviation on these seeds: RMSNorm ahead in 1, LayerNorm in 7"
    ))],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed: right decades of LayerNorm and RMSNorm.

    "other" is LayerNorm's of the same rows, turned over: a null.
    "constant" puts ones in RMSNorm's place, and has to be right nowhere.
    """
    draws = [
        torch.randn(
            D, generator=torch.Generator().manual_seed(s),
            dtype=torch.float64,
        )
        for s in seeds(config)
    ]  # fmt: skip
    x = torch.stack(draws).to(device) + unit["mean"]
    x = scaled(x, DTYPES[unit["dtype"]])
    how = unit["statistics"]
    centred = one_pass if how == "one pass" else layer
    found = {
        "layer": decades(centred, layer, x, how),
        "rms": decades(rms, rms, x, how),
        "other": decades(centred, layer, x.flip(-1), how),
        "constant": decades(constant, rms, x, how),
    }
    return [
        {"seed": seed} | {k: v[i].item() for k, v in found.items()}
        for i, seed in enumerate(seeds(config))
    ]


def more(record: Record, own: str, peer: str, **arm: object) -> Contrast:
    """Decades that one norm gets right and the other does not."""
    return Contrast(*(of(record.values(n, **arm)) for n in (own, peer)))


def arms(record: Record) -> dict[str, dict]:
    """Name every way to compute on every kind of row."""
    found = {}
    for dtype in record.distinct("dtype"):
        for how in record.distinct("statistics", dtype=dtype):
            for mean in (0, 10, MEANS[dtype]):
                name = f"{dtype}, {how}, mean {mean:,} σ"
                arm = {"dtype": dtype, "statistics": how, "mean": mean}
                found[name] = arm
    return found


@trial.null
def turned_over(record: Record) -> Estimate:
    """LayerNorm against LayerNorm, of rows in another order."""
    found = [
        estimate(f"LayerNorm, {name}, in another order",
                 more(record, "other", "layer", **arm), within, WIDER)
        for name, arm in arms(record).items()
    ]  # fmt: skip
    return max(found, key=lambda e: max(-e.interval.low, e.interval.high))


@trial.positive
def in_float32(record: Record) -> Estimate:
    """Float32 statistics must widen RMSNorm's range in float16.

    And a constant must be right nowhere.
    """
    ones = [
        value for arm in arms(record).values()
        for value in record.values("constant", **arm)
    ]  # fmt: skip
    if any(ones):
        blind = Contrast(of([max(ones)]))
        return estimate("right with a constant", blind, within, WIDER)
    own, wide = (
        of(record.values("rms", dtype="float16", statistics=s, mean=0))
        for s in ("own", "float32")
    )
    return estimate(
        "decades that float32 statistics add to RMSNorm's in float16",
        Contrast(wide, own), above, WIDER,
    )  # fmt: skip


@trial.rule("rms.stable-mixed")
def wider_range(record: Record) -> Decision:
    """RMSNorm's range of right magnitudes minus LayerNorm's, in decades of
    scale: float16, bfloat16 and float32; statistics in the format itself,
    in float32 from deviations, and in float32 as E[x²] − μ²; rows around 0,
    10 and as many deviations as the format resolves. 95 % intervals over
    seeds, Bonferroni over all. More stable when surely wider by {WIDER:g}
    decades, not more stable when surely not. All: holds. None: does not
    hold. Some, and the rest surely not: holds when. Else open. Right is a
    scale at which all values are within a tenth of the deviation of the
    exact output.
    """
    named = arms(record)
    found = {
        name: more(record, "rms", "layer", **arm)
        for name, arm in named.items()
    }
    seen = [contrast.interval(len(found)) for contrast in found.values()]
    worse = sum(interval.high < -WIDER for interval in seen)
    return settle(
        found, above, WIDER, when="it is {arms}",
        because="Decades that RMSNorm gets right beyond LayerNorm: {arms}.",
        says={
            "holds": "RMSNorm survives more magnitudes, however computed.",
            "holds when": "RMSNorm is safer in {clear_count} of {count} "
            f"cases, LayerNorm in {worse}.",
            "does not hold": "RMSNorm is no safer than LayerNorm, however "
            f"computed; LayerNorm is in {worse} cases.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the right decades: a panel a format, a row a way."""
    fig, ((*axes,),) = figures.grid(1, len(DTYPES), height=4.2)
    for ax, dtype in zip(axes, DTYPES, strict=True):
        rows = [a for a in arms(record).values() if a["dtype"] == dtype]
        labels = []
        for y, arm in enumerate(rows):
            size = "large" if arm["mean"] > 10 else f"{arm['mean']} σ"
            labels.append(f"{arm['statistics']}, {size}")
            for norm in ("layer", "rms"):
                label, color, marker, _ = figures.STYLES[norm]
                found = of(record.values(norm, **arm)).interval()
                ax.plot(found.mean, -y, marker, color=color, ms=8,
                        mfc="none" if norm == "layer" else color,
                        label=label)  # fmt: skip
        ax.set(title=dtype, xlim=(-0.8, 9), xticks=[0, 4, 8])
        ax.set_yticks([-y for y in range(len(rows))], labels)
        if ax is not axes[0] and len(rows) == 9:
            ax.set_yticklabels([])
    axes[1].set_xlabel("decades that are right")
    return figures.finish(fig, record)
