"""The rule of the gradients trial: do norms cure gradients and training?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from ... import figures
from ...records import Record
from ..arms import Contrast
from ..decisions import Decision, State, above, settle
from ..intervals import decades, join, signed
from . import learning, places

PARTS = {"gradients": learning.room, "training": learning.gained}
Key = tuple[str, str, str]  # a part, an activation, a norm


def sick(record: Record) -> dict[Key, list[Contrast]]:
    """Return what each norm does to the nets of an activation.

    To those that are sick without one; where none is, nothing is known.
    """
    norms = [n for n in record.config["norm"] if n != "none"]
    arms: dict[Key, list[Contrast]] = {}
    for part, judged in PARTS.items():
        for act, norm in product(record.config["act"], norms):
            nets = [{"act": act, "init": i} for i in record.config["init"]]
            nets = [n for n in nets if learning.sick(record, part, n)]
            if nets:
                key = part, act, norm
                arms[key] = [judged(record, norm, **n) for n in nets]
        if not any(part in key for key in arms):
            arms[part, "relu", "none"] = [places.missing(record)]
    return arms


def is_cured(record: Record) -> Decision:
    """Gradients: a net of 50 layers is sick when, without a norm, the
    gradient changes by more than {learning.HEALTHY:.0f} decades from the
    last hidden layer to the first; a norm cures it when that change stays
    within ±{learning.HEALTHY:.0f} decades. Training: a net of 10 layers is
    sick when, without a norm, it learns (at most {learning.LEARNT:.0f} %
    error on training images) at less than one of six learning rates; a
    norm cures it when it adds more than {learning.GAIN:.0f}. An arm is a
    norm and an activation, with every initialization that is sick: cured
    when all 95 % intervals (paired by seed, widened for all) lie beyond the
    margin, not cured when one lies short of it. All cured: holds. Some, and
    the rest not: holds when. None: does not hold.
    """
    arms = sick(record)
    names = {
        f"{part}, {learning.ACTS[act]} with {figures.name(norm)}": key
        for key in arms
        for part, act, norm in [key]
    }
    found = settle(
        {name: arms[key] for name, key in names.items()},
        above, 1.0, because=told(record),
        says={
            "holds": "Every norm cures all sick gradients and trainings: "
            "{count} of {count}.",
            "does not hold": "No norm cures a gradient or a training: 0 of "
            "{count}.",
        },
    )  # fmt: skip
    if found.verdict != "holds when":
        return found
    cured: dict[str, list[str]] = {}
    counts = {part: [0, 0] for part in PARTS}
    for name, state in places.states(found).items():
        part, act, norm = names[name]
        counts[part][1] += 1
        if state is State.CLEAR:
            counts[part][0] += 1
            place = f"{part} with {learning.ACTS[act]}"
            cured.setdefault(place, []).append(figures.name(norm))
    by = [f"{place} by {join(norms)}" for place, norms in cured.items()]
    (a, b), (c, d) = counts.values()
    return replace(
        found,
        when=f"the norm suits the activation: {'; '.join(by)}",
        headline=f"Cures {a} of {b} gradients, {c} of {d} trainings: match "
        "norm to activation.",
    )  # fmt: skip


def told(record: Record) -> str:
    """Tell the numbers of every net, in decades and in rates."""
    norms, lines = record.config["norm"], []
    for act, init in product(record.config["act"], record.config["init"]):
        nets = [{"norm": n, "act": act, "init": init} for n in norms]
        change = [signed(np.mean(decades(record, 1, **n))) for n in nets]
        counts = [learning.usable(record, **n) for n in nets]
        rates = [f"{np.mean(c):.1f}" for c in counts if c] or ["no"]
        lines.append(
            f"{learning.ACTS[act]}, {init}: {', '.join(change)} decades; "
            f"{', '.join(rates)} rates"
        )
    order = join([figures.name(norm) for norm in norms])
    return f"With {order}: {'. '.join(lines)}."
