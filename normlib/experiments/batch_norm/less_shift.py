"""The rule of the trial `landscape`: is there less shift by BatchNorm?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from ...records import Record
from ..decisions import Decision, State, above, settle
from ..intervals import join
from .shift_readings import INITS, INPUTS, LESS, RACES, READINGS, less


def reduces_shift(record: Record) -> Decision:
    """Three readings of the shift that one step causes. Inputs: how far the
    mean and deviation of each unit move, in units of its deviation.
    Gradients: how much the gradient of a layer's weights changes when only
    the layers below take their step, relative to its length; and that
    change itself, as Santurkar et al. count. Each is compared between the
    plain net and BatchNorm from two initializations, each at its quickest
    rate (by steps until 10 % validation error), and from He's both at the
    plain net's too. 95 % intervals of log ratios, paired by seed, the
    choice of the rate inside, Bonferroni over the nine. BatchNorm's shift
    is surely smaller by a factor of 1.2 or more: clear; surely not:
    refuted. All clear: holds. None: does not hold. Some, the rest refuted:
    holds when. Else open.
    """
    keys = {
        f"{READINGS[r]}, {RACES[race]}": (r, *race)
        for r, race in product(READINGS, RACES)
    }
    arms = {label: less(record, *key) for label, key in keys.items()}
    seen = {key: arms[a].interval(len(arms)) for a, key in keys.items()}
    inputs, others = (
        [10**v.mean for k, v in seen.items() if (k[0] == INPUTS) == own]
        for own in (True, False)
    )
    numbers = "; ".join(f"{a} {seen[k].factors()}" for a, k in keys.items())
    layer = "; ".join(
        f"{READINGS[r]} "
        f"{less(record, r, 'scaled', 'own', 'layer').interval().factors()}"
        for r in READINGS
    )
    most = (f"inputs {min(inputs):.2g}–{max(inputs):.2g}×, gradients "
            f"{min(others):.2g}–{max(others):.2g}×.")  # fmt: skip
    found = settle(
        arms, above, LESS,
        because=(
            f"The plain net's shift over BatchNorm's: {numbers}. In a VGG "
            f"net Santurkar et al. saw gradients change as much or more. "
            f"Not judged, over LayerNorm's, {RACES['scaled', 'own']}: "
            f"{layer}."
        ),
        says={
            "holds": f"BatchNorm steadies an MLP: {most}",
            "holds when": "Less shift in {clear_count} of {count} "
            f"comparisons of MLPs: {most}",
            "does not hold": f"BatchNorm does not steady an MLP: {most}",
        },
    )  # fmt: skip
    if found.verdict != "holds when":
        return found
    clear = [e for e in found.estimates if e.state is State.CLEAR]
    names = told([keys[e.arm] for e in clear])
    return replace(found, when=f"shift is read from {join(names, 'or')}")


def told(clear: list[tuple[str, str, str]]) -> list[str]:
    """Name what is clear, without what makes no difference."""
    names = []
    for reading, name in READINGS.items():
        races = [race for r, *race in clear if r == reading]
        if len(races) == len(RACES):
            names.append(name)
            continue
        for init, start in INITS.items():
            seen = [(i, k) for i, k in races if i == init]
            every = len(seen) == sum(i == init for i, _ in RACES)
            names += [f"{name} from {start}"] if every else [
                f"{name} from {RACES[race]}" for race in seen
            ]  # fmt: skip
    return names
