"""Does a deep net need a norm?

MLPs on 8×8 digits, shallow and deep, without a norm and with BatchNorm or
LayerNorm: with PyTorch's weights, with He's, with skip connections, and
without a norm but with every branch multiplied by 1/√depth. Each arm is
judged at its own best learning rate out of nine, chosen on validation
images; errors are counted on test images.

Scope: ReLU MLPs of width 64 on 8×8 digits, 300 steps of SGD with momentum;
plain ones of 10 layers, with skips of up to 50. Not a word on plain nets
that are deeper, on convolutions or Transformers.
"""

from functools import partial
from typing import Any

from torch import Tensor, nn

from ... import figures
from ...records import Record
from ..intervals import Interval
from ..nets.mlp import MLP
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from . import needed
from .places import NETS, TITLES, sweep_rates, swept

# A net broken on purpose: in ten layers the signal shrinks to 10⁻⁵.
FAINT = {"init": "scaled", "skip": False, "gain": 0.3}
FIXED = {"label": "no norm, branches / √depth", "marker": "+", "ls": "--"}
LINES = ("none", *needed.NORMS)
LINES += (figures.Line("none", {"norm": "branch"}, FIXED),)


def tried(unit: Unit) -> bool:
    """Say which nets are trained: not all depths suit all kinds."""
    depth, norm = unit["depth"], unit["norm"]
    if unit["net"] == "skip":
        return depth >= (20 if norm == "branch" else 10)
    if unit["net"] == "faint":
        return depth == 10 and norm in ("none", "batch")
    return depth <= 10 and norm != "branch"


trial = Trial(
    __name__, __doc__,
    source=("ioffe2015", "ba2016", "desmith2020", "zhang2019fixup"),
    grid={
        "depth": [2, 10, 20, 50], "net": [*NETS, "faint"],
        "norm": ["none", *needed.NORMS, "branch"],
    },
    keep=tried,
    config={
        "rates": [1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        "width": 64, "batch": 32, "steps": 300,
        "first_seed": 1000, "seeds": 16,
    },
    live={
        "norm": ["none", "layer"], "net": ["default"], "depth": [2, 10],
        "rates": [0.001, 0.01, 0.1], "steps": 150, "seeds": 2,
    },
    gpu={
        "depth": [2, 10, 20, 50, 100], "width": 256, "batch": 128,
        "steps": 1500, "seeds": 20,
    },
    pilots=[
        Pilot(range(100, 108), (
            "the record before. A norm is needed with PyTorch's weights at "
            "10 layers and with skips at 50, not with He's; with 20 skips "
            "the best rate lay at the edge of the grid"
        )),
        Pilot(range(900, 916), (
            "without a norm 20 layers with skips err 15 % at a rate of "
            "0.0003, and 50 learn at no rate from 0.00001 to 1; with "
            "scaled branches 2.5 % and 3.7 %. With a norm 20 err 3 %. "
            "Plain nets of 20 layers err 10 to 20 % and were left out"
        )),
    ],
)  # fmt: skip


class Branch(nn.Module):
    """Multiply by 1/√depth; ReLU hands the factor on to the branch."""

    def __init__(self, width: int, *, depth: int) -> None:
        super().__init__()
        self.factor = depth**-0.5

    def forward(self, z: Tensor) -> Tensor:
        """Return z/√depth."""
        return self.factor * z


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    shape = part(unit, "depth", "norm") | part(config, "width")
    if unit["norm"] == "branch":
        shape["norm"] = partial(Branch, depth=unit["depth"])
    net = FAINT if unit["net"] == "faint" else NETS[unit["net"]]
    make = partial(MLP, **shape, **net)
    return sweep_rates(config, make, device, every=100)


trial.null(needed.shallow)
trial.positive(needed.faint)
trial.rule("intro.building-block")(needed.is_needed)


@trial.reading
def best(record: Record, **arm: Any) -> Interval | None:
    """Return the test error at the arm's best rate, None if not tried."""
    if not record.where(**arm):
        return None
    place = {k: v for k, v in arm.items() if k != "norm"}
    return swept(record, "test_error", [arm["norm"]], **place).interval()


trial.curves(
    best, "depth", {"net": TITLES}, lines=LINES, height=2.5,
    xlabel="hidden layers", ylabel="test error (%)", ylim=(0, 95),
)  # fmt: skip
