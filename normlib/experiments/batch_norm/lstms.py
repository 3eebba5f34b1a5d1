"""The LSTMs that are compared, and what is read of them."""

from __future__ import annotations

from ...records import Record
from ..arms import Contrast, read

FAILS = 25.0  # per cent: LayerNorm does not read the digit either
ROWS = {"one": (8,), "mixed": (6, 7, 8, 9, 10)}  # two steps a row
READ = {  # by place: the lengths in training, what is read
    "one length": ("one", "test_error"),
    "mixed lengths": ("mixed", "mixed_error"),
    "longer tests": ("mixed", "longer_error"),
}
ARMS = {
    "no norm": {"norm": "none"},
    "LayerNorm": {"norm": "layer"},
    "BN, shared": {"norm": "batch", "gamma": 0.1},
    "BN, by step": {"norm": "batch", "gamma": 0.1, "kept": 20},
}
CONTROLS = ("other weights", "half a digit")  # of LayerNorm


def excess(record: Record, arm: str, place: str) -> Contrast:
    """Test error that an arm has more than LayerNorm, in points."""
    kind, column = READ[place]
    pair = (arm, "LayerNorm")
    own, peer = (read(record, column, arm=a, lengths=kind) for a in pair)
    dead = "LayerNorm fails too" * bool(peer.at_best.mean() > FAILS)
    return Contrast(own, peer, dead=dead)
