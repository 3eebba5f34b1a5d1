"""introduction.sweep: predict five deep nets, then run them."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

import math

from ..answers import Answer
from ..batch_norm.counting import read
from ..exercise import Exercise
from ..laws import Broken
from ..outcome import say
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


class Decades(float):
    """A number to one decimal, and what was written for it.

    What is a tenth off the theory counts as the theory: pencils round.
    """

    written: float


def to_a_decimal(prediction: object, keys: tuple) -> Answer:
    """Read decades as they are written, to one decimal."""
    seen = {}
    found = read(prediction, keys)
    for key in keys:
        written, theory = round(found[str(key)], 1) + 0.0, decades_of(key)
        near = abs(written - theory) < 0.15
        seen[str(key)] = Decades(theory + 0.0 if near else written)
        seen[str(key)].written = written
    return seen


def measured(answers: list[Answer]) -> str:
    """Run the five nets; set each beside its prediction."""
    nets = [
        f"{net} {decades(*net):+.1f} (you: {found.written:+.1f})"
        for net, found in zip(NETS, answers[0].values(), strict=True)
    ]
    return (
        f"Measured in nets of 128 units: {'; '.join(nets)}. The theory is "
        "for endless width, where z is normal. In nets this narrow a few "
        "samples of a batch stand far out at a = −1, so Var φ is larger "
        "and the gradient grows less; wider nets come nearer."
    )


def as_measured(prediction: dict) -> Broken | None:
    """Tell whether what is off is what nets of 128 units do."""
    found = to_a_decimal(prediction, NETS)
    off = [n for n in NETS if found[str(n)] != decades_of(n)]
    for net in off:
        if found[str(net)].written != round(decades(*net), 1):
            return None
    told = ", ".join(map(str, off))
    return "measured-for-theory", [
        say(
            f"What you wrote for {told} is what nets of 128 units do. "
            "Asked is the theory, for endless width."
        ),
        say(
            "What follows: your numbers hold for this width alone. The "
            "theory's need no net to be run."
        ),
    ]


sweep = Exercise(
    id="introduction.sweep",
    answer=decades_of,
    file=__file__,
    places=PLACES,
    use=to_a_decimal,
    cases=lambda: [NETS],
    takes="dict",
    laws=(as_measured,),
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
    "gradient grows by ten decades. Four nets of 128 units come to 9.2 on "
    "average, four of 1024 to 10.0; the theory says 10.8.",
)
