"""Do norms keep gradients alive, and does a net then learn?

At initialization: the norm of ∂loss/∂h_l for the hidden layers l of a
plain MLP of fifty layers, without a norm and with each, for three
activations and two initializations. Then such nets of ten layers are
trained at six learning rates.

Scope: Gradients with respect to activations, at initialization, in plain
50-layer MLPs of width 128 on 8×8 digits, 128 a batch. Training: 200 steps
of SGD with momentum, 10 layers of width 64. No net has skip connections.
"""

from functools import partial
from typing import Any

from ...records import Record
from ..intervals import Interval, decades, mean_interval
from ..nets.mlp import MLP
from ..nets.probes import layer_gradients
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from . import cured, learning
from .learning import ACTS, HEALTHY
from .places import sweep_rates

INITS = {"default": "PyTorch's default", "scaled": "scaled"}
TITLES = {k: f"ReLU, {name} initialization" for k, name in INITS.items()}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "yang2019"),
    grid={
        "act": list(ACTS), "init": list(INITS),
        "norm": ["none", "batch", "layer", "rms"],
    },
    config={
        "depth": 50, "width": 128, "batch": 128, "every": 7,
        "tried": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
        "trained": {"depth": 10, "width": 64, "batch": 32, "steps": 200},
        "first_seed": 1000, "seeds": 20,
    },
    live={"init": ["default"], "act": ["relu"], "tried": [], "seeds": 3},
    gpu={
        "depth": 200, "width": 1024, "every": 1,
        "trained": {"depth": 10, "width": 256, "batch": 128, "steps": 500},
    },
    pilots=[
        Pilot(range(10), (
            "the record before, gradients only. Without a norm four of six "
            "nets change by 12 to 42 decades; with one 4.1 (BatchNorm, "
            "ReLU), 20 (LayerNorm and RMSNorm, sigmoid), else 2.1 at most"
        )),
        Pilot(range(900, 903), (
            "ten layers, eight rates. Without a norm ReLU and tanh with "
            "PyTorch's weights and sigmoid learn at none; with BatchNorm "
            "at six, with LayerNorm and RMSNorm at three to five, but "
            "sigmoid at none. Scaled, four rates work without a norm, and "
            "BatchNorm adds two"
        )),
    ],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return log10 ‖∂loss/∂h_l‖, a row for each seed and layer l.

    And, as layer 0, the error on the training images for each seed and
    learning rate.
    """
    make = partial(MLP, **unit, **part(config, "depth", "width"))
    layers = range(1, config["depth"] + 1, config["every"])
    rows = layer_gradients(config, make, config["batch"], layers, device)
    rows = [row | {"rate": None, "train_error": None} for row in rows]
    if not config["tried"]:
        return rows
    training = config["trained"] | {"rates": config["tried"]}
    make = partial(MLP, **unit, **part(training, "depth", "width"))
    ends = sweep_rates(
        part(config, "first_seed", "seeds") | training, make, device,
        every=training["steps"],
    )  # fmt: skip
    whole = {"layer": 0, "log10_grad": None}
    return rows + [
        {"seed": row["seed"]} | whole | part(row, "rate", "train_error")
        for row in ends
    ]


@trial.reading
def change(record: Record, layer: int = 1, **arm: Any) -> Interval | None:
    """Decades from the last hidden layer back to one: +2 is ×100."""
    if not layer:
        return None
    return mean_interval(decades(record, layer, **arm))


trial.null(learning.careful)
trial.positive(learning.careless)
trial.rule("intro.vanishing")(cured.is_cured)
trial.curves(
    partial(change, act="relu"), "layer", {"init": TITLES}, band=HEALTHY,
    xlabel="layer (1 is next to the input)", height=3.6, log=False,
    ylabel="log₁₀ of gradient\n(last layer: 0)",
)  # fmt: skip
