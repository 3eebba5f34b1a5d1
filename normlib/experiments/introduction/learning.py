"""What the gradients trial judges: sick nets, cures, and controls."""

from __future__ import annotations

from typing import Any

from ...records import Record
from ..arms import Contrast, of
from ..decisions import Estimate, State, above, estimate, within
from ..intervals import decades, mean_interval
from .places import missing, worst

# Decades that the gradient may change over the depth. Three decades over
# fifty layers are 15 % a layer.
HEALTHY = 3.0
GAIN = 1.0  # learning rates that a norm must add; neighbours differ by ×3
LEARNT = 50.0  # per cent error on the training images: more than a guess
ACTS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
Net = dict[str, str]


def usable(record: Record, **arm: Any) -> list[int]:
    """Count, seed by seed, the learning rates at which a net learnt."""
    counts: dict[int, int] = {}
    for row in record.where(layer=0, **arm):
        learnt = row["train_error"] <= LEARNT
        counts[row["seed"]] = counts.get(row["seed"], 0) + learnt
    return [counts[seed] for seed in sorted(counts)]


def gained(record: Record, norm: str, **net: str) -> Contrast:
    """Usable learning rates with a norm minus those without."""
    own, bare = (usable(record, norm=n, **net) for n in (norm, "none"))
    if not own or not bare:
        return missing(record)
    return Contrast(of(own), of(bare), unit=GAIN)


def room(record: Record, norm: str, **net: str) -> Contrast:
    """Tell what a gradient leaves of twice HEALTHY decades.

    More than HEALTHY is left where it changes by less.
    """
    found = decades(record, 1, norm=norm, **net)
    return Contrast(of([2 * HEALTHY - abs(d) for d in found]), unit=HEALTHY)


def sick(record: Record, part: str, net: Net) -> bool:
    """Say whether a net needs a cure: as it is without a norm."""
    if part == "gradients":
        found = mean_interval(decades(record, 1, norm="none", **net))
        return within(found, HEALTHY) is State.REFUTED
    counts = usable(record, norm="none", **net) or [0.0]
    return mean_interval(counts).mean < GAIN


def careful(record: Record) -> Estimate:
    """Judge ReLU with He's weights: healthy, so LayerNorm adds nothing."""
    net = {"act": "relu", "init": "scaled"}
    change = of(decades(record, 1, norm="none", **net))
    name = "with He's weights and ReLU"
    return worst([
        estimate(f"decades of gradient without a norm, {name}",
                 Contrast(change), within, HEALTHY, 2),
        estimate(f"rates that LayerNorm adds, {name}",
                 gained(record, "layer", **net), within, GAIN, 2),
    ])  # fmt: skip


def careless(record: Record) -> Estimate:
    """Judge what is known without a norm: sigmoid vanishes, He helps."""
    sigmoid = {"act": "sigmoid", "init": "default"}
    lost = of([-d for d in decades(record, 1, norm="none", **sigmoid)])
    he, bare = (
        usable(record, norm="none", act="relu", init=init)
        for init in ("scaled", "default")
    )
    more = Contrast(of(he), of(bare)) if he else missing(record)
    return worst([
        estimate("decades that sigmoid loses without a norm",
                 Contrast(lost), above, HEALTHY, 2),
        estimate("rates that He's weights add to ReLU", more, above, GAIN,
                 2),
    ])  # fmt: skip
