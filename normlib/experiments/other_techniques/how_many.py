"""How many groups? The error against G, from one group to a channel each.

Nets learn 62 glyphs. In an MLP of 64 channels a group of C/G channels is
all that shares a mean, m = C/G; in a CNN of 16 channels on maps of 4×4
m = 16 C/G. There every image has its own brightness and contrast, and in a
control it has not. Two of the m directions are forgotten. BatchNorm, 32
images a set, stands beside.

Scope: Nets of three hidden layers on glyphs of 16×16, 200 steps of SGD
with momentum, each number of groups at its best rate.
"""

from functools import partial

from matplotlib.figure import Figure
from torch import nn

from ... import figures, layers
from ...data import glyphs
from ...records import Record
from ..arms import Contrast, read
from ..intervals import Interval
from ..nets.tiles import HIDDEN, TileNet
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit

NETS = {"MLP": 1, "CNN": 4, "CNN, offsets": 4}  # side of the map

trial = Trial(
    __name__, __doc__, source=("wuhe2018",),
    grid={"net": [*NETS], "G": [0, 1, 2, 4, 8, 16, 32, 64]},
    keep=lambda u: u["G"] <= HIDDEN[NETS[u["net"]]],
    config={
        "first_seed": 6000, "seeds": 16, "batch": 32, "steps": 200,
        "rates": [0.01, 0.03, 0.1, 0.3, 1.0],
    },
    live={"net": ["MLP"], "G": [0, 4, 32], "rates": [0.1],
          "steps": 100, "seeds": 2},
    gpu={"steps": 1000, "seeds": 40},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once; G = 0 is BatchNorm."""
    side, G = NETS[unit["net"]], unit["G"]

    def norm(C: int) -> nn.Module:
        return layers.GroupNorm(G, C) if G else layers.BatchNorm2d(C)

    return sweep(
        config, lambda seed: TileNet(seed, side=side, norm=norm), device,
        decay=True, every=config["steps"], source=partial(
            glyphs, n=3000, test=2000, side=16, difficulty=0.5,
            offsets="offsets" in unit["net"],
        ),
    )  # fmt: skip


@trial.reading
def beyond(record: Record, net: str, G: int) -> Interval:
    """Points of test error beyond BatchNorm's, each at its best rate."""
    own, peer = (read(record, net=net, G=each) for each in (G, 0))
    return Contrast(own, peer).interval()


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the error beyond BatchNorm's against G."""
    nets = record.distinct("net")
    fig, axes = figures.panels(len(nets), height=3.2)
    for ax, net in zip(axes, nets, strict=True):
        counts = [G for G in record.distinct("G", net=net) if G]
        points = [beyond(record, net, G) for G in counts]
        figures.line(ax, "group", counts, points)
        ax.axhline(0, color=figures.STYLES["batch"][1], label="BatchNorm")
        m = HIDDEN[NETS[net]] * NETS[net] ** 2
        ax.set(xscale="log", title=f"{net}: m = {m}/G",
               ylabel="excess error (points)")  # fmt: skip
        ax.set_xticks(record.config["G"][1:], record.config["G"][1:])
        ax.minorticks_off()
    axes[-1].set_xlabel("G, groups")
    return figures.finish(fig, record)


@trial.reading
def best(record: Record, net: str) -> int:
    """Return the number of groups that errs least."""
    counts = [G for G in record.distinct("G", net=net) if G]
    return min(
        counts, key=lambda G: read(record, net=net, G=G).at_best.mean()
    )
