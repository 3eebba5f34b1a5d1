"""layer_norm.no_mean: a Transformer's checkpoint, for RMSNorm."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .places import PLACES


def without_means(state):
    """Return the state with which RMSNorm gives the same logits."""
    new = dict(state)
    new["output.weight"] = state["byte"]
    new["output.bias"] = state["byte"] @ state["last.bias"]
    for name in ("byte", "place"):
        new[name] = state[name] - state[name].mean(axis=1, keepdims=True)
    for k in ("0", "1"):
        W, b = state[f"{k}.up.weight"], state[f"{k}.up.bias"]
        new[f"{k}.up.bias"] = b + W @ state[f"{k}.norm.bias"]
        W, b = state[f"{k}.down.weight"], state[f"{k}.down.bias"]
        new[f"{k}.down.weight"] = W - W.mean(axis=0)
        new[f"{k}.down.bias"] = b - b.mean()
    return new


def drawn(seed: int, D: int, H: int) -> dict[str, np.ndarray]:
    """Draw a state of 5 bytes, 3 places and two blocks."""
    shapes = {"byte": (5, D), "place": (3, D)}
    for k in "01":
        shapes |= {f"{k}.norm.weight": D, f"{k}.norm.bias": D}
        shapes |= {f"{k}.up.weight": (H, D), f"{k}.up.bias": H}
        shapes |= {f"{k}.down.weight": (D, H), f"{k}.down.bias": D}
    shapes |= {"last.weight": D, "last.bias": D}
    draw = np.random.default_rng(seed).normal
    return {name: draw(0.5, 0.5, shape) for name, shape in shapes.items()}


def logits(s: dict[str, np.ndarray]) -> np.ndarray:
    """Run the net with RMSNorm on three bytes."""

    def norm(h: np.ndarray, name: str) -> np.ndarray:
        r = np.sqrt((h**2).mean(axis=1, keepdims=True) + 0.1)
        return s[f"{name}.weight"] * h / r

    h = s["byte"][[4, 0, 2]] + s["place"]
    for k in "01":
        y = norm(h, f"{k}.norm") @ s[f"{k}.up.weight"].T
        y = np.tanh(y + s[f"{k}.up.bias"]) @ s[f"{k}.down.weight"].T
        h = h + y + s[f"{k}.down.bias"]
    return norm(h, "last") @ s["output.weight"].T + s["output.bias"]


def convert(f: Callable, case: tuple) -> Answer:
    """Convert a state, run it, and see whether it was left as it is."""
    state, before = drawn(*case), drawn(*case)
    new = f(state)
    if new is None:
        raise Blank("Your function returns None.")
    if not isinstance(new, dict):
        raise Unusable(f"You returned a {type(new).__name__}, not a dict.")
    wanted = ("byte", "place", "output.weight", "output.bias")
    if lacking := [name for name in wanted if name not in new]:
        raise Unusable(f"Not there, and wanted is: {', '.join(lacking)}.")
    for name, like in (("weight", (5, len(new["byte"].T))), ("bias", (5,))):
        if np.shape(new[f"output.{name}"]) != like:
            raise Unusable(f"output.{name} must be of the shape {like}.")
    kept = state.keys() == before.keys()
    kept = kept and all(np.array_equal(state[n], before[n]) for n in before)
    left = "as before" if kept else "changed"
    return {"logits": logits(new), "the state given": left}


no_mean = Exercise(
    id="layer_norm.no_mean",
    answer=without_means,
    file=__file__,
    places=PLACES,
    slips=True,
    use=convert,
    cases=lambda: [(1, 4, 4), (2, 3, 6)],
    hints=(
        "Which arrays write into the stream? Along which axis of each do "
        "its D features lie? And who reads byte a second time?",
        "byte and place (·, D), down.weight (D, H) and down.bias (D,): "
        "each loses its mean over D. W(γx̂ + β) + b = Wγx̂ + (b + Wβ). The "
        "output reads with byte as it was. What is the output's bias?",
        'output.weight = byte and output.bias = byte @ state["last.bias"], '
        "before byte -= its mean over axis 1; W - W.mean(axis=0) for down; "
        "up.bias + up.weight @ norm.bias",
    ),
    afterwards="Worth knowing next: attention is converted as the MLP is. "
    "Queries, keys and values read the stream and take β into their "
    "biases; its last matrix writes and is centred.",
)
