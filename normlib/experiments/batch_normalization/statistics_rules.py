"""What the sweep over m decides: each net beside a norm of no batch."""

from __future__ import annotations

from itertools import product

from ...records import Record
from ..arms import at_best, join
from ..intervals import Interval, paired_interval
from ..trial import Decision

MARGIN = 1.0  # percentage points of test error that make a difference
PEER = {1: "layer", 2: "group", 4: "group"}  # the norm to stand beside
NETS = {1: "MLP", 2: "CNN 2×2", 4: "CNN 4×4"}
Cell = tuple[int, int]  # (side, N)


def m_of(cell: Cell) -> int:
    """Return how many values share a mean: N images, side² positions."""
    side, N = cell
    return N * side * side


def excess(
    record: Record,
    side: int,
    N: int,
    column: str = "test_error",
    norm: str = "batch",
) -> Interval:
    """Points of error over the peer, each at its best rate, paired."""
    full = record.config["batch"]
    peer = at_best(record, column, side=side, norm=PEER[side], N=full)
    own = at_best(record, column, side=side, norm=norm, N=N)
    return paired_interval(own, peer)


def judge(interval: Interval) -> str:
    """Say "worse", "fine" or "unclear" of an excess."""
    if interval.low > MARGIN:
        return "worse"
    return "fine" if interval.high < MARGIN else "unclear"


def judge_all(
    record: Record, sizes: list[int], column: str = "test_error"
) -> dict[Cell, str]:
    """Judge every net at every N of `sizes`, as {(side, N): …}."""
    cells = product(record.config["sides"], sizes)
    return {(s, N): judge(excess(record, s, N, column)) for s, N in cells}


def name(cells: list[Cell]) -> str:
    """Print the m of cells, as "m = 2, 3"."""
    sizes = sorted({m_of(cell) for cell in cells})
    return f"m = {join([str(m) for m in sizes])}"


def decide_below(record: Record, bound: int) -> Decision:
    """Decide a claim that N < bound is too small."""
    sizes = [N for N in record.config["groups"] if bound > N]
    judged = judge_all(record, sizes)
    worse = [cell for cell, is_ in judged.items() if is_ == "worse"]
    fine = [cell for cell, is_ in judged.items() if is_ == "fine"]
    because = (
        f"Of {len(judged)} nets and sizes N < {bound}, BatchNorm is worse "
        f"than the norm beside it in {len(worse)} and fine in {len(fine)}."
    )
    if len(worse) == len(judged):
        return Decision("holds", because)
    if len(fine) == len(judged):
        return Decision("does not hold", because)
    if worse and fine:
        top = max(m_of(cell) for cell in worse)
        if top < min(m_of(cell) for cell in fine):
            because += f" Worse: {name(worse)}. Fine: {name(fine)}."
            when = f"m = N·H·W is meant, and m is {top} or less"
            return Decision("holds when", because, when=when)
    return Decision("open", because)


def needs_sixteen(record: Record) -> Decision:
    """Decide bn.batch-16."""
    small = [N for N in record.config["groups"] if N < 16]
    large = [N for N in record.config["groups"] if N >= 16]
    below, above = judge_all(record, small), judge_all(record, large)
    fine = [cell for cell, is_ in below.items() if is_ == "fine"]
    worse = [cell for cell, is_ in below.items() if is_ == "worse"]
    because = (
        f"At N ≥ 16 BatchNorm is fine in "
        f"{list(above.values()).count('fine')} of {len(above)} nets and "
        f"sizes. Below, it is worse in {len(worse)} and fine in "
        f"{len(fine)} of {len(below)}"
    )
    because += f", down to {name([min(fine, key=m_of)])}." if fine else "."
    if set(above.values()) != {"fine"}:
        bad = "worse" in above.values()
        return Decision("does not hold" if bad else "open", because)
    if len(worse) == len(below):
        return Decision("holds", because)
    if not worse:
        return Decision("does not hold" if fine else "open", because)
    if max(map(m_of, worse)) < 16:
        top = name([max(worse, key=m_of)])
        when = f"it counts m = N·H·W; nothing above {top} was worse"
        return Decision("holds when", because, when=when)
    return Decision("open", because)


def suffers_at_two(record: Record) -> Decision:
    """Decide bn.small-batch."""
    shipped = judge_all(record, [2])
    precise = judge_all(record, [2], "precise_error")
    least = excess(record, 1, 2, "precise_error")
    worse = [c for c in shipped if shipped[c] == precise[c] == "worse"]
    fine = [c for c in shipped if shipped[c] == "fine"]
    because = (
        f"With two images BatchNorm is worse in {len(worse)} of "
        f"{len(shipped)} nets, fine in {len(fine)}. With exact statistics "
        f"for evaluation the MLP errs by {least} points more than "
        f"LayerNorm."
        if worse
        else f"With two images BatchNorm is fine in {len(fine)} of "
        f"{len(shipped)} nets."
    )
    if len(worse) == len(shipped):
        return Decision("holds", because)
    if len(fine) == len(shipped):
        return Decision("does not hold", because)
    if worse and fine and max(map(m_of, worse)) < min(map(m_of, fine)):
        when = f"{name(worse)}: few values, not few images"
        return Decision("holds when", because, when=when)
    return Decision("open", because)


def layer_needs_none(record: Record) -> Decision:
    """Decide ln.small-batch."""
    full = record.config["batch"]
    gaps = {
        side: paired_interval(
            at_best(record, "test_error", side=side, norm="layer", N=full),
            at_best(record, "test_error", side=side, norm="batch", N=full),
        )
        for side in record.config["sides"]
    }
    told = [f"{NETS[side]} {gap}" for side, gap in gaps.items()]
    because = (
        f"LayerNorm never sees the batch. Its test error minus BatchNorm's "
        f"with all {full} images, in points: {'; '.join(told)}."
    )
    fine = [side for side, gap in gaps.items() if gap.high < MARGIN]
    if len(fine) == len(gaps):
        return Decision("holds", because)
    if all(gap.low > MARGIN for gap in gaps.values()):
        return Decision("does not hold", because)
    if fine:
        when = f"the net is the {join([NETS[side] for side in fine])}"
        return Decision("holds when", because, when=when)
    return Decision("open", because)
