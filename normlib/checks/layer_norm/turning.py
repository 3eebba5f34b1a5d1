"""layer_norm.heads: attention with a norm, and a rotary embedding."""

# ruff: noqa: ANN001, ANN201, ANN202 (written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, staged
from ..exercise import Exercise
from .places import PLACES


def attention(q, k, v, gamma_q, gamma_k, angles, eps):
    """Return a dict: queries, keys, scores, shares, y."""

    def ready(x, gamma):
        r = np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
        x = gamma * x / r
        a, b = x[..., ::2], x[..., 1::2]
        c, s = np.cos(angles), np.sin(angles)
        return np.stack([a * c - b * s, a * s + b * c], -1).reshape(x.shape)

    queries, keys = ready(q, gamma_q), ready(k, gamma_k)
    scores = queries @ keys.swapaxes(1, 2) / np.sqrt(q.shape[2])
    seen = np.tri(q.shape[1])
    e = seen * np.exp(scores)
    shares = e / e.sum(axis=2, keepdims=True)
    found = {"queries": queries, "keys": keys, "scores": scores}
    return found | {"shares": shares, "y": shares @ v}


def attend(f: Callable, case: tuple) -> Answer:
    """Call it on drawn heads; of the scores take those that are seen."""
    seed, (H, T, d), eps = case
    rng = np.random.default_rng(seed)
    q, k, v = rng.normal(0.4, 1.5, (3, H, T, d))
    gammas = rng.uniform(-0.5, 2, (2, d))
    angles = np.arange(1, T + 1)[:, None] / 4.0 ** np.arange(d // 2)
    found = f(q, k, v, *gammas, angles, eps)
    found = staged(found, ("queries", "keys", "scores", "shares", "y"))
    return found | {n: np.tril(found[n]) for n in found if n == "scores"}


heads = Exercise(
    id="layer_norm.heads",
    answer=attention,
    file=__file__,
    places=PLACES,
    slips=True,
    shared=("rms",),
    use=attend,
    cases=lambda: [(1, (4, 4, 4), 1e-6), (2, (2, 5, 6), 0.7)],
    stages=True,
    hints=(
        "What shares a root mean square? What comes last, γ or the turn?",
        "One head's d numbers of one token. The turn. Hidden: e^−∞ = 0.",
        "queries = turned(gamma_q * q / r), e = np.tri(T) * np.exp(scores)",
    ),
    afterwards="Worth knowing next: where γ = 1, no test sees its place.",
)
