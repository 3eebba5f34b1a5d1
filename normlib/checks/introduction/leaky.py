"""introduction.sweep: predict five deep nets, then run them."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

import math

from ..answers import Answer
from ..batch_norm.counting import read
from ..exercise import Exercise
from .deep import decades
from .places import PLACES


def decades_of(net):
    """Return log10 ‖g_1‖/‖g_50‖ for (norm, a)."""
    norm, a = net
    slope = (1 + a**2) / 2  # E φ'²
    power = (1 + a**2) / 2  # E φ²
    mean = (1 - a) / math.sqrt(2 * math.pi)  # E φ
    chi2 = {
        "none": slope / 3,
        "layer": slope / power,
        "batch": slope / (power - mean**2),
    }
    return round(49 * math.log10(chi2[norm]) / 2, 1)


NETS = (("none", 0.5), ("layer", 0.5), ("batch", 0.5))
NETS += (("batch", 0.2), ("batch", -1))


def to_a_decimal(prediction: object, keys: tuple) -> Answer:
    """Read decades as they are written, to one decimal."""
    found = read(prediction, keys)
    return {key: round(value, 1) + 0.0 for key, value in found.items()}


def measured(answers: list[Answer]) -> str:
    """Run the five nets; set each beside its prediction."""
    nets = [
        f"{net} {decades(*net):+.1f} (you: {answers[0][str(net)]:+.1f})"
        for net in NETS
    ]
    return f"Measured in nets of 128 units: {'; '.join(nets)}."


sweep = Exercise(
    id="introduction.sweep",
    answer=decades_of,
    file=__file__,
    places=PLACES,
    use=to_a_decimal,
    cases=lambda: [NETS],
    takes="dict",
    measured=measured,
    hints=(
        "Half of the z are negative. What is E φ'² then, and E φ², if "
        "φ = a z for them?",
        "Both are (1 + a²)/2, and E φ = (1 − a)/√(2π), since E|z| = "
        "√(2/π). Which of the three does each norm divide by? The weights "
        "count only without a norm: n s² = 1/3.",
        "49 * log10(χ²) / 2 with χ² = slope / (power - mean**2) for "
        "BatchNorm, slope / power for LayerNorm, slope / 3 without",
    ),
    afterwards="Worth knowing next: at a = −1 φ is |z|, and BatchNorm's "
    "gradient grows by ten decades. The theory is for endless width: at "
    "128 units the steepest of the five comes out a decade or two lower.",
)
