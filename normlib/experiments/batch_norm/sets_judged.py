"""Who is hurt by sets of few images: what the rules on sets share."""

from collections.abc import Sequence
from dataclasses import replace

from ...records import Record
from ..arms import Arm, Contrast
from ..decisions import Arms, Decision, State, above, every, settle
from ..intervals import join
from .sets_seen import (
    CONTROL,
    FULL,
    LOST,
    MARGIN,
    NETS,
    WHOLE,
    error,
    other,
    size,
)

OTHER = "LayerNorm (MLP) or GroupNorm (CNN)"
TOLD = (
    "Test error in points over BatchNorm's in the same net with N = 32, "
    "each at its best learning rate (at that of N = 32, where no rate "
    f"brings an error under {LOST:.0f} %), paired by seed, 95 % intervals "
    "of all arms together. Hurt: the interval lies above "
    f"{MARGIN:.0f}. Unhurt: below. Arms: MLP and CNN, without and with "
    "offsets"
)
BOTH = (
    "An arm is hurt when it is worse also than the same net with "
    f"{OTHER}, unhurt when it is not worse than one of the two"
)
ALL = "All hurt: holds. All unhurt: does not hold. Some of each: holds when"


def suffers(
    record: Record, few: Sequence[int], *peers: int | str
) -> Decision:
    """Judge sets of few images beside `peers`, in every net.

    A peer is the same net with sets of so many images, or `OTHER`.
    """

    def peer(net: str, which: int | str) -> Arm:
        if which == OTHER:
            return other(record, net)
        return size(record, net, int(which))

    cells = [(a, N) for N in few for a in NETS if (a, N) != CONTROL]
    arms: Arms = {
        f"{a}, m={N * NETS[a][2]}": [
            Contrast(size(record, a, N), peer(a, which)) for which in peers
        ]
        for a, N in cells
    }
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
    over = join([p if p == OTHER else f"N = {p}" for p in peers])
    found = settle(
        arms, above, MARGIN, says={},
        when="a mean is taken as in {arms}", last="or",
        because=(
            f"Points over {over}: {{arms}}. In this order, "
            f"effective m: {effective}; error with exact statistics: "
            f"{exact}. Errors of {join(WHOLE)}: with N = {FULL} {whole}, "
            f"with {OTHER} {beside}."
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
