"""rms_norm.to_gamma: a checkpoint that stores w becomes one with γ."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Blank, Unusable, as_array
from ..exercise import Exercise
from .places import PLACES


def with_gamma(state):
    """Return the state for norms that multiply by γ, not by 1 + w."""
    new = {}
    for name, v in state.items():
        norm = name.endswith("norm.weight")
        if norm and not name.startswith("vision."):
            v = 1 + v.astype(np.float32)
        new[name] = v
    return new


NAMES = ("embed.weight", "embed.normalizer", "layers.0.pre_norm.weight")
NAMES += ("layers.0.q_norm.weight", "layers.0.q.weight")
NAMES += ("final_norm.weight", "vision.norm.weight", "vision.norm.bias")


def convert(f: Callable, seed: int) -> Answer:
    """Convert a state of small float16 arrays; show what came of it."""
    rng = np.random.default_rng(seed)
    state = {
        n: rng.normal(n == "vision.norm.weight", 0.03, 4).astype(np.float16)
        for n in NAMES
    }
    before = dict(state), {n: v.copy() for n, v in state.items()}
    new = f(state)
    if new is None:
        raise Blank("Your function returns None.")
    if not isinstance(new, dict):
        raise Unusable(f"You returned a {type(new).__name__}, not a dict.")
    kept = state.keys() == before[0].keys() and all(
        state[n] is before[0][n] and np.array_equal(state[n], v)
        for n, v in before[1].items()
    )
    seen = {"names": sorted(map(str, new))}
    seen |= {
        n: as_array(new[n], n).astype(float) for n in NAMES if n in new
    }
    return seen | {"the state given": "as before" if kept else "changed"}


to_gamma = Exercise(
    id="rms_norm.to_gamma",
    answer=with_gamma,
    file=__file__,
    places=PLACES,
    use=convert,
    cases=lambda: [1, 2],
    hints=(
        "Which of the eight arrays belong to a norm that multiplies by "
        "1 + w? And what does 1 + 0.0004 give in float16?",
        "Three of them: pre_norm, q_norm and final_norm. float16 has steps "
        "of 0.001 at 1, so γ needs a wider format. Which one, and is it "
        "chosen before or after adding?",
        "v = 1 + v.astype(np.float32), for names that end in norm.weight "
        "and do not start with vision.",
    ),
    afterwards="Worth knowing next: on the way back, w = γ − 1 has all its "
    "digits only if γ had them. A γ that was stored in float16 has lost "
    "them for good.",
)
