"""introduction.chi_squared: χ² of an activation, once q has settled."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from ..laws import law
from . import given
from .deep import factor
from .places import PLACES


def chi_squared(phi, slope, gain, bias):
    """Return χ² at the q that no longer changes."""
    z = np.linspace(-9, 9, 2000)  # in deviations
    p = np.exp(-(z**2) / 2)
    p /= p.sum()
    q = 1.0
    for _ in range(200):
        q = gain * (p * phi(z * np.sqrt(q)) ** 2).sum() + bias
    return gain * (p * slope(z * np.sqrt(q)) ** 2).sum()


NETS = {
    "GELU": (given.gelu, given.gelu_slope, 1.5, 0.1),
    "sine": (np.sin, np.cos, 2.0, 0.3),
    "softplus": (given.softplus, given.sigmoid, 1.2, 0.5),
}


def one(f: Callable, name: str) -> Answer:
    """Return χ² of a net; in float32, for sums are cut differently."""
    _, _, gain, bias = NETS[name]
    value = f(*NETS[name])
    if value is None:
        raise Blank("Your function returns None.")
    if np.size(value) != 1:
        raise Unusable("χ² is one number: an expectation sums over z.")
    told = f"χ² of {name}, gain {gain}, bias {bias}"
    return {told: np.array(value, "f4").reshape(())}


def measured(answers: list[Answer]) -> str:
    """Say what a layer of real nets does, beside the answer."""
    (yours,) = answers[0].values()
    return (
        "Measured: in four GELU nets of 50 layers, gain 1.5 and bias 0.1, "
        f"a layer multiplies the squared gradient by "
        f"{factor(*NETS['GELU']):.2f}. Yours says {yours:.2f}."
    )


EXACT = law(
    "expectation",
    "fed phi = 1 and slope = z, two functions that do not belong together, "
    "q is gain + bias and χ² is gain·q.",
    lambda f, given: (
        np.array(3.0),
        np.asarray(f(np.ones_like, np.positive, *given.values())),
    ),
    [{"gain": 1.5, "bias": 0.5}],
)

chi = Exercise(
    id="introduction.chi",
    answer=chi_squared,
    file=__file__,
    places=PLACES,
    use=one,
    cases=lambda: [*NETS],
    laws=(EXACT,),
    measured=measured,
    hints=(
        "Which z does layer 100 see? Its variance q is what one layer "
        "makes of the q before it.",
        "Forward, q ← gain·E φ(√q z)² + bias with z ~ N(0, 1), until it "
        "stands still. On the way back φ' and the weights each multiply. "
        "Does a bias?",
        "q = gain * (p * phi(z * np.sqrt(q)) ** 2).sum() + bias, then "
        "χ² = gain * (p * slope(z * np.sqrt(q)) ** 2).sum()",
    ),
    afterwards="Worth knowing next: sine at gain 2 and bias 0.3 has "
    "χ² = 1.09. Over 100 layers that is a factor of 70 for the gradient. "
    "At the gain where χ² = 1 it neither vanishes nor explodes.",
)
