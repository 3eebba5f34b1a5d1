"""What is read in a record of an optimizer's batches."""

from itertools import product

from ...records import Record
from ..arms import Arm, Contrast
from ..decisions import Arms
from ..intervals import Interval
from .sets_seen import not_lost

FULL = 48  # images a step that are not few
FEW = (2, 4)
NETS = {1: "MLP", 4: "CNN"}
CONTROL = (1, 2)  # side, images a step: BatchNorm passes no gradient


def at(record: Record, side: int, norm: str, B: int) -> Arm:
    """Read a net; lost at every rate, at the rate that suits 48 images."""
    cell = {"side": side, "norm": norm}
    full = cell | {"B": FULL}
    return not_lost(record, "test_error", cell | {"B": B}, full)


def compared(record: Record) -> Arms:
    """Hold LayerNorm against what the rule names, in every net."""
    arms: Arms = {}
    for (side, net), B in product(NETS.items(), FEW):
        peers = [("layer", FULL), ("none", B)]
        if (side, B) != CONTROL:
            peers.append(("batch", B))
        own = at(record, side, "layer", B)
        arms[f"{net} with {B}"] = [
            Contrast(own, at(record, side, *peer)) for peer in peers
        ]
    return arms


def error(record: Record, side: int, norm: str, B: int) -> Interval:
    """Return the interval of the test error, at the best rate."""
    return at(record, side, norm, B).interval()
