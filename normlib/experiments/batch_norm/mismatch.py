"""The rule of the trial `shift`: which mismatch costs BatchNorm more?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...records import Record
from ..arms import Arm, Contrast, of
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..races import compare

HURT = 5.0  # points of test error that a mismatch must cost
SAME = 1.0  # points that may lie between two sets of images drawn alike
LEARNT = 10.0  # per cent error of a net that is worth comparing with
HARDEST = 1.0  # the size of the shift that decides
CALM = {"kind": "brightness", "shift": 0.0, "statistics": "running"}
OTHER = {"kind": "other images", "shift": 0.0, "statistics": "running"}
FORGOTTEN = OTHER | {"statistics": "forgotten"}


def cost(record: Record, norm: str, place: dict, calm: dict = CALM) -> Arm:
    """Points of test error that a place adds to `calm`."""
    hit, was = (
        record.values("test_error", norm=norm, **where)
        for where in (place, calm)
    )
    if len(hit) != len(was):
        raise ValueError(f"arm: got {place}, which has not been measured")
    return of([h - w for h, w in zip(hit, was, strict=True)])


def excess(record: Record, **place: Any) -> Contrast:
    """Points that a change costs beyond what it costs without a norm."""
    place = CALM | place
    found = compare(
        lambda: (cost(record, norm, place) for norm in ("batch", "none"))
    )
    wrong = record.values("test_error", norm="none", **CALM)
    learnt = sum(wrong) <= LEARNT * len(wrong)
    dead = "" if learnt else "the net without a norm did not learn"
    return replace(found, dead=found.dead or dead)


def other_images(record: Record) -> Estimate:
    """Other images of the same kind cost nothing."""
    name = "points that other images, drawn alike, cost"
    return estimate(name, excess(record, **OTHER), within, SAME)


def no_averages(record: Record) -> Estimate:
    """Running statistics that forgot all must cost."""
    name = "points that forgotten averages cost"
    return estimate(name, excess(record, **FORGOTTEN), above, HURT)


def needs_matched_data(record: Record) -> Decision:
    """Three mismatches: all test images one deviation brighter, all with
    three times the contrast (BatchNorm reads its running statistics; what
    the net without a norm loses is subtracted), and test batches sorted by
    class (BatchNorm reads the batch's; the order costs no other net
    anything). What BatchNorm loses, in points of test error; 95 %
    intervals, paired by seed, Bonferroni over the three. All surely above
    {HURT:.0f} points: holds. Some, and the rest surely below: holds when.
    All surely below: does not hold. Else open.
    """
    mixed, ordered = (
        CALM | {"statistics": f"{order} batch"}
        for order in ("test", "sorted")
    )
    arms = {
        f"another {kind}": excess(record, kind=kind, shift=HARDEST)
        for kind in ("brightness", "contrast")
    } | {
        "a batch sorted by class": compare(
            lambda: [cost(record, "batch", ordered, mixed)]
        )
    }
    lost = {arm: c.interval().mean for arm, c in arms.items()}
    most = max(lost, key=lost.__getitem__)
    bright, contrast, _ = lost.values()
    return settle(
        arms, above, HURT, last="or", when="the difference is {arms}",
        because=(
            "Points of test error, beyond those of the net without a norm: "
            "{arms}."
        ),
        says={
            "holds": f"Match the data: contrast costs an MLP "
            f"{contrast:.0f} points more, brightness {bright:.0f}.",
            "holds when": f"Mind {{clear}}: up to {lost[most]:.0f} points "
            "worse.",
            "does not hold": "No mismatch costs BatchNorm "
            f"{HURT:.0f} points more than no norm.",
        },
    )  # fmt: skip
