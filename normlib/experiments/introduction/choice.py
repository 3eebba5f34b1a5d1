"""Does it matter which norm you choose?

Three things a reader feels when choosing among BatchNorm, LayerNorm and
RMSNorm: the final error, the steps until trained, and how many learning
rates work at all. Nets of three kinds: ten layers with two initializations,
and twenty with skip connections.

Scope: ReLU MLPs of 10 layers, or 20 with skips, and width 64 on 8×8 digits,
400 steps of SGD with momentum. Not a word on convolutions, Transformers or
longer training.
"""

from functools import partial
from typing import Any

from ...records import Record
from ..decisions import Decision, Estimate, apart, settle, some, within
from ..nets.mlp import MLP
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from .metrics import (
    MARGINS,
    TRAINED,
    contrast,
    control,
    largest,
    pairs,
    plot,
    sentence,
)
from .places import NETS, sweep_rates

# Controls, with He's weights: the same net from other weights, and one
# of a quarter of the width.
CONTROLS = {"other weights": {"add": 50_000}, "narrow": {"share": 4}}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "ba2016", "zhang2019rmsnorm"),
    grid={"net": [*NETS, *CONTROLS], "norm": ["batch", "layer", "rms"]},
    keep=lambda unit: unit["net"] in NETS or unit["norm"] == "layer",
    config={
        "rates": [3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
        "depth": 10, "width": 64, "batch": 32, "steps": 400,
        "first_seed": 1000, "seeds": 32,
    },
    live={
        "norm": ["batch", "layer"], "net": ["default"],
        "rates": [0.001, 0.01, 0.1], "steps": 150, "seeds": 2,
    },
    gpu={"depth": 20, "width": 256, "batch": 128, "steps": 1500},
    pilots=[
        Pilot(range(100, 108), (
            "the depth trial's record before. With He's weights BatchNorm "
            "errs 3.5 %, LayerNorm 6.2 %; with PyTorch's 5.6 and 2.5 of "
            "six rates work; with skips they tie. 8 seeds were too few"
        )),
        Pilot(range(900, 906), (
            "300 steps. At 10 layers BatchNorm errs 3.3 % and trains in 80 "
            "steps, LayerNorm and RMSNorm 6 % in 140, a quarter of the "
            "width 37 %; with 20 of skips all err 3 %, in 50 and 97 steps"
        )),
    ],
)  # fmt: skip


def make(
    seed: int, *, width: int, add: int = 0, share: int = 1, **net: Any
) -> MLP:
    """Make a net from the weights of another seed, or with less width."""
    return MLP(seed + add, width=width // share, **net)


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    net = part(config, "depth", "width") | {"norm": unit["norm"]}
    net |= NETS.get(unit["net"], NETS["scaled"])
    net |= CONTROLS.get(unit["net"], {})
    net["depth"] *= 1 + net["skip"]  # which carry twice as far
    found = partial(make, **net)
    return sweep_rates(config, found, device, trained=TRAINED)


@trial.null
def other_weights(record: Record) -> Estimate:
    """Judge a net from other weights: no metric may differ."""
    return control(record, "other weights", within, "LayerNorm twice")


@trial.positive
def narrow(record: Record) -> Estimate:
    """Judge a quarter of the width: every metric must differ."""
    return control(record, "narrow", apart, "a quarter of the width")


@trial.rule("intro.choice-matters")
def choice_matters(record: Record) -> Decision:
    """Compare BatchNorm with LayerNorm, and LayerNorm with RMSNorm, in
    three kinds of net. A metric is changed by the choice when somewhere
    the 95 % interval (paired by seed, widened for all metrics, pairs and
    nets, the choice of the rate inside) lies beyond
    {MARGINS[final error]} points of test error, beyond a factor 1.5 in the
    steps until {TRAINED:.0f} % validation error, or beyond
    {MARGINS[usable learning rates]:.0f} of the learning rates tried; it is
    not when every interval lies within. All three are changed: holds.
    Some, and the rest are not: holds when. None: does not hold.
    """
    arms = {what: pairs(record, what) for what in MARGINS}
    return settle(
        {what: [*found.values()] for what, found in arms.items()},
        apart, 1.0, join_by=some, when="you ask for {arms}",
        because=" ".join(sentence(w, found) for w, found in arms.items()),
        says={
            "holds": f"Up to {largest(arms)}.",
            "holds when": "It changes {clear}, not {refuted}.",
            "does not hold": f"At most {largest(arms)}: take any.",
        },
    )  # fmt: skip


trial.reading(contrast)
trial.reading(plot)
