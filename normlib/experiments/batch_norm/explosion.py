"""Do gradients explode in deep nets with BatchNorm, and what stops it?

The norm of ∂loss/∂h_l in nets of up to fifty layers, with and without
skip connections, with batches of several sizes.

Scope: Gradients with respect to activations, at initialization, in ReLU
MLPs of width 500 on 8×8 digits. Nothing is trained, and nothing is said of
convolutions.
"""

from functools import partial
from typing import Any

from ... import figures
from ...records import Record
from ..intervals import Interval, decades, mean_interval
from ..nets.mlp import MLP
from ..nets.probes import layer_gradients
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from . import stability
from .stability import HEALTHY, SKIPS

FEW = {"label": "BatchNorm, m = 8", "color": figures.PALE, "ls": "--"}
LINES = ("none", "layer", "batch")
LINES += (figures.Line("batch", {"norm": "batch", "batch": 8}, FEW),)

trial = Trial(
    __name__, __doc__, source=("yang2019", "desmith2020"),
    grid={
        "act": ["relu", "linear"], "skip": list(SKIPS),
        "norm": ["none", "layer", "batch"], "batch": [4, 8, 32, 128],
        "depth": [10, 50], "start": ["scaled", "default"],
    },
    keep=lambda unit: (unit["norm"] == "batch" or unit["batch"] == 128)
    and (unit["start"] == "scaled"
         or (unit["norm"], unit["act"]) == ("none", "relu")),
    config={"width": 500, "first_seed": 4000, "seeds": 12},
    live={"act": ["relu"], "depth": [20], "batch": [128], "seeds": 2},
    gpu={"depth": [10, 50, 100, 200], "width": 2000, "seeds": 20},
    pilots=[
        Pilot(range(8), (
            "the record before. A ReLU layer without skips adds 0.23, "
            "0.12, 0.09 and 0.08 decades at m = 4, 8, 32 and 128; 50 "
            "layers with skips add 2.0 at most. 25 layers at m = 8 changed "
            "by 3.0, the margin itself: 16 layers stood in their place"
        )),
        Pilot(range(1000, 1012), (
            "10, 16 and 50 layers, registered. Open: fragile, since 16 "
            "layers at m = 4 changed by 3.6, a fifth over the margin. All "
            "others lay far from it. 16 layers were left out: somewhere "
            "between 10 and 50 the border has to be crossed"
        )),
        Pilot(range(2000, 2012), (
            "10 and 50 layers, registered: healthy in 12 of 16 nets, firm. "
            "A reader of the records objected that ten layers had nothing "
            "to prevent, with or without a norm. So the net without a norm "
            "is the peer now, and the deepest nets decide"
        )),
        Pilot(range(3000, 3012), (
            "50 layers, registered, against no norm: with skips 10.3 "
            "decades become 2.1 at most, without 0.0 become 4.1 to 11.1. A "
            "reader objected that nets which keep their gradient without a "
            "norm could not pass, and that none vanished. BatchNorm's own "
            "net is judged now, and PyTorch's start stands beside"
        )),
    ],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return log10 ‖∂loss/∂h_l‖ for about eight layers l a seed."""
    shape = part(unit, "act", "skip", "norm", "depth")
    shape["init"] = unit["start"]
    depth = unit["depth"]
    layers = sorted({round(1 + k * (depth - 1) / 7) for k in range(8)})
    make = partial(MLP, width=config["width"], **shape)
    return layer_gradients(config, make, unit["batch"], layers, device)


@trial.reading
def growth(record: Record, layer: int = 1, **net: Any) -> Interval | None:
    """Decades from the last hidden layer back to one."""
    found = decades(record, layer, **{"start": "scaled"} | net)
    return mean_interval(found) if found else None


@trial.reading
def factor(record: Record, **net: Any) -> Interval:
    """Return the growth of a layer, as a factor."""
    layers = record.distinct("layer", **net)
    count = max(layers) - min(layers)
    return growth(record, **net).times(1 / count).powers()


trial.null(stability.level)
trial.positive(stability.unhealthy)
trial.rule("bn.gradient-stability")(stability.is_stable)


def deepest(record: Record, **net: Any) -> Interval | None:
    """Return the growth in the deepest ReLU nets, at 128 if not told."""
    depth = max(record.config["depth"])
    return growth(record, act="relu", depth=depth, **{"batch": 128} | net)


trial.curves(
    deepest, "layer", {"skip": SKIPS}, lines=LINES, band=HEALTHY,
    xlabel="layer (1 is next to the input)", height=3.2, log=False,
    ylabel="log₁₀ of gradient\n(last layer: 0)",
)  # fmt: skip
