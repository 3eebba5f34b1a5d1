"""layer_norm.drift: predict which means training leaves alone."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from ..answers import Answer, Unusable, filled, told
from ..exercise import Exercise
from .means import measured
from .places import PLACES


def mean_does(case):
    """Return what training does to a mean over the features."""
    net, parameter, how = case
    into_the_stream = parameter in ("bytes", "W2", "b2")
    only_norms_read = net == "LayerNorm before"
    if net == "LayerNorm behind":
        only_norms_read = parameter != "bytes"
    if not (into_the_stream and only_norms_read):
        return "moves"
    if how == "Adam":
        return "moves"
    if how == "decay":
        return "shrinks"
    return "stays"


BEFORE, BEHIND = "LayerNorm before", "LayerNorm behind"
KEYS = (
    (BEFORE, "bytes", "plain"),
    (BEFORE, "W2", "plain"),
    (BEFORE, "b1", "plain"),
    (BEFORE, "b2", "momentum"),
    (BEFORE, "b2", "clipped"),
    (BEFORE, "b2", "decay"),
    (BEFORE, "b2", "Adam"),
    (BEHIND, "bytes", "plain"),
    (BEHIND, "b2", "plain"),
    ("RMSNorm before", "b2", "plain"),
    ("LayerNorm before, tied", "bytes", "plain"),
)


def read(prediction: object, keys: tuple) -> Answer:
    """Return the predictions under the words for their keys."""
    prediction = filled(prediction, keys)
    known = ("stays", "shrinks", "moves")
    for key in keys:
        if prediction[key] not in known:
            wanted = ", ".join(map(repr, known))
            raise Unusable(f"“{told(key)}” must be one of {wanted}.")
    return {told(key): prediction[key] for key in keys}


drift = Exercise(
    id="layer_norm.drift",
    answer=mean_does,
    right=measured,
    file=__file__,
    places=PLACES,
    use=read,
    cases=lambda: [KEYS],
    takes="dict",
    hints=(
        "What must read a sum, so that its gradient has no part along 1? "
        "And which parameters are a part of that sum?",
        "A norm with a mean, and nothing else. Before: bytes, W2 and b2. "
        "Behind: bytes goes into W1 as well. Plain steps, momentum and "
        "clipping add multiples of gradients. What does decay add, and "
        "what does Adam divide by?",
        "decay multiplies all numbers by one factor, and so their mean: "
        "shrinks. Adam, RMSNorm, b1, bytes behind, tied: moves. The rest "
        "stays.",
    ),
    afterwards="Worth knowing next: Adam's first step is the sign of the "
    "gradient. A gradient (2, −1, −1) has the mean 0, its signs have not.",
)
