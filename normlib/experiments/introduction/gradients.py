"""Do norms keep gradients alive through fifty layers?

At initialization: the norm of ∂loss/∂h_l for the hidden layers l of a
plain MLP, without a norm and with each, for three activations and two
initializations. Nothing is trained.

Scope: Gradients with respect to activations, at initialization, in plain
50-layer MLPs of width 128 on 8×8 digits, 128 a batch. Nothing is trained,
and no net has skip connections.
"""

from functools import partial
from typing import Any

from ... import figures
from ...records import Record
from ..before import settle
from ..decisions import Decision, State, within
from ..intervals import Interval, decades, mean_interval, signed
from ..nets.mlp import MLP
from ..nets.probes import layer_gradients
from ..protocol import Config, Rows, Trial, Unit, crossed, part

# Decades that the gradient may change over the depth. Three decades over
# fifty layers are 15 % a layer.
HEALTHY = 3.0
INITS = {"default": "PyTorch's default", "scaled": "scaled"}
TITLES = {k: f"ReLU, {name} initialization" for k, name in INITS.items()}
ACTS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "yang2019"),
    grid={
        "act": list(ACTS), "init": list(INITS),
        "norm": ["none", "batch", "layer", "rms"],
    },
    config={
        "depth": 50, "width": 128, "batch": 128, "every": 7, "seeds": 10,
    },
    live={"init": ["default"], "act": ["relu"], "seeds": 3},
    gpu={"depth": 200, "width": 1024, "every": 1, "seeds": 20},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return log10 ‖∂loss/∂h_l‖, a row for each seed and layer l."""
    make = partial(MLP, **unit, **part(config, "depth", "width"))
    layers = range(1, config["depth"] + 1, config["every"])
    return layer_gradients(config, make, config["batch"], layers, device)


@trial.reading
def change(record: Record, layer: int = 1, **arm: Any) -> Interval:
    """Decades from the last hidden layer back to one: +2 is ×100."""
    return mean_interval(decades(record, layer, **arm))


@trial.rule("intro.vanishing")
def is_cured(record: Record) -> Decision:
    """Over the depth, from the last hidden layer back to the first, the
    gradient norm changes by d decades. A net is healthy when the 95 %
    interval of d over seeds lies within ±{HEALTHY:.0f}, sick when it lies
    outside. Count the nets (activation × initialization) that are sick
    without a norm. Every norm heals all of them: holds. Some norm heals an
    activation's: holds when. None does: does not hold.
    """
    plain, *norms = record.config["norm"]
    nets = crossed(record.config, "act", "init")
    arms, sick = {}, []
    for net in nets:
        bare = change(record, norm=plain, **net)
        if within(bare, HEALTHY) is State.REFUTED:
            sick.append(bare.mean)
            for norm in norms:
                arm = f"{figures.name(norm)} with {ACTS[net['act']]}"
                healed = change(record, norm=norm, **net)
                arms.setdefault(arm, []).append(healed)
    means = sick or [0.0]
    return settle(
        arms, within, HEALTHY,
        because=(
            f"Without a norm {len(sick)} of {len(nets)} nets are sick: "
            f"{signed(min(means))} to {signed(max(means))} decades. These "
            f"with a norm: {{arms}}."
        ),
        when="the norm suits the activation: {arms}",
    )  # fmt: skip


trial.curves(
    partial(change, act="relu"), "layer", {"init": TITLES}, band=HEALTHY,
    xlabel="layer (1 is next to the input)", height=3.6, log=False,
    ylabel="log₁₀ of gradient\n(last layer: 0)",
)  # fmt: skip
