"""The Transformers of the trial of placement, and what is read of them."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import Arm, Contrast, of, read
from ..intervals import Interval, mean_interval

BLOCKS, FEW = 6, 2
WINDOW = 0.001, 0.1  # of rates, one for all nets
BITS = "test_bits", "table_bits"


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
    "both sides, other weights": FULL | {"placement": "peri"},
    "no norm, other weights": small(BLOCKS) | BARE,
    "before, fewer steps": small(BLOCKS) | {"placement": "pre"},
    "no norm, full branches": FULL | BARE,
    "no norm, two blocks": small(FEW) | BARE,
    "before, two blocks": small(FEW) | {"placement": "pre"},
    "behind, two blocks": {"depth": FEW, "placement": "post"},
    "HybridNorm": {"depth": BLOCKS},
}


def bits(record: Record, net: str, **rate: float) -> Arm:
    """Read test bits per byte, at the best rate or at the one given."""
    return read(record, "test_bits", by="val_bits", net=net, **rate)


def fewer(record: Record, net: str, of: str, **rate: float) -> Contrast:
    """Return the bits that `net` saves, in per cent of its peer's."""
    peer = bits(record, of, **rate)
    unit = peer.at_best.mean() / 100
    return Contrast(peer, bits(record, net, **rate), unit=unit)


def over_rates(record: Record, net: str) -> Arm:
    """Return the mean bits over the rates of WINDOW, a seed each. A net
    that reads worse than a table of frequencies counts as the table.
    """
    low, high = WINDOW
    capped = [
        np.minimum(*(record.values(c, net=net, rate=rate) for c in BITS))
        for rate in record.config["rates"]
        if low <= rate <= high
    ]
    return of(np.mean(capped, 0))


def fewer_over_rates(record: Record, net: str, peer: str) -> Contrast:
    """Return the bits that it saves over these rates, in per cent."""
    arm, plain = over_rates(record, net), over_rates(record, peer)
    return Contrast(plain, arm, unit=plain.at_best.mean() / 100)


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
