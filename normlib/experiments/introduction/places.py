"""The places of the depth trial: a kind of net and a number of layers."""

from __future__ import annotations

from itertools import product
from typing import Any

from ...records import Record

# How the weights of each kind are drawn, and whether it has skips.
NETS = {
    "default": {"init": "default", "skip": False},
    "scaled": {"init": "scaled", "skip": False},
    "skip": {"init": "default", "skip": True},
}
TITLES = {
    "default": "plain, PyTorch's initialization",
    "scaled": "plain, He's initialization",
    "skip": "with skip connections",
}


def by_label(record: Record) -> dict[str, dict[str, Any]]:
    """Map "10 layers (with skip connections)" to its arm."""
    found = product(record.config["net"], record.config["depth"])
    return {
        f"{depth} layers ({TITLES[net]})": {"net": net, "depth": depth}
        for net, depth in found
    }
