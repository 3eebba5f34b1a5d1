"""The Transformers of the trial of placement, and what is read of them."""

from functools import partial
from typing import Any

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import Arm, Contrast, read
from ..intervals import Interval, mean_interval

BLOCKS, FEW = 6, 2


def small(blocks: int) -> dict[str, Any]:
    """Return the options of branches that add up to about one."""
    return {"depth": blocks, "branch": (2 * blocks) ** -0.5}


FULL, BARE = {"depth": BLOCKS}, {"placement": "none", "norm": "none"}
NETS = {
    "no norm": small(BLOCKS) | BARE,
    "before": small(BLOCKS) | {"placement": "pre"},
    "behind": FULL | {"placement": "post"},
    "both sides": FULL | {"placement": "peri"},
    "queries and keys": small(BLOCKS) | {"placement": "pre", "qk": "layer"},
    "DeepNorm": FULL | {"placement": "deep"},
    "before, no warm-up": small(BLOCKS) | {"placement": "pre"},
    "behind, no warm-up": FULL | {"placement": "post"},
    "before, other weights": small(BLOCKS) | {"placement": "pre"},
    "no norm, full branches": FULL | BARE,
    "no norm, two blocks": small(FEW) | BARE,
    "before, two blocks": small(FEW) | {"placement": "pre"},
    "behind, two blocks": {"depth": FEW, "placement": "post"},
}


def bits(record: Record, net: str, **rate: float) -> Arm:
    """Read test bits per byte, at the best rate or at the one given."""
    return read(record, "test_bits", by="val_bits", net=net, **rate)


def fewer(record: Record, net: str, of: str, **rate: float) -> Contrast:
    """Return the bits that `net` saves, in per cent of its peer's."""
    peer = bits(record, of, **rate)
    unit = peer.at_best.mean() / 100
    return Contrast(peer, bits(record, net, **rate), unit=unit)


def fewer_around(record: Record, net: str, of: str) -> Contrast:
    """Return what it saves on average over a decade of rates to each
    side of its peer's best rate, in per cent.
    """
    peer = bits(record, of)
    near = peer.rates[max(peer.chosen - 2, 0) : peer.chosen + 3]
    both = [
        sum(bits(record, name, rate=x).values for x in near) / len(near)
        for name in (of, net)
    ]
    unit = both[0].mean() / 100
    return Contrast(*(Arm(v, 0 * v, v < 0) for v in both), unit=unit)


def mean(record: Record, column: str, **arm: Any) -> Interval | None:
    """Return the mean of a column at one rate, where all have a value."""
    found = record.values(column, **arm)
    return mean_interval(found) if found and None not in found else None


LINES = [
    figures.Line("none", {"net": "no norm"}),
    *(
        figures.Line("layer", {"net": net}, dict(
            label=net, color=color, marker=marker, ls=dash
        ))
        for net, color, marker, dash in (
            ("before", "#D55E00", "s", "--"),
            ("behind", "#7A2E00", "v", "-"),
            ("both sides", "#F2A26B", "D", "-."),
            ("queries and keys", "#882255", "P", ":"),
        )
    ),
]  # fmt: skip
DEEP = figures.Line("layer", {"net": "DeepNorm"}, dict(
    label="DeepNorm", color="#B8860B", marker="^", ls=":"
))  # fmt: skip


def scores(record: Record) -> Figure:
    """Draw log10 of the largest |score|, and the bits, by rate."""
    fig, _ = figures.curves(
        partial(mean, record), {"rate": record.config["rates"]},
        [LINES[1], *LINES[3:]],
        {"log₁₀ of the largest |score|": {"column": "score"},
         "bits per byte": {"column": "test_bits"}},
        xlabel="learning rate",
    )  # fmt: skip
    return figures.finish(fig, record)
