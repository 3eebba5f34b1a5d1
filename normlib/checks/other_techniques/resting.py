"""other_techniques.rest: predict the angle and the length at rest."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

import numpy as np

from ..answers import Answer, Unusable, filled
from ..exercise import Exercise
from ..laws import Broken
from ..outcome import Part, say
from .places import PLACES
from .walks import CHANGES, factors


def at_rest(change):
    """Return the factors of the angle and of the length."""
    eta, lam, loss, g, start = CHANGES[change]
    c = loss * g
    angle = (eta * lam) ** (1 / 2)
    length = (eta * c**2 / lam) ** (1 / 4) * start**0
    return angle, length


ROOTS = 2.0 ** np.arange(-8, 8.5, 0.5)  # 1, 1.41, 2, …


def read(prediction: object, keys: tuple) -> Answer:
    """Return both factors of each change; what is near a root is it."""
    seen, prediction = {}, filled(prediction, keys)
    for key in keys:
        try:
            angle, length = map(float, prediction[key])
        except (TypeError, ValueError):
            raise Unusable(f"“{key}” must be two numbers.") from None
        for what, x in (("angle", angle), ("length", length)):
            near = [*ROOTS[abs(x / ROOTS - 1) < 0.05], x]
            seen[f"{key}, {what}"] = float(near[0])
    return seen


def measured(answers: list[Answer]) -> str:
    """Say how much is right; and if all is, what rows did that walked."""
    right = read(lambda change: factors()[change], tuple(CHANGES))
    good = sum(answers[0][what] == right[what] for what in right)
    if good < len(right):
        return f"{good} of {len(right)} numbers are right."
    pairs = (f"{k} {a:.3f}, {b:.3f}" for k, (a, b) in factors().items())
    return f"Rows that walked did this: {'; '.join(pairs)}."


def swapped(prediction: object) -> Broken | None:
    """Say so where angle and length stand in each other's place."""
    keys = tuple(CHANGES)
    seen = read(prediction, keys)
    right = read(lambda change: factors()[change][::-1], keys)
    if seen != right:
        return None
    words = "You wrote the length first. Asked are (angle, length)."
    return "length-first", [say(words), Part("link", PLACES["rest"])]


rest = Exercise(
    id="other_techniques.rest",
    answer=at_rest,
    right=lambda change: factors()[change],
    file=__file__,
    places=PLACES,
    use=read,
    cases=lambda: [tuple(CHANGES)],
    takes="dict",
    measured=measured,
    laws=(swapped,),
    hints=(
        "How long is ∇_v of a row that is twice as long? And which two "
        "parts of a step are in balance?",
        "‖∇_v‖ = c/‖v‖, where c holds the loss and g. At rest "
        "2ηλ‖v‖² = η²c²/‖v‖², and the angle is ηc/‖v‖².",
        "the angle goes with (ηλ)^(1/2), the length with (ηc²/λ)^(1/4)",
    ),
    afterwards="Worth knowing next: where the rate falls to a quarter the "
    "angle falls with it, and comes back to half in some 1/(4ηλ) steps of "
    "the new η.",
)
