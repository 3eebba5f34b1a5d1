"""batch_norm.images: a channel shares statistics over batch and space."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

import numpy as np

from ...reference import batch_norm_forward
from ..exercise import Exercise
from ..forward_laws import FOR_IMAGES
from .inputs import FAR, draw
from .places import PLACES
from .rows import once


def batch_norm_images(x, gamma, beta, *, eps=1e-5):
    """Return y for x (N, C, H, W)."""
    axes = (0, 2, 3)
    mu = x.mean(axis=axes, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=axes, keepdims=True)
    sigma = np.sqrt(var + eps)
    x_hat = (x - mu) / sigma
    gamma, beta = (v.reshape(1, -1, 1, 1) for v in (gamma, beta))
    y = gamma * x_hat + beta
    return y


images = Exercise(
    id="batch_norm.images",
    answer=batch_norm_images,
    right=batch_norm_forward,
    file=__file__,
    shared=("statistics", "sigma", "scale", "images"),
    places=PLACES,
    use=once,
    # N = C = W comes first: there the silent mistakes run, and are named.
    cases=lambda: [
        draw(3, 3, 3, 2, 3),
        draw(4, 4, 3, 5, 3, eps=0.6),
        draw(5, 2, 3, 4, 5),
        draw(6, 1, 2, 1, 2),
        draw(7, 2, 2, 1, 1),
        draw(8, 2, 3, 2, 2, far=100.0),
        draw(9, 3, 2, 2, 1, dtype="float32"),
    ],
    strained=lambda: [draw(10, 2, 2, 2, 3, **far) for far in FAR],
    laws=FOR_IMAGES,
    single=True,
    hints=(
        "A channel of (N, C, H, W): how many values does it have in the "
        "batch?",
        "N·H·W: reduce over every axis but the second. What is left is "
        "(C,), and NumPy would line it up with W. Which shape lines up "
        "with the channels of x?",
        "mu = x.mean(axis=(0, 2, 3), keepdims=True) is (1, C, 1, 1); so "
        "is gamma.reshape(1, -1, 1, 1)",
    ),
    afterwards="Worth knowing next: m is N·H·W, so a batch of 2 images of "
    "32×32 still gives 2048 values a channel.",
)
