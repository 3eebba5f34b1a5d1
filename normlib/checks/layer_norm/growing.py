"""layer_norm.forecast: how a stream and its gradient grow, on paper."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, begun, named
from ..exercise import Exercise
from .places import PLACES


def grown(place, L, v, gains):
    """Return the last variance, and how much the gradient grows."""
    growth, a = 1.0, 1.0
    for s, back in L * gains:
        if place == "DeepNorm":
            a, s, back = np.sqrt(2 * L), s / (8 * L), back / (8 * L)
        after = {"before": v + s, "both sides": v + 1}
        after["no norm"] = v * (1 + s)
        factor = {"before": 1 + back / v, "both sides": 1 + back / (s * v)}
        factor["no norm"] = 1 + back
        growth *= factor.get(place, (a + back) / (v * (a + s)))
        v = after.get(place, 1.0)
    return v, np.sqrt(growth)


def ask(f: Callable, case: tuple) -> Answer:
    """Ask for five nets, the easy ones first."""
    nets = ("before", "behind", "both sides", "no norm", "DeepNorm")
    seen = {}
    for net, found in begun(lambda net: f(net, *case), nets).items():
        if isinstance(found, tuple | list):
            found = tuple(map(np.float64, found))
        told = named(found, ("variance", "growth"))
        seen |= {f"{net}: {what}": v for what, v in told.items()}
    return seen


forecast = Exercise(
    id="layer_norm.forecast",
    answer=grown,
    file=__file__,
    places=PLACES,
    use=ask,
    cases=lambda: [
        (3, 2.0, ((0.4, 0.7), (0.25, 0.3))),
        (2, 0.5, ((0.3, 0.2), (1.5, 0.9))),
    ],
    stages=True,
    hints=(
        "What does one sublayer do to v, and what to the square of the "
        "gradient? Which v stands in that factor?",
        "DeepNorm is behind, of a sum with the variance α²v + β⁴s v. By "
        "what does its way back multiply the stream's part, and f's?",
        "(α² + β⁴s′)/(v (α² + β⁴s)) with α² = √(2L) and β⁴ = 1/(8L); at "
        "the end np.sqrt of the product of all factors",
    ),
    afterwards="Worth knowing next: the law takes the parts of a sum for "
    "unrelated and f for linear. The next cell shows where that fails.",
)
