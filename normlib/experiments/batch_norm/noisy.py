"""Is it the steadier inputs that make BatchNorm train faster?

After every BatchNorm each channel is shifted and scaled by random
numbers, drawn anew at each step: the next layer's inputs are made
unsteady on purpose. In a second kind each sample has its own numbers,
around those of its channel. The same nets without noise and without a
norm run along, BatchNorm from other weights, and the plain net with noise.

Scope: MLPs of four hidden ReLU layers on 8×8 digits, batches of 64, plain
SGD, each at its quickest of six learning rates; noise without a direction.
Shift: how far mean and deviation of each unit move in one step, in units of
its deviation. Santurkar et al. (2018) concluded the same from a VGG net.
"""

from typing import Any

from matplotlib.axes import Axes
from torch import Tensor

from ...records import Record
from ..intervals import Interval, mean_interval
from ..nets.probes import shift
from ..nets.shaken import Look, sweep_shaken
from ..protocol import Config, Pilot, Rows, Trial, Unit
from ..races import steps
from . import why_ics
from .why_ics import DOSE, INITS, KINDS, STRONG, TRAINED

EACH = 0.2  # a sample's noise, in units of its channel's
OTHER = 5000  # added to a seed: other initial weights
ARMS = {  # norm and kind of noise: its strengths
    ("none", "channel"): (0.0, DOSE),
    ("batch", "channel"): (0.0, 0.1, DOSE, STRONG),
    ("batch", "sample"): (DOSE,),
    ("batch", "weights"): (0.0,),
}

trial = Trial(
    __name__, __doc__, source=("santurkar2018",),
    grid={
        "init": list(INITS), "norm": ["none", "batch"],
        "kind": [*KINDS, "weights"], "noise": [0.0, 0.1, DOSE, STRONG],
    },
    keep=lambda u: u["noise"] in ARMS.get((u["norm"], u["kind"]), ()),
    config={
        "rates": [0.1, 0.2, 0.4, 0.8, 1.6, 3.2], "looks": [3, 10, 30, 100],
        "depth": 4, "width": 64, "batch": 64, "steps": 300, "every": 2,
        "first_seed": 1000, "seeds": 20,
    },
    live={
        "init": ["scaled"], "kind": ["channel"], "noise": [0.0, DOSE],
        "rates": [0.1, 0.4], "looks": [3, 10], "steps": 150, "seeds": 2,
    },
    gpu={"width": 512, "batch": 256, "steps": 2000},
    pilots=[
        Pilot(range(900, 904), (
            "at four layers, not at five, every plain net trained from "
            "both starts. Noise of 0.1 made about the plain net's shift "
            "from He's; 1.0 and 1.4 stopped nearly all"
        )),
        Pilot(range(900, 908), (
            "rates in half decades. BatchNorm led 3.5 and 13 times; noise "
            "of 0.2 took −1 to 8 % of that, 0.4 took 23 and 18, 0.9 at "
            "least 99; 0.2 did not surely shift more than the plain net"
        )),
        Pilot(range(900, 912), (
            "this rule, noise of 0.3 alone: 2.8 and 3.4 times the shift; "
            "it took 19 to 21 % of the lead from He's start, 7 to 11 from "
            "PyTorch's"
        )),
    ],
)  # fmt: skip


def moved(nets: Any, before: Look, after: Look, *_: Tensor) -> dict:
    """Return the shift (E,) of a step."""
    return {"log10_shift": shift(before.moments, after.moments)}


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once; look at their shift.

    The same 256 training images go through the net before and after a
    step; "log10_shift" is the mean over the looks.
    """
    return sweep_shaken(
        config, unit, device, moved, ["log10_shift"], trained=TRAINED,
        each=EACH * (unit["kind"] == "sample"),
        more=OTHER * (unit["kind"] == "weights"),
    )  # fmt: skip


@trial.reading
def at_quickest(record: Record, column: str, **arm: Any) -> list[float]:
    """Return a value a seed, at the rate at which the arm is quickest."""
    arm = {"kind": "channel"} | arm
    found = steps(record, **arm)
    if column == "log10_steps":
        return found.at_best.tolist()
    rate = record.config["rates"][found.chosen]
    return record.values(column, rate=rate, **arm)


def point(
    record: Record, noise: float, column: str, norm: str
) -> Interval | None:
    """Return shift or steps at the quickest rate."""
    arm = {"init": record.config["init"][0], "norm": norm, "noise": noise}
    if not record.where(kind="channel", **arm):
        return None
    return mean_interval(at_quickest(record, column, **arm)).powers()


def decorate(ax: Axes, record: Record, column: str) -> None:
    """Draw a line where the plain net is."""
    ax.axhline(
        point(record, 0.0, column, "none").mean, color="#555555", lw=1
    )


trial.null(why_ics.other_weights)
trial.positive(why_ics.strong_noise)
trial.rule("bn.why-ics")(why_ics.speeds_up_by_less_shift)
trial.curves(
    point, "noise",
    {"column": {
        "log10_shift": "shift in one step",
        "log10_steps": "steps to 10 % error",
    }},
    lines=("batch", "none"), decorate=decorate, height=3.2, log=False,
    xlabel="noise after every layer", yscale="log",
)  # fmt: skip
