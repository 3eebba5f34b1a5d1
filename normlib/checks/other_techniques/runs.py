"""Untrained nets with an instance norm, sound or with one fault."""

from __future__ import annotations

import numpy as np

FAULTS = ("too few positions", "running averages")
FAULTS += ("norm behind the output", "pooled at once")
FAULTS += ("asks what it forgets", "healthy")
FEW = ((1, 1), (1, 2), (2, 1))
Run = tuple[np.ndarray, np.ndarray, np.ndarray]


def norm(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Normalize over the axes, with PyTorch's ε."""
    d = x - x.mean(axes, keepdims=True)
    return d / np.sqrt((d**2).mean(axes, keepdims=True) + 1e-5)


def run(fault: str, seed: int, size: tuple[int, int], K: int) -> Run:
    """Return h (6, 8, H, W) behind the norm, y (6, K), and classes t.

    Pictures 3 to 5 are pictures 0 to 2, dimmed. They have the classes of
    these, except where a net is asked what its norm forgets.
    """
    rng, kind = np.random.default_rng(seed), seed % 3
    size = FEW[kind] if fault == "too few positions" else size
    x = rng.normal(1, 1, (3, 3, *size))
    x = np.concatenate([x, 0.5 + x * (0.5 if seed % 2 else 1)])
    h = np.einsum("kc,nchw->nkhw", rng.normal(size=(8, 3)), x)
    if fault == "running averages":  # half of them are of other pictures
        h = norm(h, (0, 2, 3)) * (1.3 if seed % 2 else 1)
    else:
        h = norm(h, (2, 3))
    seen = h if fault == "pooled at once" else np.maximum(h, 0)
    W, b = rng.normal(0, 3, (8, K)), (0, 0.7, rng.normal(size=K))[kind]
    y = seen.mean((2, 3)) @ W + b
    if fault == "norm behind the output":
        y = norm(y, (1,))
    classes = (
        [0, 1] * 3 if fault == "asks what it forgets" else [0, 1, 1] * 2
    )
    return h, y, np.array(classes)
