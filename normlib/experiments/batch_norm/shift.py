"""What if the test images are brighter than the training images?

Nets trained on 8×8 digits meet test images a·x + b: another contrast a,
another brightness b, one for all of them or one for each image. BatchNorm
is read with its running statistics, with those of the test batch, and with
those of a batch that is sorted by class, which is shown and not judged: a
class cannot be told by its own mean. A net with LayerNorm and one without a
norm are the peers. Other images without a mismatch, and running statistics
that forgot all, are the controls.

Scope: MLPs of four hidden layers on 8×8 digits, all trained at rate 0.1,
batches of 60, in training as in testing. With the test batch's statistics
a brightness or contrast of all images drops out by algebra.
"""

from functools import partial
from itertools import product
from typing import Any

import torch
from torch import Tensor

from ... import figures
from ...records import Record
from ..intervals import mean_interval
from ..nets.averages import forgetful
from ..nets.mlp import MLP
from ..nets.training import by_member, error, train_at
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from . import mismatch

TITLES = {
    "brightness": "brightness: x + s",
    "contrast": "contrast: (1 + 2s)·x",
    "each its own": "each image its own brightness",
}
BLUES = {
    "test batch": {"label": "BN, test batch", "color": figures.PALE},
    "sorted batch": {"label": "BN, sorted batch", "color": figures.DEEP},
}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "ba2016"),
    grid={"norm": ["none", "batch", "layer"]},
    config={
        "shifts": [0.0, 0.25, 0.5, 0.75, 1.0], "rate": 0.1, "depth": 4,
        "width": 64,
        "batch": 60,  # in training, and of test images
        "steps": 600, "first_seed": 6000, "seeds": 160,
    },
    live={
        "norm": ["batch"], "shifts": [0.0, 1.0], "steps": 200, "seeds": 2,
    },
    gpu={"depth": 8, "width": 512, "steps": 2000, "seeds": 64},
    pilots=[
        Pilot(range(16), (
            "an early record, by a margin of 5 points: beyond no norm "
            "brightness cost 10.0 points, contrast 23.4, sorting 53.7"
        )),
        Pilot(range(900, 916), (
            "14.4, 22.9 and 54.8; brightness scattered by 17 a seed, so 96 "
            "seeds. Both controls clear"
        )),
        Pilot(range(1000, 1096), (
            "the record before. By a margin of 5 points, beyond no norm "
            "alone, it held: brightness 12.7, contrast 18.3, sorting 53.7, "
            "where nothing else could have come out. Beyond LayerNorm 5.0 "
            "and 18.3; each its own 6.1 and 2.8; half as large 2.3 and "
            "0.9, 8.2 and 8.1, 2.0 and 0.8. The margin became the null's, "
            "LayerNorm a peer, and sorting went"
        )),
        Pilot(range(5000, 5160), (
            "this rule: it held, beyond LayerNorm brightness 5.0, contrast "
            "19.9, each its own 3.1. The margin of the first pilot had "
            "been told wrongly"
        )),
    ],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a kind of shift, its size, statistics and seed."""
    make = partial(MLP, **unit, **part(config, "depth", "width"))
    nets, data = train_at(config, make, device, config["rate"])
    readings = ["running"]
    if unit["norm"] == "batch":
        readings += ["test batch", "sorted batch"]
    member = torch.arange(len(nets)).view(-1, 1)
    order = data.test_y.argsort(stable=True)
    rows: Rows = []

    def add(kind: str, shift: float, statistics: str, err: Tensor) -> None:
        rows.extend(by_member(
            nets, kind=kind, shift=shift, statistics=statistics,
            test_error=err,
        ))  # fmt: skip

    for kind, shift, statistics in product(
        KINDS, config["shifts"], readings
    ):
        x, y = KINDS[kind](data.test_x, shift), data.test_y
        if statistics == "sorted batch":
            x, y = x[member, order], y[member, order]
        batch = 0 if statistics == "running" else config["batch"]
        add(kind, shift, statistics, error(nets, x, y, batch=batch))
    add(*ALIKE, error(nets, data.val_x, data.val_y))
    with forgetful(nets):
        add(*FORGOTTEN, error(nets, data.test_x, data.test_y))
    return rows


def _each(x: Tensor, shift: float) -> Tensor:
    g = torch.Generator().manual_seed(0)
    b = torch.randn(1, x.shape[1], 1, generator=g).to(x.device)
    return x + shift * b


KINDS = {
    "brightness": lambda x, shift: x + shift,
    "contrast": lambda x, shift: x * (1 + 2 * shift),
    "each its own": _each,
}
ALIKE = ("other images", 0.0, "running")  # kind, shift, statistics
FORGOTTEN = ("other images", 0.0, "forgotten")


def at(
    record: Record, norm: str, statistics: str = "running", **arm: Any
) -> Any:
    """Return the test error in per cent."""
    arm |= {"norm": norm, "statistics": statistics}
    found = record.values("test_error", **arm)
    return mean_interval(found) if found else None


trial.null(mismatch.other_images)
trial.positive(mismatch.no_averages)
trial.rule("bn.matched-data")(mismatch.needs_matched_data)
trial.curves(
    at, "shift", {"kind": TITLES},
    lines=[figures.Line(n, {"norm": n}) for n in ("none", "batch", "layer")]
    + [
        figures.Line("batch", {"norm": "batch", "statistics": s}, style)
        for s, style in BLUES.items()
    ],
    xlabel="size s of the shift", ylabel="test error (%)", ylim=(0, 70),
    height=2.4, log=False,
)  # fmt: skip
