"""What if the test images are brighter than the training images?

Nets trained on 8×8 digits meet test images a·x + b: another contrast a,
another brightness b, one for all of them or one for each image. BatchNorm
is read with its running statistics, with those of the test batch, and with
those of a batch that is sorted by class. A net with LayerNorm and one
without a norm run along.

Scope: MLPs of four hidden layers on 8×8 digits, batches of 60, in training
as in testing.
"""

from functools import partial
from itertools import product
from typing import Any

import torch
from torch import Tensor

from ... import figures
from ...records import Record
from ..before import settle
from ..decisions import Decision, above
from ..intervals import Interval, mean_interval, paired_interval
from ..nets.mlp import MLP
from ..nets.training import by_member, error, train_at
from ..protocol import Config, Rows, Trial, Unit, part

HURT = 5.0  # points of test error that a mismatch must cost
HARDEST = 1.0  # the size of the shift that decides
TITLES = {
    "brightness": "brightness: x + s",
    "contrast": "contrast: (1 + 2s)·x",
    "each its own": "each image its own brightness",
}
BLUES = {
    "test batch": {"label": "BN, test batch", "color": "#6BAED6"},
    "sorted batch": {"label": "BN, sorted batch", "color": "#003F63"},
}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "ba2016"),
    grid={"norm": ["none", "batch", "layer"]},
    config={
        "shifts": [0.0, 0.25, 0.5, 0.75, 1.0], "rate": 0.1, "depth": 4,
        "width": 64,
        "batch": 60,  # in training, and of test images
        "steps": 600, "seeds": 16,
    },
    live={
        "norm": ["batch"], "shifts": [0.0, 1.0], "steps": 200, "seeds": 2,
    },
    gpu={"depth": 8, "width": 512, "steps": 2000, "seeds": 20},
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
    for kind, shift, statistics in product(
        KINDS, config["shifts"], readings
    ):
        x, y = KINDS[kind](data.test_x, shift), data.test_y
        if statistics == "sorted batch":
            x, y = x[member, order], y[member, order]
        batch = 0 if statistics == "running" else config["batch"]
        rows += by_member(
            nets, kind=kind, shift=shift, statistics=statistics,
            test_error=error(nets, x, y, batch=batch),
        )  # fmt: skip
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


def cost(
    record: Record, kind: str, norm: str, statistics: str = "running"
) -> list[float]:
    """Points of error that the hardest shift adds, seed by seed."""
    arm = {"kind": kind, "norm": norm, "statistics": statistics}
    hit, calm = (
        record.values("test_error", shift=s, **arm) for s in (HARDEST, 0.0)
    )
    return [h - c for h, c in zip(hit, calm, strict=True)]


def prices(record: Record) -> dict[str, Interval]:
    """Points that each mismatch costs, beyond what it costs no norm.

    The order of the test images costs a net without a norm nothing.
    """
    found = {
        f"another {kind}": paired_interval(
            cost(record, kind, "batch"), cost(record, kind, "none"),
            comparisons=3,
        )
        for kind in ("brightness", "contrast")
    }  # fmt: skip
    in_batches = (
        record.values(
            "test_error", kind="contrast", shift=0.0, statistics=s
        )
        for s in ("sorted batch", "test batch")
    )
    order = paired_interval(*in_batches, comparisons=3)
    return found | {"a batch sorted by class": order}


@trial.rule("bn.matched-data")
def needs_matched_data(record: Record) -> Decision:
    """Three mismatches: all test images one deviation brighter, all with
    three times the contrast (BatchNorm reads its running statistics; what
    the net without a norm loses is subtracted), and test batches sorted by
    class (BatchNorm reads the batch's). Low ends of 95 % intervals, paired
    by seed, Bonferroni over the three, above {HURT:.0f} points of test
    error: all three, holds; some, holds when. All high ends below: does not
    hold.
    """
    mended = max(
        mean_interval(cost(record, kind, "batch", "test batch")).mean
        for kind in ("brightness", "contrast")
    )
    return settle(
        prices(record), above, HURT,
        because=(
            f"Points of test error beyond those of the net without a norm: "
            f"{{arms}}. With the test batch's statistics the first two "
            f"cost {mended:.1f} in all."
        ),
        when="the difference is {arms}", last="or",
    )  # fmt: skip


def at(
    record: Record, norm: str, statistics: str = "running", **arm: Any
) -> Any:
    """Return the test error in per cent."""
    arm |= {"norm": norm, "statistics": statistics}
    found = record.values("test_error", **arm)
    return mean_interval(found) if found else None


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
