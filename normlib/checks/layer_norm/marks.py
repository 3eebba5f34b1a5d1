"""layer_norm.which: where do the norms of a net stand, by its curves?"""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from functools import partial

import numpy as np

from ..answers import Answer
from ..exercise import Exercise
from ..laws import Broken
from ..naming import confusions, one_of
from ..outcome import Part, say
from .places import PLACES
from .stacks import NETS, curves


def placement_of(v, g):
    """Return the name of the net that has these v and g (n + 1,)."""
    n = len(v) - 1
    normed = abs(v[1:] - 1) < 0.01
    if normed.all():
        still = np.ptp(np.log(g[1:-1])) < 0.1
        return "DeepNorm" if still else "behind"
    if normed[0]:
        return "behind, then before"
    if v[n // 2] < 0.3 * (v[0] + v[n]):
        return "no norm"
    rise = (v[n] - v[0]) / n
    return "both sides" if rise > 0.7 else "before"


# Blocks, deviation of the embedding, seed, and what multiplies the loss.
GIVEN = (4, 1.4, 1, 1.0)
FRESH = ((8, 1.4, 2, 0.001), (6, 5, 0, 50), (4, 0.4, 0, 1), (6, 1, 2, 7))


def told(f: Callable, case: tuple) -> Answer:
    """Let a function name six nets."""
    (*size, unit), seen = case, {}
    for net in NETS:
        v, g = curves(net, *size)
        name = one_of(f(v.copy(), unit * g), NETS)
        seen[f"{net} ({size[0]} blocks, v from {v[0]:.2g} on)"] = name
    return seen


def read_off(f: Callable) -> Broken:
    """Say so where the given nets alone are named rightly."""
    if told(f, GIVEN) != told(placement_of, GIVEN):
        return None
    words = "You name the given nets, and not fresh ones. A number read "
    words += "off them is their depth, their embedding or their loss. Ask "
    words += "what holds for any: is v multiplied, or is something added?"
    return "read-off", [say(words), Part("link", PLACES["paper"])]


which = Exercise(
    id="layer_norm.which",
    answer=placement_of,
    file=__file__,
    places=PLACES,
    use=told,
    cases=lambda: [GIVEN, *FRESH],
    measured=partial(confusions, things="nets"),
    laws=(read_off,),
    hints=(
        "For which nets is v the same? And what does g do there?",
        "v is 1 from the first sublayer on, or only in a quarter, or it "
        "grows: by a factor, by 1, or by s, well below 1. With DeepNorm g "
        "hardly moves.",
        "abs(v[1:] - 1) < 0.01; v[n // 2] far below (v[0] + v[n]) / 2; "
        "(v[n] - v[0]) / n near 1; np.ptp(np.log(g[1:-1])) < 0.1",
    ),
    afterwards="Worth knowing next: outputs alone and both sides cannot be "
    "told apart by v, and in few blocks hardly by g.",
)
