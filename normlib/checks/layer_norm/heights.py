"""layer_norm.largest: the largest value that a head can give."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from numbers import Real

import numpy as np

from ...reference import layer_norm_forward
from ..answers import Answer, named
from ..exercise import Exercise
from .places import PLACES


def largest_value(w, b, gamma, beta):
    """Return the largest |v| of any z, and a z (D,) that has it."""
    a = gamma * w
    a = a - a.mean()
    length = np.sqrt((a**2).sum())
    rest = w @ beta + b
    largest = np.sqrt(len(w)) * length + abs(rest)
    z = a if rest >= 0 else -a
    return largest, z


def reached(f: Callable, case: dict) -> Answer:
    """Look at the bound, and at the value of the z that goes with it."""
    rng, D = np.random.default_rng(case["seed"]), case["D"]
    w, beta = rng.normal(1.2, 1, (2, D))
    gamma = rng.uniform(0.5, 2, D) * rng.choice([-1, 1, 1], D)
    b = np.float64(case["b"])
    found = f(w, b, gamma, beta)
    if isinstance(found, tuple) and len(found) == 2:
        found = tuple(
            np.float64(v) if isinstance(v, Real) else v for v in found
        )
    largest, z = named(found, ("largest", "z")).values()
    row = largest if z.ndim < largest.ndim else z  # told by its shape
    y = layer_norm_forward(row[None], gamma, beta, eps=0.0)[0]
    return {"largest |v|": largest, "|v| of z": abs(w @ y[0] + b)}


largest = Exercise(
    id="layer_norm.largest",
    answer=largest_value,
    file=__file__,
    places=PLACES,
    slips=True,
    use=reached,
    cases=lambda: [
        {"seed": 7, "D": 6, "b": 2.0},
        {"seed": 8, "D": 5, "b": -9.0},
        {"seed": 8, "D": 5, "b": 9.0},  # w·β is below 0
        {"seed": 5, "D": 3, "b": 0.4},
    ],
    same_dtype=False,
    hints=(
        "Write v as one part that x̂ moves and one that it does not. Which "
        "x̂ are there at all?",
        "v = a·x̂ + (w·β + b) with a = γ w. x̂ has length √D and mean 0: "
        "which part of a can it reach? And which sign makes |v| large?",
        "a = gamma * w; a = a - a.mean(); largest = sqrt(D)·‖a‖ + "
        "|w·β + b|; z = a, or −a where w·β + b < 0",
    ),
    afterwards="Worth knowing next: the bound holds for any net below, and "
    "for any length of z. All that can raise it is w, b, γ and β, so decay "
    "these and you hold the values.",
)
