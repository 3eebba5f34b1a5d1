"""Rows under weight norm, SGD and decay: how they move, once at rest."""

from functools import cache

import numpy as np

from ...reference import weight_norm_backward, weight_norm_forward

# What is multiplied: the rate, the decay, the loss, g, and v at first.
CHANGES = {
    "decay": (1, 4, 1, 1, 1), "rate": (4, 1, 1, 1, 1),
    "rate up, decay down": (4, 1 / 4, 1, 1, 1), "loss": (1, 1, 4, 1, 1),
    "g": (1, 1, 1, 4, 1), "loss and decay": (1, 4, 4, 1, 1),
    "rate up, loss down": (4, 1, 1 / 4, 1, 1), "start": (1, 1, 1, 1, 4),
}  # fmt: skip
ROWS, WIDTH, STEPS, LAST = 8, 32, 3500, 1000


@cache
def factors() -> dict[str, np.ndarray]:
    """Return by what a change multiplies the angle and the length."""
    rng, plain = np.random.default_rng(0), [0.1, 0.01, 1, 1, 1]
    each = np.array([plain, *(np.array([*CHANGES.values()]) * plain)])
    rate, decay, loss, g, start = each.repeat(ROWS, axis=0).T[..., None]
    v = start * rng.normal(size=(len(g), WIDTH)) / WIDTH**0.5
    last, squares = 0, []
    for _ in range(STEPS):
        w, kept = weight_norm_forward(v, g)
        turned, last = (w - last) / g, w  # small: as long as the angle
        squares += [(turned**2).sum(axis=1), (v**2).sum(axis=1)]
        dw = loss * rng.normal(size=v.shape) / WIDTH**0.5  # drawn anew
        dv, _ = weight_norm_backward(dw, kept)
        v = v - rate * (dv + decay * v)
    means = np.reshape(squares[-2 * LAST :], (LAST, 2, -1, ROWS))
    means = np.sqrt(means.mean(axis=(0, 3)))
    return dict(zip(CHANGES, (means[:, 1:] / means[:, :1]).T, strict=True))
