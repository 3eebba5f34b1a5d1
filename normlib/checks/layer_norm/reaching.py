"""layer_norm.reach: predict how far one changed value is felt."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

import numpy as np

from ...reference import batch_norm_forward, layer_norm_forward
from ..batch_norm.counting import read
from ..exercise import Exercise
from .gates import s
from .places import PLACES


def reach_of(key):
    """Return how many values of y move with x[1, 2, 0]."""
    norm, net = key
    N, T, D, t = 5, 6, 8, 2
    mates = N if "BN" in norm else 1
    steps = T if norm in ("BN", "LN(T, D)") else 1
    units = D if "LN" in norm else 1
    if net != "alone":
        steps, units = T - t, D
    if net == "backwards":
        steps = t + 1
    return mates * steps * units


LAYERS = (("LN", "alone"), ("LN(T, D)", "alone"), ("BN", "alone"))
LAYERS += (("BN by step", "alone"), ("none", "LSTM"), ("LN", "LSTM"))
LAYERS += (("BN by step", "LSTM"), ("LN", "backwards"))
NORMS = {  # x is (N, T, D); the sums of an LSTM are (N, 1, 4·D)
    "none": np.positive,
    "LN": lambda x: layer_norm_forward(x, None, None)[0],
    "LN(T, D)": lambda x: layer_norm_forward(x, None, None, axis=1)[0],
    "BN": lambda x: batch_norm_forward(x.swapaxes(1, 2), None, None)[0],
    "BN by step": lambda x: np.stack(
        [batch_norm_forward(z, None, None)[0] for z in x.swapaxes(0, 1)], 1
    ),
}


def output(norm: str, net: str, x: np.ndarray) -> np.ndarray:
    """Run a norm, or an LSTM whose sums pass it."""
    norm = NORMS[norm]
    if net == "alone":
        return norm(x)
    W_x, W_h = np.random.default_rng(1).normal(size=(2, 8, 32))
    h = c = np.zeros((len(x), 8))
    seen = []
    for x_t in x.swapaxes(0, 1)[:: -1 if net == "backwards" else 1]:
        sums = norm((x_t @ W_x)[:, None]) + norm((h @ W_h)[:, None])
        f, i, o, g = np.split(sums[:, 0], 4, axis=1)
        c = s(f) * c + s(i) * np.tanh(g)
        h = s(o) * np.tanh(c)
        seen.append(h)
    return np.stack(seen)


def counted(key: tuple[str, str]) -> int:
    """Move one value of x, and count the values of y that move."""
    x = np.random.default_rng(0).normal(size=(5, 6, 8))
    before = output(*key, x)
    x[1, 2, 0] += 1
    return int((output(*key, x) != before).sum())


reach = Exercise(
    id="layer_norm.reach",
    answer=reach_of,
    right=counted,
    file=__file__,
    places=PLACES,
    use=read,
    cases=lambda: [LAYERS],
    takes="dict",
    hints=(
        "Which values share a mean with x[1, 2, 0]? And in an LSTM: which "
        "states are computed from one that has moved?",
        "Count sequences, steps and units, and multiply. Without an LSTM "
        "these are those of the set. An LSTM moves 8 units at each step "
        "from the third on; read backwards, from the third down.",
        "LN 1·1·8, LN(T, D) 1·6·8, BN 5·6·1, LSTM 1·4·8, backwards 1·3·8",
    ),
    afterwards="Worth knowing next: this is how to find a leak in any net. "
    "Move one token and see which outputs move: no batch mate's may, and "
    "in a net that writes none before it.",
)
