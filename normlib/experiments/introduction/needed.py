"""When a norm is needed: the rule of the depth trial, and its controls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...records import Record
from ..arms import Contrast
from ..decisions import (
    Decision,
    Estimate,
    State,
    above,
    estimate,
    settle,
    within,
)
from . import places

NEEDED = 5.0  # points of test error that make a norm "needed"
LOST = 20.0  # per cent test error above which a net has not learnt
NORMS = ("batch", "layer")
SHALLOW = 2  # layers, which need no norm
# What is compared: its name, in short, and what it is without a norm.
KINDS = {
    "default": ("PyTorch's weights", "default", "none"),
    "scaled": ("He's weights", "He", "none"),
    "skip": ("skips", "skips", "none"),
    "branch": ("skips, beside scaled branches", "scaled", "branch"),
}
Places = dict[str, tuple[str, int, Contrast]]


def saved(record: Record, peer: str = "none", **place: Any) -> Contrast:
    """Test error without a norm minus that of the best norm, paired.

    Norm and rate are chosen inside the interval. Where no arm learns the
    place is dead.
    """
    norms = [n for n in NORMS if record.where(norm=n, **place)]
    if not (norms and record.where(norm=peer, **place)):
        return places.missing(record)
    without = places.swept(record, "test_error", [peer], **place)
    best = places.swept(record, "test_error", norms, **place)
    lost = min(without.at_best.mean(), best.at_best.mean()) > LOST
    return Contrast(without, best, dead="no arm learns" if lost else "")


def shallow(record: Record) -> Estimate:
    """Judge two layers: a norm may neither save nor cost NEEDED points."""
    return places.worst([
        estimate(f"points saved at two layers with {KINDS[net][0]}",
                 saved(record, net=net, depth=SHALLOW), within, NEEDED, 2)
        for net in ("default", "scaled")
    ])  # fmt: skip


def faint(record: Record) -> Estimate:
    """Judge ten layers whose weights are too small: they need a norm."""
    arm = "points saved at ten layers, He's weights times 0.3"
    found = saved(record, net="faint", depth=10)
    return estimate(arm, found, above, NEEDED)


def compared(record: Record) -> Places:
    """Map "10 layers with He's weights" to its kind, depth and points."""
    found: Places = {}
    for kind, (name, _, peer) in KINDS.items():
        net = kind if kind in places.NETS else "skip"
        for depth in record.distinct("depth", net=net, norm=peer):
            points = saved(record, peer, net=net, depth=depth)
            if depth > SHALLOW:
                found[f"{depth} layers with {name}"] = kind, depth, points
    return found


def is_needed(record: Record) -> Decision:
    """In a kind of net of 10 layers or more a norm is needed when the
    better of BatchNorm and LayerNorm saves more than {NEEDED:.0f} points of
    test error: the 95 % interval (paired by seed, widened for all nets, the
    choice of norm and rate inside) lies above {NEEDED:.0f}; not needed when
    it lies below. Nets with skips are compared twice: with the net as it is
    without a norm, and with its branches times 1/√depth. A net that errs
    above {places.CHANCE:.0f} % at every rate has no best rate; where both
    err above {LOST:.0f} % the comparison says nothing. Needed in all:
    holds. In some, and not in the rest: holds when. In none: does not hold.
    """
    found = compared(record)
    most = max(
        (c.own.at_best.mean() - c.peer.at_best.mean()
         for *_, c in found.values() if c.peer), default=0.0,
    )  # fmt: skip
    decision = settle(
        {arm: points for arm, (*_, points) in found.items()},
        above, NEEDED, because="Points saved: {arms}.",
        when="the net has {arms}", last="or",
        says={
            "holds": "Needed in all {count} deep nets: saves up to "
            f"{most:.0f} points.",
            "does not hold": "Needed in none of {count} deep nets: saves "
            f"at most {most:.1f} points.",
        },
    )  # fmt: skip
    if decision.verdict != "holds when":
        return decision
    needs: dict[str, list[str]] = {}
    for arm, state in places.states(decision).items():
        kind, depth, _ = found[arm]
        if state is State.CLEAR:
            needs.setdefault(KINDS[kind][1], []).append(str(depth))
    named = ", ".join(f"{k} ({'/'.join(d)})" for k, d in needs.items())
    return replace(decision, headline=(
        f"Saves ≤{most:.0f} points: {named} layers; else optional."
    ))  # fmt: skip
