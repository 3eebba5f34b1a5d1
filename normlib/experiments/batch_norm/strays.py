"""The rule of the trial `drift`: do the two modes err differently?"""

from __future__ import annotations

from itertools import product

from ...records import Record
from ..arms import Contrast, read
from ..decisions import (
    Decision,
    Estimate,
    above,
    apart,
    estimate,
    settle,
    within,
)
from ..intervals import join
from ..nets.averages import DEFAULT
from ..races import compare

APART = 0.5  # points of test error: a difference that people publish
LOOKS = (1, 10, 100, 1000)  # steps at which the rule looks
MOMENTA = (DEFAULT, "0.01")


def beyond(record: Record, step: int, statistics: str) -> Contrast:
    """Points that evaluation errs more than training mode does.

    The weights are the same for all momenta, so one run stands for all.
    """
    training = {"statistics": "batch", "momentum": DEFAULT}
    return compare(lambda: (
        read(record, "test_error", step=step, **arm)
        for arm in ({"statistics": statistics}, training)
    ))  # fmt: skip


def other_batches(record: Record) -> Estimate:
    """Training mode in other batches errs as training mode does."""
    found = [
        estimate(f"points in other batches, {k} steps",
                 beyond(record, k, "other"), within, APART, len(LOOKS))
        for k in LOOKS
    ]  # fmt: skip
    return max(found, key=lambda e: max(-e.interval.low, e.interval.high))


def forgotten(record: Record) -> Estimate:
    """Evaluation with averages that forgot all errs more, always."""
    found = [
        estimate(f"points without any averages, {k} steps",
                 beyond(record, k, "forgotten"), above, APART, len(LOOKS))
        for k in LOOKS
    ]  # fmt: skip
    return min(found, key=lambda e: e.interval.low)


def behaves_differently(record: Record) -> Decision:
    """Same weights, same test images: the test error in evaluation minus
    that in training mode, in points. After 1, 10, 100 and 1000 steps, with
    momentum 0.1 and 0.01; 95 % intervals, paired by seed, Bonferroni over
    the eight. The modes differ where the interval lies outside ±{APART:g},
    and do not where it lies inside. They differ everywhere: holds. Nowhere:
    does not hold. At some and not at the rest: holds when one looks there.
    Else open.
    """
    arms = {
        f"{k} step{'s' * (k > 1)} at {momentum}": beyond(
            record, k, momentum
        )
        for momentum, k in product(MOMENTA, LOOKS)
    }
    early, late = (
        f"{beyond(record, k, DEFAULT).interval().mean:+.1f}".replace(
            "-", "−"
        )
        for k in (10, LOOKS[-1])
    )
    other = [
        read(record, "differ", step=k, statistics="other").at_best.mean()
        for k in LOOKS
    ]
    noise = join([f"{share:.1f}" for share in other])
    return settle(
        arms, apart, APART, last="or",
        when="one looks after {arms}",
        because=(
            f"Points of test error: {{arms}}. In other batches training "
            f"mode itself puts {noise} % of the images into another class, "
            f"after {join([*LOOKS])} steps."
        ),
        says={
            "holds": "Distrust early evaluation: it errs by "
            f"{early} points after 10 steps, {late} after {LOOKS[-1]}.",
            "holds when": "The modes err differently at {clear_count} of "
            "{count} looks, and alike at the rest.",
            "does not hold": "Evaluation errs as training mode does.",
        },
    )  # fmt: skip
