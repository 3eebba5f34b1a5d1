"""What is read in a record of sets: nets, their arms, who is hurt."""

from dataclasses import replace

from ...records import Record
from ..arms import Arm, Contrast, read
from ..decisions import Arms, Decision, State, above, every, settle
from ..intervals import Interval, join

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
    found = read(record, column, N=N, **cell)
    lost = found.criterion.mean(1).min() > LOST
    if lost and norm == "batch" and FULL in record.distinct("N", **cell):
        full = read(record, N=FULL, **cell)
        rate = full.rates[full.chosen]
        found = read(record, column, N=N, rate=rate, **cell)
    return found


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


def suffers(record: Record, few: list[int], *peers: int) -> Decision:
    """Judge sets of few images beside sets of `peers`, in every net."""
    cells = [(a, N) for N in few for a in NETS if (a, N) != CONTROL]
    arms: Arms = {
        f"{a}, m={N * NETS[a][2]}": [
            Contrast(*(size(record, a, n) for n in (N, peer)))
            for peer in peers
        ]
        for a, N in cells
    }  # fmt: skip
    effective, exact = (
        ", ".join(
            f"{size(record, *cell, column).at_best.mean():.1f}"
            for cell in cells
        )
        for column in ("effective", "precise_error")
    )
    whole, beside = (
        ", ".join(
            f"{error(record, a, FULL, norm=n).mean:.1f}" for a in WHOLE
        )
        for n in ("batch", "beside")
    )
    found = settle(
        arms, above, MARGIN, says={},
        when="a mean is taken as in {arms}", last="or",
        because=(
            f"Points over N = {join(peers)}: {{arms}}. In this order, "
            f"effective m: {effective}; error with exact statistics: "
            f"{exact}. Errors of {join(WHOLE)}: with N = {FULL} {whole}, "
            f"with LayerNorm or, in the CNN, GroupNorm {beside}."
        ),
    )  # fmt: skip

    def sizes(state: State) -> str:
        seen = dict.fromkeys(
            arm.rpartition("=")[2]
            for arm in arms
            if every(e.state for e in found.estimates if e.arm == arm)
            is state
        )
        return "/".join(seen)

    N, by = join(few, "or"), [e.interval.mean for e in found.estimates]
    hurt, fine = sizes(State.CLEAR), sizes(State.REFUTED)
    says = {
        "holds": f"{N} images hurt every net here by {min(by):.0f} points "
        "or more.",
        "holds when": f"{N} images hurt at m={hurt}, up to {max(by):.0f} "
        f"points; not at m={fine}.",
        "does not hold": f"{N} images do as well as {FULL} in every net.",
    }
    return replace(found, headline=says.get(found.verdict, found.headline))
