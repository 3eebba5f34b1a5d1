"""The rule of the trial `shift`: which mismatch costs BatchNorm more?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...records import Record
from ..arms import Arm, Contrast, of
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..intervals import join
from ..races import compare

MARGIN = 1.0  # points of test error, a third of what these nets err
LEARNT = 10.0  # per cent error of a net that is worth comparing with
HARDEST = 1.0  # the size of the shift that decides
CALM = {"kind": "brightness", "shift": 0.0, "statistics": "running"}
OTHER = {"kind": "other images", "shift": 0.0, "statistics": "running"}
FORGOTTEN = OTHER | {"statistics": "forgotten"}
PEERS = {"none": "no norm", "layer": "LayerNorm"}
ARMS = {
    "all one deviation brighter": "brightness",
    "all with three times the contrast": "contrast",
    "each with its own brightness": "each its own",
}


def cost(record: Record, norm: str, place: dict, calm: dict = CALM) -> Arm:
    """Points of test error that a place adds to `calm`."""
    hit, was = (
        record.values("test_error", norm=norm, **where)
        for where in (place, calm)
    )
    if len(hit) != len(was):
        raise ValueError(f"arm: got {place}, which has not been measured")
    return of([h - w for h, w in zip(hit, was, strict=True)])


def excess(record: Record, peer: str = "none", **place: Any) -> Contrast:
    """Points that a change costs beyond what it costs another net."""
    place = CALM | place
    found = compare(
        lambda: (cost(record, norm, place) for norm in ("batch", peer))
    )
    wrong = record.values("test_error", norm=peer, **CALM)
    learnt = sum(wrong) <= LEARNT * len(wrong)
    dead = "" if learnt else f"the net with {PEERS[peer]} did not learn"
    return replace(found, dead=found.dead or dead)


def other_images(record: Record) -> Estimate:
    """Other images of the same kind cost nothing."""
    name = "points that other images, drawn alike, cost"
    found = [
        estimate(f"{name} beyond {PEERS[peer]}",
                 excess(record, peer, **OTHER), within, MARGIN, len(PEERS))
        for peer in PEERS
    ]  # fmt: skip
    return max(found, key=lambda e: max(-e.interval.low, e.interval.high))


def no_averages(record: Record) -> Estimate:
    """Running statistics that forgot all must cost."""
    name = "points that forgotten averages cost"
    return estimate(name, excess(record, **FORGOTTEN), above, MARGIN)


def needs_matched_data(record: Record) -> Decision:
    """Three mismatches: test images that are all one deviation brighter,
    all have three times the contrast, or have each a brightness of its own,
    one deviation apart. What that costs BatchNorm with its running
    statistics, in points of test error, beyond what it costs the same net
    without a norm, and with LayerNorm; 95 % intervals, paired by seed,
    Bonferroni over the six. A mismatch hurts where both are surely above
    {MARGIN:g} point, and does not where one is surely below. All hurt:
    holds. Some, and the rest not: holds when. None: does not hold. Else
    open.
    """
    arms = {
        arm: [excess(record, p, kind=kind, shift=HARDEST) for p in PEERS]
        for arm, kind in ARMS.items()
    }
    half = join([
        f"{excess(record, kind=kind, shift=HARDEST / 2).interval()}"
        for kind in ARMS.values()
    ])  # fmt: skip
    bright, contrast, _ = (
        min(c.interval().mean for c in group) for group in arms.values()
    )
    return settle(
        arms, above, MARGIN, last="or", when="test images come {arms}",
        because=(
            f"Points of test error beyond {join([*PEERS.values()])}: "
            f"{{arms}}. Not judged, half as large, beyond no norm: {half}."
        ),
        says={
            "holds": "Match the data: beyond its peers contrast costs an "
            f"MLP {contrast:.0f} points, brightness {bright:.0f}.",
            "holds when": "Mind images that come {clear}.",
            "does not hold": "No mismatch costs BatchNorm "
            f"{MARGIN:g} point more than its peers.",
        },
    )  # fmt: skip
