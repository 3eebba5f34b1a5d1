"""What does BatchNorm make steadier: inputs, or gradients?

During training, seen on the same 256 training images. Three readings of
internal covariate shift: how far one step moves the mean and deviation
of every unit; how much a layer's gradient changes when only the layers
below it take their step, relative to its length; and that change itself,
as Santurkar et al. (2018) count. And how far one can walk along a
gradient until it points elsewhere.

Scope: MLPs of four hidden ReLU layers on 8×8 digits, batches of 64, plain
SGD, BatchNorm alone, four looks within the first hundred steps, in which
the plain net from PyTorch's start learns little, and so moves little. The
clean LayerNorm net is told beside it, and not judged.
Santurkar et al. (2018) saw gradients change as much with BatchNorm as
without, or more, in a VGG net and in deep linear nets.
"""

from torch import Tensor

from ..nets.ensemble import Ensemble
from ..nets.probes import shift, turned, walk
from ..nets.shaken import Look, sweep_shaken
from ..protocol import Config, Pilot, Rows, Trial, Unit
from . import less_shift, promises, shift_readings
from .promises import LENGTHS, RATES
from .shift_readings import READINGS, TRAINED

WALKS = [f"rate {r:g}" for r in RATES] + [f"length {r:g}" for r in LENGTHS]
OTHER = 5000  # added to a seed: other initial weights

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "santurkar2018"),
    config={
        # Initialization, norm, the noise after it, from other weights.
        "arms": [
            ["scaled", "none", 0.0, False],
            ["scaled", "batch", 0.0, False],
            ["scaled", "batch", 0.0, True],
            ["default", "none", 0.0, False],
            ["default", "batch", 0.0, False],
            ["default", "batch", 0.0, True],
            ["scaled", "batch", 0.2, False],
            ["scaled", "layer", 0.0, False],
        ],
        "rates": [0.1, 0.2, 0.4, 0.8, 1.6, 3.2], "looks": [3, 10, 30, 100],
        "depth": 4, "width": 64, "batch": 64, "steps": 250, "every": 2,
        "first_seed": 5000, "seeds": 48,
    },
    live={
        "arms": [
            ["scaled", "none", 0.0, False], ["scaled", "batch", 0.0, False],
        ],
        "rates": [0.1, 0.4], "looks": [3, 10], "steps": 10, "seeds": 2,
    },
    gpu={"width": 512, "batch": 256, "seeds": 40},
    pilots=[
        Pilot(range(900, 924), (
            "half-decade rates, two readings. The plain net's quickest "
            "rate was 0.1 or 0.3, and what gradients did was unclear"
        )),
        Pilot(range(900, 912), (
            "rates from 0.05 to 1.6. By inputs BatchNorm shifted 8 to 32 "
            "times less; by gradients 2 to 8 times less from He's start, "
            "2 to 4 times more from PyTorch's. The null at quickest rates "
            "was too wide, and rate 0.8 shifted too little more than 0.1"
        )),
        Pilot(range(1000, 1032), (
            "the record before, a rule of twelve comparisons: open, by a "
            "margin a fifth larger. From PyTorch's start both nets were "
            "quickest at one rate, so three were copies, and went. By "
            "inputs 6 to 30 times less; by gradients 1.7 from He's start "
            "at own rates, half from PyTorch's"
        )),
    ],
)  # fmt: skip


@trial.units
def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of an arm at once."""
    keys = ("init", "norm", "noise", "other")
    return [dict(zip(keys, arm, strict=True)) for arm in config["arms"]]


def looked_at(
    nets: Ensemble, before: Look, after: Look, x: Tensor, y: Tensor
) -> dict[str, Tensor]:
    """Return the readings (E,) of a step, and the cosines of walks."""
    pair = before.parameters, after.parameters
    relative, whole = turned(nets, *pair, x, y)
    found = {
        "log10_moments": shift(before.moments, after.moments),
        "log10_relative": relative, "log10_whole": whole,
    }  # fmt: skip
    walks = walk(nets, x, y, RATES, LENGTHS)
    return found | {f"{kind} {r:g}": cosine for kind, r, cosine in walks}


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a rate and seed; all columns are means over looks."""
    names = [*READINGS, *WALKS]
    more = OTHER * unit["other"]
    return sweep_shaken(
        config, unit, device, looked_at, names, trained=TRAINED, more=more
    )


trial.reading(promises.table)
trial.reading(promises.plot)
trial.null(shift_readings.other_weights)
trial.positive(shift_readings.larger_rate)
trial.rule("intro.covariate-shift")(less_shift.reduces_shift)
