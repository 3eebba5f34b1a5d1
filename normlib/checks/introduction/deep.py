"""Real deep nets, in NumPy: their gradients at initialization."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from ... import reference as ref

Act = Callable[[np.ndarray], np.ndarray]
NORMS = {
    "batch": (ref.batch_norm_forward, ref.batch_norm_backward),
    "layer": (ref.layer_norm_forward, ref.layer_norm_backward),
}


def lengths(
    phi: Act,
    slope: Act,
    gain: float,
    bias: float,
    norm: str = "none",
    *,
    depth: int,
    width: int,
    batch: int,
    seed: int,
) -> np.ndarray:
    """Return ‖∂loss/∂h_l‖ of the layers l = 1 … depth.

    h ← φ(norm(W h + b)); a weight has variance gain/width, a bias
    `bias`; the gradient at the last h is drawn.
    """
    rng = np.random.default_rng(seed)
    h, kept = rng.normal(size=(batch, width)), []
    for _ in range(depth):
        W = rng.normal(size=(width, width)) * (gain / width) ** 0.5
        z, cache_ = h @ W + rng.normal(size=width) * bias**0.5, None
        if norm != "none":
            z, cache_ = NORMS[norm][0](z, None, None)
        kept.append((W, z, cache_))
        h = phi(z)
    g = rng.normal(size=h.shape)
    found = [np.linalg.norm(g)]
    for W, z, cache_ in kept[:0:-1]:
        g = g * slope(z)
        if norm != "none":
            g = NORMS[norm][1](g, cache_)[0]
        g = g @ W.T
        found.append(np.linalg.norm(g))
    return np.array(found[::-1])


@cache
def factor(phi: Act, slope: Act, gain: float, bias: float) -> float:
    """Return by what a layer multiplies the squared gradient.

    The mean over four nets, from layer 50 back to layer 15: by then q
    has settled.
    """
    size = {"depth": 50, "width": 200, "batch": 8}
    nets = (
        lengths(phi, slope, gain, bias, seed=s, **size) for s in range(4)
    )
    logs = [2 * np.log(g[14] / g[-1]) / 35 for g in nets]
    return float(np.exp(np.mean(logs)))


@cache
def decades(norm: str, a: float) -> float:
    """Return log10 ‖g_1‖ / ‖g_50‖ of leaky ReLU, PyTorch's weights."""
    g = lengths(
        lambda z: np.where(z > 0, z, a * z),
        lambda z: np.where(z > 0, 1.0, a),
        1 / 3, 0.0, norm, depth=50, width=128, batch=128, seed=0,
    )  # fmt: skip
    return float(np.log10(g[0] / g[-1]))
