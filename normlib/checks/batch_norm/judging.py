"""Is a planned experiment one that can tell two explanations apart?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..answers import Answer, Blank, Unusable
from . import planner
from .planner import PLAIN, Arm

BATCH = PLAIN | {"norm": "batch"}
WANTED = ("control", "null", "positive", "read", "seeds")
READABLE = {
    "control starts with": "a lead",
    "control changes": "one thing",
    "control, the two": "disagree",
    "null changes": "weights",
    "positive": ["lead lost"],
    "read": "steps",
    "seeds": "enough",
}


def judge(f: Callable, _: None) -> Answer:
    """Say what each pair changes, and what each explanation predicts."""
    plan = f()
    if plan is None:
        raise Blank("Your function returns None.")
    if not isinstance(plan, dict) or plan.keys() != {*WANTED}:
        raise Unusable(f"A design is a dict with {', '.join(WANTED)}.")
    if not isinstance(plan["seeds"], int) or plan["seeds"] < 1:
        raise Unusable("seeds must be a whole number, 1 or more.")
    clean, treated = _pair(plan["control"])
    changed, foreseen = _changed(clean, treated), predicted(treated)
    told = f"both say: {foreseen[0]}, by {changed}"
    if plan["read"] not in ("steps", "shift", "test error"):
        raise Unusable("Read steps, shift or test error.")
    return {
        "control starts with": _odd(clean),
        "control changes": "one thing" if " " not in changed else changed,
        "control, the two": told * (len({*foreseen}) == 1) or "disagree",
        "null changes": plan["null"] and _changed(*_pair(plan["null"])),
        "positive": plan["positive"]
        and sorted({*predicted(_pair(plan["positive"])[1])}),
        "read": plan["read"],
        "seeds": _enough(plan["seeds"]),
    }


def _pair(arms: Any) -> tuple[Arm, Arm]:
    if not isinstance(arms, tuple | list) or len(arms) != 2:
        raise Unusable("A pair is two arms: without and with the change.")
    return planner.arm_of(arms[0]), planner.arm_of(arms[1])


def _enough(seeds: int) -> str:
    return "one" if seeds == 1 else "enough" if seeds >= 8 else "too few"


def _odd(arm: Arm) -> str:
    odd = [f"{key} {arm[key]}" for key in arm if arm[key] != BATCH[key]]
    return "a lead" if odd in ([], ["weights other"]) else ", ".join(odd)


def _changed(a: Arm, b: Arm) -> str:
    return " and ".join(k for k in a if a[k] != b[k]) or "nothing"


def predicted(arm: Arm) -> tuple[str, str]:
    """Return what steadier inputs predict, and what a higher rate does.

    Noise that stops any net takes the lead whatever explains it.
    """
    stopped = arm["noise"] >= planner.STRONG or arm["norm"] == "none"
    unsteady = planner.more_shift(arm) >= planner.MORE
    held = arm["rate"] != "quickest"
    return tuple(
        "lead lost" if stopped or why else "lead kept"
        for why in (unsteady, held)
    )


def measured(answers: list[Answer]) -> str:
    """Say what came out, once the design can be read."""
    if answers[0] != READABLE:
        return (
            "Nothing is measured: no outcome of this design could be read."
        )
    noisy, held = BATCH | {"noise": 0.3}, BATCH | {"rate": "plain's"}
    other, strong = BATCH | {"weights": "other"}, BATCH | {"noise": 0.9}
    arms = {"noise 0.3": noisy, "the plain net's rate": held}
    arms |= {"other weights": other, "noise 0.9": strong}
    told = [
        f"{n} {planner.lost(BATCH, arm):.0f} %" for n, arm in arms.items()
    ]
    return (
        f"Measured: of BatchNorm's lead is lost, with {', '.join(told)}. "
        f"Noise 0.3 gives {planner.more_shift(noisy):.1f} times the plain "
        "net's shift."
    )
