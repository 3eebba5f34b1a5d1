"""Residual nets of two depths, controls beside them, and their arms."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from ...data import glyphs
from ...records import Record
from ..arms import Contrast, read
from ..introduction.places import missing
from ..nets.convnet import ConvNet
from ..nets.dense import DenseNet, shrink_branches
from ..nets.training import sweep
from ..protocol import Config, Pilot, Rows

LAYERS = {"CNN": {1: 8, 3: 20}, "MLP": {1: 4, 3: 8}}  # by net and blocks
WIDTH = {"CNN": 8, "MLP": 64}
LONGER = {"CNN": 1, "MLP": 2}  # times the steps: an MLP's cost less
PEERS = {
    "CNN": ["none", "layer", "group"],
    "MLP": ["none", "layer", "rms", "group"],
}
LOST = 80.0  # per cent error: an arm that learnt nothing says nothing
NARROW, AGAIN = "batch, half as wide", "batch, other weights"
PILOTS = [
    Pilot(
        range(900, 902),
        "BatchNorm ahead of all peers in both nets at both depths. A CNN "
        "of 20 layers with GroupNorm erred by 61 %, and by 48 % with "
        "branches that begin smaller, so all do. After 1200 steps one of 8 "
        "layers erred by 18 % with BatchNorm, 22 with GroupNorm, 24 with "
        "no norm; an MLP of 4 layers after 1600 by 29, and 33 with "
        "LayerNorm. On glyphs half as difficult all norms of an MLP are "
        "within two points, so full difficulty was kept.",
    ),
    Pilot(
        range(900, 906),
        "other weights move BatchNorm's error by 1 point a seed; with "
        "LayerNorm an MLP of 4 layers has 7 % more errors after 400 steps, "
        "so MLPs got 800.",
    ),
]


def make(seed: int, *, net: str, blocks: int, norm: str) -> nn.Module:
    """Make a net; other weights are those of seed + 500."""
    kind, _, change = norm.partition(", ")
    seed += 500 * (change == "other weights")
    width = WIDTH[net] // (1 + (change == "half as wide"))
    size = {"norm": kind, "blocks": blocks, "width": width}
    if net == "MLP":
        made = DenseNet(seed, pixels=256, **size)
    else:
        made = ConvNet(seed, side=16, skip=True, **size)
    return shrink_branches(made)


def learn(config: Config, device: str, **unit: Any) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    steps = config["steps"] * LONGER[unit["net"]]
    images = {name: config[name] for name in ("n", "val", "test")}
    return sweep(
        config | {"steps": steps}, partial(make, **unit), device,
        source=partial(glyphs, side=16, **images), columns=(),
        every=steps, decay=True,
    )  # fmt: skip


def more(record: Record, net: str, blocks: int, norm: str) -> Contrast:
    """Test error beyond BatchNorm's, in per cent of BatchNorm's."""
    place = {"net": net, "blocks": blocks}
    if not all(record.where(norm=n, **place) for n in (norm, "batch")):
        return missing(record)
    other, own = (read(record, norm=n, **place) for n in (norm, "batch"))
    error = own.at_best.mean()
    lost = max(error, other.at_best.mean()) > LOST
    return Contrast(
        other, own, unit=error / 100, dead="it never learnt" if lost else ""
    )
