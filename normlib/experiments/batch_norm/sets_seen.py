"""What is read in a record of sets: nets and their arms."""

from typing import Any

from ...records import Record
from ..arms import Arm, Contrast, read
from ..intervals import Interval

MARGIN = 2.0  # points of error, a tenth to a fifth of what sound nets err
LOST = 90.0  # per cent: so many errors at every rate leave none to choose
FULL = 32  # images of a step, and of the reference's sets
Net = tuple[bool, int, int]
NETS: dict[str, Net] = {  # offsets, side, k of the side² positions in a set
    "MLP": (False, 1, 1),
    "MLP, offsets": (True, 1, 1),
    "CNN": (False, 4, 16),
    "CNN, offsets": (True, 4, 16),
    "CNN, dealt out": (False, 4, 1),
}
WHOLE = list(NETS)[:4]  # positions as in any net
CONTROL = ("CNN, dealt out", 2)  # m = 2, where no gradient passes
MORE: dict[str, Net] = {  # the same m once more, from other N
    "CNN, in fours": (False, 4, 4),
    "CNN, dealt out, offsets": (True, 4, 1),
    "CNN, in fours, offsets": (True, 4, 4),
}


def kept(unit: dict) -> bool:
    """Leave out the units that no question needs."""
    N, k, norm = unit["N"], unit["k"], unit["norm"]
    whole, plain = k == unit["side"] ** 2, not unit["offsets"]
    if norm == "batch":
        again = N in {1: (8, FULL), 4: (2, 8)}.get(k, ())
        return whole or (k < unit["side"] ** 2 and (
            again or (plain and k == 1)
        ))  # fmt: skip
    if norm == "renorm":
        return whole and plain and unit["side"] == 1 and N < 8
    return whole and N == FULL and (
        norm == "beside" or (plain and unit["side"] == 4)
    )  # fmt: skip


def not_lost(
    record: Record, column: str, cell: dict[str, Any], full: dict[str, Any]
) -> Arm:
    """Read a cell; lost at every rate, at the rate that suits `full`."""
    found = read(record, column, **cell)
    if found.criterion.mean(1).min() <= LOST or not record.where(**full):
        return found
    best = read(record, column, **full)
    return read(record, column, rate=best.rates[best.chosen], **cell)


def size(
    record: Record,
    net: str,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Arm:
    """Read a net with sets of N images.

    Where it is lost at every rate, at the rate that suits N = 32.
    """
    names, net = ("offsets", "side", "k"), (NETS | MORE)[net]
    cell = dict(zip(names, net, strict=True)) | {"norm": norm}
    return not_lost(record, column, cell | {"N": N}, cell | {"N": FULL})


def other(record: Record, net: str, column: str = "test_error") -> Arm:
    """Read the net with LayerNorm (MLP) or GroupNorm: it has no sets."""
    whole = {"CNN, dealt out": "CNN"}.get(net, net)
    return size(record, whole, FULL, column, "beside")


def error(
    record: Record,
    net: str,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Interval:
    """Return a column's interval, at the rate that suits the arm."""
    return size(record, net, N, column, norm).interval()


def over_full(
    record: Record,
    net: str,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Interval:
    """Points of error over BatchNorm with N = 32 in the same net."""
    own = size(record, net, N, column, norm)
    return Contrast(own, size(record, net, FULL, column)).interval()


def over_other(
    record: Record,
    net: str,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Interval:
    """Points of error over LayerNorm (MLP) or GroupNorm (CNN)."""
    own = size(record, net, N, column, norm)
    return Contrast(own, other(record, net, column)).interval()
