"""Short runs of SGD on a layer under weight norm, sound or with a fault."""

import numpy as np

from ...reference import batch_norm_backward, batch_norm_forward

CAUSES = ("a length an input", "not in the optimizer", "norm behind")
CAUSES += ("length held constant", "decay on g", "healthy")


def history(cause: str, seed: int, size: tuple, decay: float) -> tuple:
    """Return v (T+1, K, I), g (T+1, K), w like v, dw (T, K, I), η and λ."""
    (T, K, I), rng = size, np.random.default_rng(seed)
    axis = 0 if cause == "a length an input" else 1
    rate, weak = 0.1 + 0.1 * (seed % 3), np.ones(K)
    weak[seed % K] = (0, 1e-3, 0.1)[seed % 3]  # a row with little to learn
    x, target = rng.normal(size=(32, I)), rng.normal(size=(32, K))
    v, n = rng.normal(size=(K, I)), (K, I)[1 - axis]
    g = rng.choice([-1, 1], n) * rng.uniform(0.5, 1.5, n)
    g, found = np.expand_dims(g, axis), []
    for _ in range(T + 1):
        long = np.sqrt((v**2).sum(axis, keepdims=True))
        w = g * v / long
        y = x @ w.T
        if cause == "norm behind":
            y, kept = batch_norm_forward(y, None, None, eps=0)
        dy = weak * (y - target) / len(x)
        if seed % 6 == 4 and not found:
            dy = 0 * dy  # nothing to learn at first
        if cause == "norm behind":
            dy = batch_norm_backward(dy, kept)[0]
        dw = dy.T @ x
        found.append((v, g.squeeze(axis), w, dw))
        dg = (dw * v / long).sum(axis, keepdims=True)
        out = 0 if cause == "length held constant" else dg * v / long
        if cause != "not in the optimizer":
            v = v - rate * (g / long * (dw - out) + decay * v)
            g = g - rate * (
                dg + (decay * g if cause == "decay on g" else 0)
            )
    vs, gs, ws, dws = map(np.array, zip(*found, strict=True))
    return vs, gs, ws, dws[:-1], rate, decay
