"""Do gradients explode in deep nets with BatchNorm, and what stops it?

The norm of ∂loss/∂h_l in nets of up to fifty layers, with and without
skip connections, with batches of several sizes.

Scope: Gradients with respect to activations, at initialization, in ReLU and
linear MLPs of width 500 on 8×8 digits; weights scaled to keep the variance.
Nothing is trained.
"""

from functools import partial
from itertools import product
from typing import Any

from ... import figures
from ...records import Record
from ..before import settle
from ..decisions import Decision, within
from ..intervals import Interval, decades, mean_interval, signed
from ..nets.mlp import MLP
from ..nets.probes import layer_gradients
from ..protocol import Config, Rows, Trial, Unit, crossed, part

HEALTHY = 3.0  # decades that the gradient may change over the depth
SKIPS = {False: "without skips", True: "with skips"}
FEW = {"label": "BatchNorm, m = 8", "color": "#6BAED6", "ls": "--"}
LINES = ("none", "layer", "batch")
LINES += (figures.Line("batch", {"norm": "batch", "batch": 8}, FEW),)

trial = Trial(
    __name__, __doc__, source=("yang2019", "desmith2020"),
    grid={
        "act": ["relu", "linear"], "skip": list(SKIPS),
        "norm": ["none", "layer", "batch"], "batch": [4, 8, 32, 128],
        "depth": [10, 25, 50],
    },
    keep=lambda unit: unit["norm"] == "batch" or unit["batch"] == 128,
    config={"width": 500, "seeds": 8},
    live={"act": ["relu"], "depth": [20], "batch": [128], "seeds": 2},
    gpu={"depth": [10, 25, 50, 100, 200], "width": 2000, "seeds": 20},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return log10 ‖∂loss/∂h_l‖ for about eight layers l a seed."""
    shape = part(unit, "act", "skip", "norm", "depth")
    depth = unit["depth"]
    layers = sorted({round(1 + k * (depth - 1) / 7) for k in range(8)})
    make = partial(MLP, width=config["width"], **shape)
    return layer_gradients(config, make, unit["batch"], layers, device)


@trial.reading
def growth(record: Record, layer: int = 1, **net: Any) -> Interval | None:
    """Decades from the last hidden layer back to one."""
    found = decades(record, layer, **net)
    return mean_interval(found) if found else None


@trial.reading
def factor(record: Record, **net: Any) -> Interval:
    """Return the growth of a layer, as a factor."""
    layers = record.distinct("layer", **net)
    count = max(layers) - min(layers)
    return growth(record, **net).times(1 / count).powers()


@trial.rule("bn.gradient-stability")
def is_stable(record: Record) -> Decision:
    """From the last hidden layer back to the first the gradient norm
    changes by d decades. A net with BatchNorm is healthy when the 95 %
    interval of d over seeds lies within ±{HEALTHY:.0f}, sick when it lies
    outside. For three depths, without and with skips: are all nets, of two
    activations and four batch sizes, healthy? In all six cells: holds. In
    some: holds when. A sick net in every cell: does not hold.
    """
    nets = crossed(record.config, "act", "batch")
    arms = {
        f"{depth} layers {SKIPS[skip]}": [
            growth(record, norm="batch", skip=skip, depth=depth, **net)
            for net in nets
        ]
        for skip, depth in product(SKIPS, record.config["depth"])
    }
    worst = (
        f"{arm} {signed(max((i.mean for i in found), key=abs))}"
        for arm, found in arms.items()
    )
    return settle(
        arms, within, HEALTHY, last="or", when="the net has {arms}",
        because=(
            f"Decades from the last layer to the first, the worst of "
            f"{len(nets)} nets: {', '.join(worst)}."
        ),
    )  # fmt: skip


def deepest(record: Record, **net: Any) -> Interval | None:
    """Return the growth in the deepest ReLU nets, at 128 if not told."""
    depth = max(record.config["depth"])
    return growth(record, act="relu", depth=depth, **{"batch": 128} | net)


trial.curves(
    deepest, "layer", {"skip": SKIPS}, lines=LINES, band=HEALTHY,
    xlabel="layer (1 is next to the input)", height=3.2, log=False,
    ylabel="log₁₀ of gradient\n(last layer: 0)",
)  # fmt: skip
