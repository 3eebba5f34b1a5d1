"""The places of the depth trial: a kind of net and a number of layers."""

from __future__ import annotations

from itertools import product

from ...records import Record
from ..arms import join

# How the weights of each kind are drawn, and whether it has skips.
NETS = {
    "default": {"init": "default", "skip": False},
    "scaled": {"init": "scaled", "skip": False},
    "skip": {"init": "default", "skip": True},
}
LABELS = {
    "default": "plain layers, PyTorch's initialization",
    "scaled": "plain layers, He's initialization",
    "skip": "layers with skips",
}
TITLES = {
    "default": "plain, PyTorch's initialization",
    "scaled": "plain, He's initialization",
    "skip": "with skip connections",
}

Place = tuple[str, int]


def places(record: Record) -> list[Place]:
    """Return every (net, depth) of the record."""
    return list(product(record.config["nets"], record.config["depths"]))


def name_places(chosen: list[Place]) -> str:
    """Say "10 and 20 plain layers, He's initialization; 50 layers …"."""
    parts = []
    for kind, label in LABELS.items():
        depths = [str(d) for k, d in chosen if k == kind]
        if depths:
            parts.append(f"{join(depths)} {label}")
    return "; ".join(parts)
