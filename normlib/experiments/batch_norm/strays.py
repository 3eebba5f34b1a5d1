"""The rule of the trial `drift`: does evaluation stray, and until when?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from ...records import Record
from ..arms import Contrast, read
from ..decisions import (
    Decision,
    Estimate,
    State,
    above,
    estimate,
    settle,
    within,
)
from ..intervals import join
from ..nets.averages import DEFAULT
from ..races import compare

APART = 1.0  # per cent of the test images that count as a difference
LOOKS = (1, 10, 100, 1000)  # steps at which the rule looks
MOMENTA = (DEFAULT, "0.01")


def beyond(record: Record, step: int, statistics: str) -> Contrast:
    """Per cent of images in another class, beyond other batches'."""
    return compare(lambda: (
        read(record, "differ", step=step, statistics=s)
        for s in (statistics, "other")
    ))  # fmt: skip


def other_batches(record: Record) -> Estimate:
    """A third set of batches differs as much as the second.

    Judged where little is left, and a verdict hangs on a per cent.
    """
    late = LOOKS[2:]
    found = [
        estimate(f"per cent of images in third batches, {k} steps",
                 beyond(record, k, "third"), within, APART, len(late))
        for k in late
    ]  # fmt: skip
    return max(found, key=lambda e: max(-e.interval.low, e.interval.high))


def forgotten(record: Record) -> Estimate:
    """Averages that forgot all put images into other classes, always."""
    found = [
        estimate(f"per cent of images without any averages, {k} steps",
                 beyond(record, k, "forgotten"), above, APART, len(LOOKS))
        for k in LOOKS
    ]  # fmt: skip
    return min(found, key=lambda e: e.interval.low)


def behaves_differently(record: Record) -> Decision:
    """Same weights, same test images: how many per cent get another class
    in evaluation than in training mode, beyond those that training mode
    itself puts into another class in other batches? After 1, 10, 100 and
    1000 steps, with momentum 0.1 and 0.01; 95 % intervals, paired by seed,
    Bonferroni over the eight. All surely above {APART:.0f} %: holds. All
    surely below: does not hold. Some above and the rest below: holds when
    one looks after so many steps. Else open.
    """
    keys = {
        f"{k} step{'s' * (k > 1)} at momentum {momentum}": (momentum, k)
        for momentum, k in product(MOMENTA, LOOKS)
    }
    arms = {
        arm: beyond(record, k, momentum)
        for arm, (momentum, k) in keys.items()
    }
    noise = [
        read(record, "differ", step=k, statistics="other").at_best.mean()
        for k in LOOKS
    ]
    found = settle(
        arms, above, APART, last="or", when="{arms}",
        because=(
            f"Per cent of test images in another class than in training "
            f"mode, beyond those in other batches: {{arms}}. In other "
            f"batches {join([f'{x:.1f}' for x in noise])} after "
            f"{join([*LOOKS])} steps."
        ),
        says={
            "holds": "Evaluation strays from training mode even after "
            f"{LOOKS[-1]} steps.",
            "holds when": "",
            "does not hold": "Evaluation strays from training mode by no "
            "more than other batches do.",
        },
    )  # fmt: skip
    if found.verdict != "holds when":
        return found
    clear: dict[str, list[int]] = {}
    for e in found.estimates:
        if e.state is State.CLEAR:
            momentum, k = keys[e.arm]
            clear.setdefault(momentum, []).append(k)
    until = ", ".join(f"{k[-1]} at {m}" for m, k in clear.items())
    return replace(
        found,
        when="the averages are young: after " + ", or ".join(
            f"{join(k, 'or')} steps at momentum {momentum}"
            for momentum, k in clear.items()
        ),
        headline="Evaluation strays from training up to step "
        f"{until.replace('at', 'at momentum', 1)}.",
    )  # fmt: skip
