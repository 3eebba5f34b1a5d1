"""other_techniques.restyle: AdaIN with a strength."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, first_of
from ..exercise import Exercise
from ..laws import law
from .places import PLACES


def restyled(h, s, a):
    """Return h with a share a of the style of s, of h's shape."""
    mu = h.mean(axis=(2, 3), keepdims=True)
    sigma = h.std(axis=(2, 3), keepdims=True)
    mu_s = s.mean(axis=(2, 3), keepdims=True)
    sigma_s = s.std(axis=(2, 3), keepdims=True)
    new = sigma_s * (h - mu) / sigma + mu_s
    a = a[:, None, None, None]
    return a * new + (1 - a) * h


def drawn(f: Callable, case: tuple) -> Answer:
    """Restyle drawn features, all channels and pictures unlike."""
    seed, (N, C, *size), style = case
    rng = np.random.default_rng(seed)
    h, s = (
        rng.uniform(0.3, 2, (N, C, 1, 1)) * rng.normal(size=(N, C, *shape))
        + rng.normal(1, 1, (N, C, 1, 1))
        for shape in (size, style)
    )
    return {"y": first_of(f(h, s, np.linspace(0.3, 1, N)), "y")}


def small(a: float) -> list[dict]:
    """Return one channel of three positions, and a style of two."""
    h, s = np.array([[[[2.0, 4.0, 9.0]]]]), np.array([[[[1.0, 5.0]]]])
    return [{"h": h, "s": s, "a": np.array([a])}]


SAYS = "each channel must have that of its style."
LAWS = (
    law("strength 0", "h must come back.",
        lambda f, g: (g["h"], f(**g)), small(0.0)),
    law("the mean at strength 1", SAYS,
        lambda f, g: (g["s"].mean((2, 3)), f(**g).mean((2, 3))),
        small(1.0)),
    law("the deviation at strength 1", SAYS,
        lambda f, g: (g["s"].std((2, 3)), f(**g).std((2, 3))),
        small(1.0)),
)  # fmt: skip

restyle = Exercise(
    id="other_techniques.restyle",
    answer=restyled,
    file=__file__,
    places=PLACES,
    slips=True,
    use=drawn,
    cases=lambda: [(1, (4, 4, 4, 4), (3, 3)), (2, (2, 3, 3, 4), (2, 5))],
    laws=LAWS,
    single=True,
    hints=(
        "How many means does h have, and how many does s? What must come "
        "out where a is 1, and where it is 0?",
        "N·C means and as many deviations, over (2, 3). Instance norm "
        "whose γ and β are the style's deviation and mean; then the blend.",
        "new = sigma_s * (h - mu) / sigma + mu_s; "
        "a = a[:, None, None, None]; return a * new + (1 - a) * h",
    ),
    afterwards="Worth knowing next: at ε = 0 the blend is AdaIN itself, to "
    "the mean a·μ_s + (1 − a)·μ and to the deviation a·σ_s + (1 − a)·σ.",
)
