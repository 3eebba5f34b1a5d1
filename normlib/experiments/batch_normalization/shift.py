"""What if the test images are brighter than the training images?

Nets trained on 8×8 digits meet test images a·x + b: another contrast a,
another brightness b, one for all of them or one for each image. BatchNorm
is read with its running statistics, with those of the test batch, and with
those of a batch that is sorted by class. A net with LayerNorm and one
without a norm run along.
"""

from __future__ import annotations

import torch
from matplotlib.figure import Figure
from torch import Tensor

from ... import figures
from ...records import Record
from .. import ensemble
from ..arms import join
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

HURT = 5.0  # points of test error that a mismatch must cost
HARDEST = 1.0  # the size of the shift that decides
TITLES = {
    "brightness": "brightness: x + s",
    "contrast": "contrast: (1 + 2s)·x",
    "each its own": "each image its own brightness",
}
LINES = {
    "running": {},
    "test batch": {
        "label": "BN, test batch", "ls": "--", "marker": "v",
        "color": "#6BAED6",
    },
    "sorted batch": {
        "label": "BN, sorted batch", "ls": ":", "marker": "^",
        "color": "#003F63",
    },
}  # fmt: skip

FULL = {
    "norms": ["none", "batch", "layer"],
    "shifts": [0.0, 0.25, 0.5, 0.75, 1.0],
    "rate": 0.1,
    "depth": 4,
    "width": 64,
    "batch": 60,  # in training, and of test images
    "steps": 600,
    "first_seed": 0,
    "seeds": 16,
}
PRESETS = {
    "live": FULL
    | {"norms": ["batch"], "shifts": [0.0, 1.0], "steps": 200, "seeds": 2},
    "cpu": FULL,
    "gpu": FULL | {"depth": 8, "width": 512, "steps": 2000, "seeds": 20},
}


def units(config: Config) -> list[Unit]:
    """One unit a norm; it trains all seeds at once."""
    return [{"norm": norm} for norm in config["norms"]]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a kind of shift, its size, statistics and seed."""
    first = config["first_seed"]
    seeds = range(first, first + config["seeds"])
    net = ensemble.make(
        act="relu", init="scaled", depth=config["depth"],
        width=config["width"], seeds=seeds, device=device, **unit,
    )  # fmt: skip
    data = ensemble.splits(seeds, device)
    ensemble.train(
        net,
        data,
        lr=torch.full((len(seeds),), config["rate"]),
        seeds=seeds,
        steps=config["steps"],
        batch=config["batch"],
        momentum=0.0,
        every=config["steps"],
    )
    readings = ["running"]
    if unit["norm"] == "batch":
        readings += ["test batch", "sorted batch"]
    member = torch.arange(len(seeds)).view(-1, 1)
    order = data.test_y.argsort(stable=True)
    rows = []
    for kind in KINDS:
        for shift in config["shifts"]:
            x, y = KINDS[kind](data.test_x, shift), data.test_y
            for statistics in readings:
                batch = 0 if statistics == "running" else config["batch"]
                if statistics == "sorted batch":
                    x, y = x[member, order], y[member, order]
                found = ensemble.error(net, x, y, batch=batch)
                for seed, error in zip(seeds, found.tolist(), strict=True):
                    row = {"kind": kind, "shift": shift, "seed": seed}
                    row |= {"statistics": statistics}
                    rows.append(
                        unit | row | {"test_error": round(error, 3)}
                    )
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


def errors(
    record: Record, kind: str, shift: float, norm: str, statistics: str
) -> list[float]:
    """Test errors, seed by seed."""
    return record.values(
        "test_error", kind=kind, shift=shift, norm=norm,
        statistics=statistics,
    )  # fmt: skip


def cost(
    record: Record, kind: str, norm: str, statistics: str = "running"
) -> list[float]:
    """Points of error that the hardest shift adds, seed by seed."""
    hit = errors(record, kind, HARDEST, norm, statistics)
    calm = errors(record, kind, 0.0, norm, statistics)
    return [h - c for h, c in zip(hit, calm, strict=True)]


def prices(record: Record, norm: str = "batch") -> dict[str, Interval]:
    """Points that each mismatch costs, beyond what it costs no norm.

    The order of the test images costs a net without a norm nothing.
    """
    found = {
        f"another {kind}": paired_interval(
            cost(record, kind, norm),
            cost(record, kind, "none"),
            comparisons=3,
        )
        for kind in ("brightness", "contrast")
    }
    if norm == "batch":
        found["a batch sorted by class"] = paired_interval(
            errors(record, "contrast", 0.0, norm, "sorted batch"),
            errors(record, "contrast", 0.0, norm, "test batch"),
            comparisons=3,
        )
    return found


def needs_matched_data(record: Record) -> Decision:
    """Decide bn.matched-data."""
    found = prices(record)
    bright, contrast, order = found.values()
    mended = [
        mean_interval(cost(record, kind, "batch", "test batch")).mean
        for kind in ("brightness", "contrast")
    ]
    because = (
        f"Points of test error beyond those of the net without a norm: "
        f"with running statistics another brightness costs {bright}, "
        f"another contrast {contrast}. With the test batch's statistics "
        f"they cost {max(mended):.1f} in all, and a batch sorted by class "
        f"costs {order}."
    )
    hurt = [what for what, price in found.items() if price.low > HURT]
    if len(hurt) == len(found):
        return Decision("holds", because)
    if hurt:
        when = f"the difference is {join(hurt, 'or')}"
        return Decision("holds when", because, when=when)
    if all(price.high < HURT for price in found.values()):
        return Decision("does not hold", because)
    return Decision("open", because)


def plot(record: Record, guess: None = None) -> Figure:
    """Draw test error against the size of the shift, a panel a kind."""
    fig, axes = figures.panels(len(KINDS), height=2.4)
    shifts = record.config["shifts"]
    arms = [(norm, "running") for norm in record.config["norms"]]
    arms += [("batch", "test batch"), ("batch", "sorted batch")]
    for ax, kind in zip(axes, KINDS, strict=True):
        for norm, statistics in arms:
            points = [
                mean_interval(errors(record, kind, s, norm, statistics))
                for s in shifts
            ]
            figures.line(ax, norm, shifts, points, **LINES[statistics])
        ax.set(ylim=(0, 70), title=TITLES[kind], ylabel="test error (%)")
    axes[-1].set_xlabel("size s of the shift")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.shift",
    question="What if the test images are brighter than the training's?",
    source=("ioffe2015", "ba2016"),
    scope=(
        "MLPs of four hidden layers on 8×8 digits, batches of 60, in "
        "training as in testing."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.matched-data": Rule(
            f"Three mismatches: all test images one deviation brighter, "
            f"all with three times the contrast (BatchNorm reads its "
            f"running statistics; what the net without a norm loses is "
            f"subtracted), and test batches sorted by class (BatchNorm "
            f"reads the batch's). Low ends of 95 % intervals, paired by "
            f"seed, Bonferroni over the three, above {HURT:.0f} points of "
            f"test error: all three, holds; some, holds when. All high "
            f"ends below: does not hold.",
            needs_matched_data,
        ),
    },
    plot=plot,
    order=33,
)
