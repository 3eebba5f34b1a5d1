"""other_techniques.directions: predict what groups forget, what learns."""

# ruff: noqa: ANN001, ANN201, RUF059 (the answer is a learner's)

from math import gcd
from numbers import Number

from ..answers import Answer, Unusable, filled
from ..exercise import Exercise
from .eight import LAYERS, WORDS, computed
from .places import PLACES

ASKED = ("m", "forgotten", "learns")


def of_layer(layer):
    """Return m, directions forgotten of an image, and what learns."""
    N, C, H, W, G = LAYERS[layer]
    if layer == "narrow":
        G = gcd(32, C)
    if layer == "pooled":
        H = W = 1
    m = C // G * H * W
    forgotten = 2 * G if m > 1 else G
    learns = "both" if C > G else "weights"
    if m < 3:
        learns = "neither"
    return m, forgotten, learns


def read(prediction: object, keys: tuple) -> Answer:
    """Return the three entries of each layer."""
    prediction, seen = filled(prediction, keys), {}
    for key in keys:
        entry = prediction[key]
        if not isinstance(entry, tuple | list) or len(entry) != 3:
            raise Unusable(f"“{key}” must be three: {', '.join(ASKED)}.")
        *counts, learns = entry
        if not all(isinstance(n, Number) for n in counts):
            raise Unusable(f"“{key}”: m and forgotten must be numbers.")
        if (learns := str(learns).lower()) not in WORDS:
            raise Unusable(f"“{key}”: learns must be one of {WORDS}.")
        found = zip(ASKED, (*map(float, counts), learns), strict=True)
        seen |= {f"{key}, {name}": value for name, value in found}
    return seen


def measured(answers: list[Answer]) -> str:
    """Say how many entries of each kind are right."""
    right = read(computed, (*LAYERS,))
    good = [k for k in right if answers[0][k] == right[k]]
    count = [f"{a} {sum(k.endswith(a) for k in good)}" for a in ASKED]
    return f"Right, of {len(LAYERS)} layers: {', '.join(count)}."


directions = Exercise(
    id="other_techniques.directions",
    answer=of_layer,
    right=computed,
    file=__file__,
    places=PLACES,
    use=read,
    cases=lambda: [(*LAYERS,)],
    takes="dict",
    measured=measured,
    hints=(
        "Which values of one image share a mean? What may you do to them "
        "all, and see nothing behind the norm?",
        "m = (C/G)·H·W. A group forgets a shift and a factor, so a pair "
        "comes out as ±1. A bias alone in its group is a shift.",
        "forgotten is 2·G, and G where m = 1. Both learn; weights alone "
        "where C = G; neither where m < 3.",
    ),
    afterwards="Worth knowing next: N matters to none of these.",
)
