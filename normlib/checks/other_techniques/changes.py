"""other_techniques.forgets: predict what leaves a norm's output alone."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

import numpy as np

from ...reference import (
    batch_norm_forward,
    group_norm_forward,
    instance_norm_forward,
    layer_norm_forward,
)
from ..answers import Answer, Unusable, filled
from ..exercise import Exercise
from ..laws import Broken
from ..outcome import Part, say
from .places import PLACES


def same_for(change):
    """Return the norms that give of the picture what they gave."""
    groups = {"BN": 4, "LN": 1, "GN": 2, "IN": 4}
    own = ("LN", "GN", "IN")
    if change == "negative":
        return []
    if change == "mate":
        return [n for n in groups if n in own]
    if change == "exchanged":
        return [n for n in groups if n != "GN"]
    if change == "spike":
        return [n for n in groups if groups[n] > 1]
    factors = {"dimmed": 1, "pairs": 2, "tinted": 4, "both tinted": 4}
    found = [n for n in groups if groups[n] >= factors[change]]
    return [n for n in found if n in own or change == "both tinted"]


CHANGES = ("dimmed", "pairs", "tinted", "both tinted", "mate", "exchanged")
CHANGES += ("spike", "negative")
NORMS = {
    "BN": lambda x: batch_norm_forward(x, None, None, eps=0)[0],
    "LN": lambda x: layer_norm_forward(x, None, None, axis=1, eps=0)[0],
    "GN": lambda x: group_norm_forward(x, None, None, num_groups=2, eps=0)[
        0
    ],
    "IN": lambda x: instance_norm_forward(x, None, None, eps=0)[0],
}
OTHER = [0, 2, 1, 3]  # channels 2 and 3 exchanged


def computed(change: str) -> list[str]:
    """Change the first of two pictures, and see whose output stays."""
    before = np.random.default_rng(0).normal(1, 1, (2, 4, 3, 3))
    x = before.copy()
    tint = np.array([0.5, 1.5, 0.8, 2.0])[:, None, None]
    if change == "dimmed":
        x[0] = 0.2 + 0.5 * x[0]
    elif change == "pairs":
        x[0] *= np.array([0.5, 0.5, 2.0, 2.0])[:, None, None]
    elif change == "tinted":
        x[0] *= tint
    elif change == "both tinted":
        x *= tint
    elif change == "mate":
        x[1] = 3 * x[1] ** 2
    elif change == "exchanged":
        x = x[:, OTHER]
    elif change == "spike":
        x[0, 0, 1, 1] += 100
    else:
        x[0] = 1 - x[0]
    found = []
    for name, norm in NORMS.items():
        y = norm(x)[0][OTHER] if change == "exchanged" else norm(x)[0]
        off = abs(y - norm(before)[0])
        far = off[3] if change == "spike" else off
        found += [name] * bool(far.max() < 1e-9)
    return found


def read(prediction: object, keys: tuple) -> Answer:
    """Return stays or changes, by change and norm."""
    prediction, seen = filled(prediction, keys), {}
    for key in keys:
        names = prediction[key]
        if isinstance(names, str):
            names = names.upper().replace(",", " ").split()
        if not isinstance(names, list | tuple | set | frozenset):
            kind = type(names).__name__
            raise Unusable(
                f"“{key}” is a {kind}; it must be text or a list."
            )
        strange = [str(n) for n in names if n not in NORMS]
        if strange:
            wanted = "each entry must be one of BN, LN, GN, IN"
            raise Unusable(f"“{key}” has {strange[0]}; {wanted}.")
        for norm in NORMS:
            does = "stays" if norm in names else "changes"
            seen[f"{key}, {norm}"] = does
    return seen


def measured(answers: list[Answer]) -> str:
    """Say how many entries of each norm are right."""
    (seen,), right = answers, read(computed, CHANGES)
    count = {
        norm: sum(
            seen[f"{c}, {norm}"] == right[f"{c}, {norm}"] for c in CHANGES
        )
        for norm in NORMS
    }
    told = ", ".join(f"{norm} {n}" for norm, n in count.items())
    return f"Right, of {len(CHANGES)} changes: {told}."


def turned(prediction: object) -> Broken | None:
    """Say so where all that changes is told to stay."""
    seen, right = (read(p, CHANGES) for p in (prediction, computed))
    if any(seen[key] == right[key] for key in right):
        return None
    words = (
        "You wrote down the norms whose output changes. Asked are those "
    )
    words += "whose output stays."
    place = Part("link", PLACES["channel"])
    return "asked-the-other-way", [say(words), place]


forgets = Exercise(
    id="other_techniques.forgets",
    answer=same_for,
    right=computed,
    file=__file__,
    places=PLACES,
    use=read,
    cases=lambda: [CHANGES],
    takes="dict",
    measured=measured,
    laws=(turned,),
    hints=(
        "In how many groups does each norm cut the four channels? And does "
        "it average over the picture alone?",
        "LN 1 group, GN 2, IN and BN 4. Each group forgets one a and one "
        "c > 0 of its own. BN forgets only what both pictures share.",
        "dimmed LN GN IN, pairs GN IN, tinted IN, both tinted BN IN; "
        "exchanged channels leave their group in GN alone",
    ),
    afterwards="Worth knowing next: with as many groups as channels GN is "
    "IN, with one it is LN. What is forgotten is a choice of G.",
)
