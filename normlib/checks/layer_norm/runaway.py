"""layer_norm.safe_rate: from which rate on do values run away?"""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ...reference import layer_norm_forward
from ..answers import Answer, Blank
from ..exercise import Exercise
from .places import PLACES


def largest_safe_rate(f, seen, P, discount, decay):
    """Return the rate up to which w shrinks; 0.0 if there is none."""
    ahead = f - discount * P @ f
    A = f.T @ np.diag(seen) @ ahead
    A = A + decay * np.eye(len(A))
    roots = np.linalg.eigvals(A)
    if (roots.real <= 0).any():
        return 0.0
    rates = 2 * roots.real / abs(roots) ** 2
    return rates.min()


def drawn(seed: int, cells: int, D: int) -> tuple:
    """Draw features behind LayerNorm, unequal visits, and moves."""
    rng = np.random.default_rng(seed)
    z, gamma, beta = rng.normal(size=(cells, D)), np.ones(D), np.ones(D)
    f = layer_norm_forward(z, gamma, beta)[0]
    P = rng.dirichlet(np.full(cells, 0.2), cells)
    return f, rng.dirichlet(np.full(cells, 0.5)), P


def cases() -> dict[str, tuple]:
    """Name f, seen, P, discount and decay."""
    two = np.array([[1.0], [2]]), np.array([1.0, 0]), np.eye(2, k=1)
    both = two[0], np.array([0.6, 0.4]), two[2]
    around = np.eye(3)[[1, 2, 0]]  # the eigenvalues are complex
    return {
        "two cells, the first seen": (*two, 0.9, 0.05),
        "both seen": (*both, 0.9, 0.05),
        "the first, with decay": (*two, 0.9, 1.0),
        "a ring": (np.eye(3), np.full(3, 1 / 3), around, 0.97, 0.02),
        "drawn": (*drawn(36, 5, 4), 0.95, 0.02),
        "drawn again": (*drawn(39, 5, 4), 0.95, 0.02),
    }


def read(f: Callable, name: str) -> Answer:
    """Ask for the rate in one case."""
    rate = f(*cases()[name])
    if rate is None:
        raise Blank("Your function returns None.")
    return {f"rate for {name}": np.float64(rate)}


safe_rate = Exercise(
    id="layer_norm.safe_rate",
    answer=largest_safe_rate,
    file=__file__,
    places=PLACES,
    slips=True,
    use=read,
    cases=lambda: [*cases()],
    hints=(
        "What does a mean step do to w, as one matrix? Write it for one "
        "move first, then weight the moves by how often they are seen.",
        "w ← (I − η A) w, with A = fᵀ diag(seen) (f − κ P f) + λ I. It "
        "shrinks if |1 − η a| < 1 for every eigenvalue a. Which η are "
        "these if a is complex?",
        "rates = 2 * a.real / abs(a)**2 for a = np.linalg.eigvals(A), and "
        "0.0 where some a.real is not above 0",
    ),
    afterwards="Worth knowing next: with moves seen as often as a walk by "
    "P comes to them no eigenvalue of fᵀ diag(seen) (f − κ P f) has a "
    "negative real part, whatever the features. That is why on-policy "
    "learning with a linear head does not run away.",
)
