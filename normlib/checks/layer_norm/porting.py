"""layer_norm.port: a net for five placements, four of them wrong."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

from ..answers import Answer, as_array, begun
from ..exercise import Exercise
from .given import drawn
from .places import PLACES


def net(x, sublayers, last, place):
    """Return what the output reads (T, D)."""
    alpha = len(sublayers) ** 0.25
    for f, first, second in sublayers:
        if place == "before":
            x = x + f(first(x))
        elif place == "behind":
            x = second(x + f(x))
        elif place == "both sides":
            x = x + second(f(first(x)))
        elif place == "outputs":
            x = x + second(f(x))
        elif place == "DeepNorm":
            x = second(alpha * x + f(x))
    return x if place in ("behind", "DeepNorm") else last(x)


def run(f: Callable, case: tuple) -> Answer:
    """Run a net in five ways."""
    x, *parts = drawn(*case)
    ways = ("before", "behind", "both sides", "outputs", "DeepNorm")
    found = begun(lambda way: f(x.copy(), *parts, way), ways)
    return {way: as_array(y, f"y for {way}") for way, y in found.items()}


port = Exercise(
    id="layer_norm.port",
    answer=net,
    file=__file__,
    places=PLACES,
    use=run,
    cases=lambda: [(1, 4, 6), (2, 5, 2)],
    stages=True,
    hints=(
        "Draw the five diagrams of the page. What does the line of each "
        "pass, and what does the code's x pass?",
        "Before: only f reads first(x). Behind: what is left for last to "
        "do? Both sides: how many norms? DeepNorm: what does α multiply?",
        "x + f(first(x)); second(x + f(x)) without last; x + "
        "second(f(first(x))); second(alpha * x + f(x)) without last",
    ),
    afterwards="Worth knowing next: at the start, with γ = 1 and β = 0, a "
    "norm behind a norm changes nothing, and one norm does the work of "
    "two. Such bugs show when a trained checkpoint is loaded.",
)
