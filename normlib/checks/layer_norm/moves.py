"""layer_norm.q_step: one step of Q-learning, with decay."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, first_of
from ..exercise import Exercise
from .places import PLACES


def q_learning_step(W, f, moves, pays, f_next, ends, discount, rate, decay):
    """Return W (D, moves) after one step on a batch of B steps."""
    B, choices = len(f), W.shape[1]
    made = np.eye(choices)[moves]  # (B, choices): 1 at the move made
    q = (f @ W * made).sum(axis=1)
    best = (f_next @ W).max(axis=1)
    target = pays + discount * (1 - ends) * best
    e = (target - q)[:, None]
    step = f.T @ (e * made) / B
    return W + rate * (step - decay * W)


def update(f: Callable, case: dict) -> Answer:
    """Take one step from drawn weights; some of the steps end."""
    rng, (B, D, A) = np.random.default_rng(case["seed"]), case["shape"]
    W, seen, after = (
        rng.normal(0.2, 1, shape) for shape in ((D, A), (B, D), (B, D))
    )
    moves, pays = rng.integers(0, A, B), rng.choice([-1.0, 0.5, 1.0], B)
    ends = (np.arange(B) % 3 == 1).astype(float)
    new = f(W, seen, moves, pays, after, ends, 0.9, 0.4, 0.25)
    return {"W after the step": first_of(new, "W")}


q_step = Exercise(
    id="layer_norm.q_step",
    answer=q_learning_step,
    file=__file__,
    places=PLACES,
    slips=True,
    use=update,
    cases=lambda: [
        {"seed": 1, "shape": (4, 4, 4)},
        {"seed": 2, "shape": (6, 3, 2)},
        {"seed": 3, "shape": (1, 5, 3)},
    ],
    hints=(
        "Which of the values that the net gives may be moved, and which "
        "are held fixed?",
        "Only q of the move that was made moves, towards pays + κ·max "
        "q(s′). At the goal nothing follows. What is the gradient of "
        "½(q − target)² for the columns of W?",
        "step = f.T @ (e * made) / B, with e = (pays + discount * "
        "(1 - ends) * best - q)[:, None]",
    ),
    afterwards="Worth knowing next: a gradient through the target as well "
    "cannot run away at a small rate, and learns slowly: it also pulls the "
    "next cell's value down to this one's. Nearly everybody holds the "
    "target fixed.",
)
