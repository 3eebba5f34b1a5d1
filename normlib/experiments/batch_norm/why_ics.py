"""The rule of the trial `noisy`: does lost steadiness cost the lead?"""

from __future__ import annotations

import math
from itertools import product

from ...records import Record
from ..arms import Arm, Contrast
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..intervals import join
from ..races import Lost, at_quickest, compare, steps

TRAINED = 10.0  # per cent validation error that counts as trained
FASTER = math.log10(1.5)  # decades of steps: a lead worth explaining
LOST = 50.0  # per cent of the lead: most of it
# Noise, in half decades: the weakest that surely gives more shift than
# no norm, and one that no net withstands.
DOSE, STRONG = 0.3, 0.9
INITS = {"scaled": "He's start", "default": "PyTorch's start"}
KINDS = {"channel": "a channel", "sample": "a sample"}
PREMISES = len(INITS) * (len(KINDS) + 1)  # shifts and leads, judged too


def extra(record: Record, init: str, kind: str, noise: float) -> Contrast:
    """Decades of shift that noisy BatchNorm has over the plain net."""
    pair = (
        {"norm": "batch", "kind": kind, "noise": noise},
        {"norm": "none", "kind": "channel", "noise": 0.0},
    )
    return compare(lambda: (
        at_quickest(record, "log10_shift", init=init, **arm) for arm in pair
    ))  # fmt: skip


def lost(record: Record, init: str, kind: str, noise: float) -> Lost:
    """Return the share of the lead that is lost; dead without a lead.

    And under noise, where its shift is not surely the larger one.
    """

    def arm(norm: str, kind: str, noise: float) -> Arm:
        net = {"norm": norm, "kind": kind, "noise": noise}
        return steps(record, init=init, **net)

    quiet = "channel", 0.0
    lead = compare(lambda: (arm("none", *quiet), arm("batch", *quiet)))
    slower = compare(
        lambda: (arm("batch", kind, noise), arm("batch", *quiet))
    )
    dead = lead.dead or slower.dead
    if not dead and lead.interval(PREMISES).low <= FASTER:
        dead = "BatchNorm has no lead to lose"
    if not dead and noise:
        shift = extra(record, init, kind, noise).interval(PREMISES)
        if shift.low <= 0:
            dead = "no more shift than without a norm"
    clean = lead.peer or lead.own
    return Lost(slower.own, clean, lead.own, dead)


def other_weights(record: Record) -> Estimate:
    """From other weights, without noise, nothing of the lead is lost."""
    found = [
        estimate(
            f"per cent of the lead lost from other weights, {name}",
            lost(record, init, "weights", 0.0), within, LOST, len(INITS),
        )
        for init, name in INITS.items()
    ]  # fmt: skip
    return max(found, key=lambda e: max(-e.interval.low, e.interval.high))


def strong_noise(record: Record) -> Estimate:
    """Noise this strong takes the lead, whatever the reason for it."""
    found = [
        estimate(
            f"per cent of the lead lost under noise {STRONG}, {name}",
            lost(record, init, "channel", STRONG), above, LOST, len(INITS),
        )
        for init, name in INITS.items()
    ]  # fmt: skip
    return min(found, key=lambda e: e.interval.low)


def speeds_up_by_less_shift(record: Record) -> Decision:
    """If less shift is why, BatchNorm must lose most of its lead over the
    plain net once noise gives it more shift than that net has. Lead: log
    ratio of the steps until {TRAINED:.0f} % validation error, each net at
    its quickest rate. Two initializations, noise {DOSE} drawn for each
    channel or around it for each sample. 95 % intervals of the share lost
    (Fieller's, by a bootstrap that chooses the rates again), Bonferroni
    over the four. An arm counts if the lead is surely above a factor of 1.5
    and the shift surely the larger one. More than {LOST:.0f} % lost in all
    four: holds. Less in all: does not hold. More in some, less in the rest:
    holds when. Else open.
    """
    keys = list(product(INITS, KINDS))
    arms = {
        f"{INITS[init]}, noise {KINDS[kind]}": lost(
            record, init, kind, DOSE
        )
        for init, kind in keys
    }
    shifts = [extra(record, *key, DOSE).interval(PREMISES) for key in keys]
    leads = [
        Contrast(arm.plain, arm.clean).interval(PREMISES)
        for arm in list(arms.values())[:: len(KINDS)]
    ]
    least = 100 - max(arm.interval().mean for arm in arms.values())
    more = min(shift.mean for shift in shifts)
    return settle(
        arms, above, LOST, when="it is {arms}",
        because=(
            f"The plain net needs {join([i.factors() for i in leads])} "
            f"times BatchNorm's steps from {join([*INITS.values()])}. "
            f"Noise gives {join([i.factors() for i in shifts])} times the "
            f"plain net's shift and takes of the log lead, in per cent: "
            f"{{arms}}."
        ),
        says={
            "holds": "Put the shift back, and an MLP loses most of "
            "BatchNorm's lead.",
            "holds when": "Shift explains BatchNorm's lead in "
            "{clear_count} of {count} settings of an MLP.",
            "does not hold": f"With {10**more:.1f}× the plain net's shift "
            f"MLPs keep {least:.0f} % of BatchNorm's lead.",
        },
    )  # fmt: skip
