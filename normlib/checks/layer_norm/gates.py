"""layer_norm.lstm: one step of an LSTM with its three norms."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, named
from ..exercise import Exercise
from .places import PLACES


def s(z):
    """Return the logistic sigmoid."""
    return 1 / (1 + np.exp(-z))


def ln(z, gamma):
    """Normalize each row of z (N, m), and scale it by γ (m,)."""
    d = z - z.mean(axis=1, keepdims=True)
    return gamma * d / np.sqrt((d**2).mean(axis=1, keepdims=True) + 1e-5)


def lstm_step(x, h, c, W_x, W_h, b, gamma_x, gamma_h, gamma_c, beta_c):
    """Return the next h and c, both (N, H)."""
    of_x = ln(x @ W_x, gamma_x)
    of_h = ln(h @ W_h, gamma_h)
    f, i, o, g = np.split(of_x + of_h + b, 4, axis=1)
    c = s(f) * c + s(i) * np.tanh(g)
    out = ln(c, gamma_c) + beta_c
    h = s(o) * np.tanh(out)
    return h, c


def step(f: Callable, case: dict) -> Answer:
    """Take one step from a drawn state."""
    rng, (N, d, H) = np.random.default_rng(case["seed"]), case["shape"]
    shapes = [(N, d), (N, H), (N, H), (d, 4 * H), (H, 4 * H), (4 * H,)]
    given = [rng.normal(0.3, 1, shape) for shape in shapes]
    scales = (rng.uniform(0.5, 1.5, m) for m in (4 * H, 4 * H, H, H))
    h, c = named(f(*given, *scales), ("h", "c")).values()
    return {"c": c, "h": h}


lstm = Exercise(
    id="layer_norm.lstm",
    answer=lstm_step,
    file=__file__,
    places=PLACES,
    slips=True,
    use=step,
    cases=lambda: [
        {"seed": 1, "shape": (4, 4, 4)},
        {"seed": 2, "shape": (3, 2, 5)},
    ],
    hints=(
        "Three sets are normalized. Which values does each hold, and which "
        "line of the page uses it?",
        "4H sums of x, 4H sums of h, H cells. The third norm stands "
        "between c and h. Which c goes to the next step: before or after "
        "it?",
        "c = s(f) * c + s(i) * np.tanh(g); h = s(o) * "
        "np.tanh(ln(c, gamma_c) + beta_c); return h, c",
    ),
    afterwards="Worth knowing next: weights from torch.nn.LSTM have their "
    "gates in the order i, f, g, o. Cut as f, i, o, g they fit in shape, "
    "and every gate plays another's part.",
)
