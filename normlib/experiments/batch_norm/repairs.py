"""What does BatchNorm's error do with m, and who repairs it?

Nets learn 62 glyphs, 32 images a step in sets of N. In an MLP N values
share a mean; in a CNN with maps of 4×4 16·N, and every image has its own
brightness and contrast there. BatchNorm is evaluated with running
statistics, with those of all training images, and by EvalNorm, which gives
an image its share in the set's statistics; Batch Renormalization trains
otherwise. LayerNorm (MLP) and GroupNorm (CNN) look at no set.

Scope: Nets of three hidden layers on glyphs of 16×16, 200 steps of SGD
with momentum, each norm at its best rate.
"""

from functools import partial

from matplotlib.figure import Figure

from ... import figures
from ...data import glyphs
from ...records import Record
from ..arms import Arm, Contrast, read
from ..intervals import Interval
from ..nets.evalnorm import EvalNorm2d, eval_error
from ..nets.renorm import BatchRenorm2d, widen
from ..nets.sets import SetBatchNorm
from ..nets.tiles import TileNet
from ..nets.training import precise_error, sweep
from ..protocol import Config, Rows, Trial, Unit
from .sets_seen import FULL

NETS = {"MLP": (1, False), "CNN, offsets": (4, True)}  # side, offsets
BESIDE = {"MLP": "layer", "CNN, offsets": "group"}
KINDS = {"batch": EvalNorm2d, "renorm": BatchRenorm2d}

trial = Trial(
    __name__, __doc__,
    source=("wuhe2018", "singh2019evalnorm", "ioffe2017"),
    grid={"net": [*NETS], "norm": [*KINDS, "beside"],
          "N": [2, 4, 8, FULL]},
    keep=lambda u: u["norm"] != "beside" or u["N"] == FULL,
    config={
        "first_seed": 3000, "seeds": 20, "batch": FULL, "steps": 200,
        "rates": [0.03, 0.1, 0.3, 1.0],
    },
    live={"net": ["MLP"], "norm": [*KINDS, "beside"], "N": [4, FULL],
          "rates": [0.1],
          "steps": 100, "seeds": 2},
    gpu={"steps": 1000, "seeds": 40, "rates": [0.01, 0.03, 0.1, 0.3, 1.0]},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    (side, offsets), kind = NETS[unit["net"]], KINDS.get(unit["norm"])
    norm = BESIDE[unit["net"]] if kind is None else partial(
        SetBatchNorm, n=unit["N"], k=side**2, norm=kind
    )  # fmt: skip
    return sweep(
        config, lambda seed: TileNet(seed, side=side, norm=norm), device,
        decay=True, every=config["steps"],
        watch=partial(widen, config["steps"]),
        columns=(eval_error, precise_error), source=partial(
            glyphs, n=3000, test=2000, side=16, difficulty=0.5,
            offsets=offsets,
        ),
    )  # fmt: skip


WAYS = {  # norm, column, style
    "BatchNorm": ("batch", "test_error", {"ls": "-"}),
    "exact statistics": ("batch", "precise_error",
                         {"ls": ":", "marker": "x"}),
    "EvalNorm": ("batch", "eval_error",
                 {"ls": "--", "marker": "^", "color": figures.PALE}),
    "Batch Renorm": ("renorm", "test_error",
                     {"ls": "-.", "marker": "v", "color": figures.DEEP}),
}  # fmt: skip


@trial.reading
def error(record: Record, net: str, way: str, N: int) -> Interval:
    """Return the test error, at the rate that suits this way best."""
    norm, column, _ = WAYS[way]
    return read(record, column, net=net, norm=norm, N=N).interval()


@trial.reading
def gained(record: Record, net: str, N: int) -> Interval:
    """Points of error that EvalNorm takes off, in the same nets."""
    plain, own = (
        read(record, column, net=net, norm="batch", N=N)
        for column in ("test_error", "eval_error")
    )
    return Contrast(plain, own).interval()


@trial.reading
def over_full(record: Record, net: str, way: str, N: int) -> Interval:
    """Points of error beyond BatchNorm's in sets of all 32 images."""
    norm, column, _ = WAYS[way]
    own = read(record, column, net=net, norm=norm, N=N)
    return Contrast(own, full(record, net)).interval()


def full(record: Record, net: str) -> Arm:
    """Return BatchNorm's error in sets of all 32 images."""
    return read(record, net=net, norm="batch", N=FULL)


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the error beyond that of full sets, by N; the peer is a band."""
    nets = record.distinct("net")
    fig, axes = figures.panels(len(nets), height=3.3)
    for ax, net in zip(axes, nets, strict=True):
        for way, (norm, _, style) in WAYS.items():
            sizes = record.distinct("N", net=net, norm=norm)
            points = [over_full(record, net, way, N) for N in sizes]
            figures.line(ax, "batch", sizes, points, label=way, **style)
        other = read(record, net=net, norm="beside")
        beside = Contrast(other, full(record, net)).interval()
        name, color, *_ = figures.STYLES[BESIDE[net]]
        ax.axhspan(beside.low, beside.high, color=color, alpha=0.4, lw=0,
                   label=name)  # fmt: skip
        ax.set(xscale="log", title=net, ylabel="excess error (points)")
        ax.set_xticks(sizes, [str(N) for N in sizes])
        ax.minorticks_off()
    axes[0].set_yscale("symlog", linthresh=2, linscale=0.6)
    axes[0].set_yticks([0, 2, 10, 50], ["0", "2", "10", "50"])
    axes[-1].set_xlabel("N, images that share a mean")
    return figures.finish(fig, record)
