"""What goes into a group norm and what comes out, sound or with a fault."""

from __future__ import annotations

import numpy as np

FAULTS = ("groups too small", "rows for channels", "one mean a position")
FAULTS += ("over the batch", "other neighbours", "healthy")
Pass = tuple[np.ndarray, np.ndarray, int]


def norm(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Normalize over the axes, with PyTorch's ε."""
    d = x - x.mean(axes, keepdims=True)
    return d / np.sqrt((d**2).mean(axes, keepdims=True) + 1e-5)


def one_pass(
    fault: str, seed: int, shape: tuple[int, int, int, int], G: int
) -> Pass:
    """Return x and y (N, C, H, W), and G; sound ones have their oddity."""
    rng, (N, C, H, W) = np.random.default_rng(seed), shape
    if fault == "groups too small":
        H, W, G = ((1, 1, C), (1, 1, C // 2), (2, 1, C))[seed % 3]
    if fault == "healthy":
        odd = (N, C, H, W, C), (N, C, H, W, 1), (1, C, H, W, G)
        odd += (N, C, 1, 1, C // 4), (N, C, 1, 3, C), (N, C, H, W, G)
        N, C, H, W, G = odd[seed % 6]
    wide = np.repeat(rng.uniform(0.5, 2, (N, G)), C // G, axis=1)
    wide *= rng.choice([1, 10], (N, C), p=[0.8, 0.2])  # loud channels
    if seed % 2:
        wide[:, -(C // G) :] = 0.003  # and a faint group
    elif seed % 6 == 4:
        wide[:] = 0.0005  # or nothing else
    x = rng.normal(1, 1, (N, C, H, W)) * wide[:, :, None, None]
    k, sets = C // G, x.reshape(N, G, C // G, H, W)
    if fault == "rows for channels":
        rows = x.swapaxes(1, 2).reshape(N, G, -1, C, W)
        y = norm(rows, (2, 3, 4)).reshape(N, H, C, W).swapaxes(1, 2)
    elif fault == "one mean a position":
        y = norm(sets, (2,))
    elif fault == "over the batch":
        y = norm(sets, (0, 2, 3, 4))
    elif fault == "other neighbours":
        order = np.arange(C).reshape(k, G).T.ravel()  # every G-th
        if seed % 2:
            order = np.roll(np.arange(C), 1 + seed % (k - 1))
        y = norm(x[:, order].reshape(sets.shape), (2, 3, 4))
        y = y.reshape(x.shape)[:, np.argsort(order)]
    else:
        y = norm(sets, (2, 3, 4))
    return x, y.reshape(x.shape), G
