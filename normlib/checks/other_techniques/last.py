"""other_techniques.grouped: group norm where the channel comes last."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, first_of
from ..exercise import Exercise
from .places import PLACES


def group_norm(x, gamma, beta, G, *, eps=1e-5):
    """Return y for x (N, H, W, C), whose channels make G groups."""
    N, H, W, C = x.shape
    x = x.reshape(N, H, W, G, C // G)
    axes = (1, 2, 4)
    mu = x.mean(axis=axes, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=axes, keepdims=True)
    x_hat = (x - mu) / np.sqrt(var + eps)
    x_hat = x_hat.reshape(N, H, W, C)
    return gamma * x_hat + beta


def drawn(f: Callable, case: tuple) -> Answer:
    """Norm drawn images, all channels unlike."""
    seed, shape, G, dtype, *far = case
    rng = np.random.default_rng(seed)
    mean, wide = rng.uniform(0.5, 2, (2, shape[3]))
    x = mean + wide * rng.normal(size=shape) + sum(far)
    given = (v.astype(dtype) for v in (x, *rng.normal(size=(2, shape[3]))))
    y = first_of(f(*given, G, eps=0.3), "y")
    return {f"y for x {shape} and {G} groups": y}


grouped = Exercise(
    id="other_techniques.grouped",
    answer=group_norm,
    file=__file__,
    shared=("scale",),
    places=PLACES,
    slips=True,
    use=drawn,
    # N = G = C/G and H = C come first: there the silent mistakes run.
    cases=lambda: [
        (1, (2, 4, 3, 4), 2, "f8"),
        (2, (2, 3, 2, 6), 3, "f8"),
        (3, (3, 2, 4, 6), 2, "f8"),
        (4, (2, 3, 1, 4), 1, "f8"),
        (5, (1, 1, 1, 8), 2, "f4"),
    ],
    strained=lambda: [(6, (2, 3, 3, 4), 2, "f8", 1e8)],
    single=True,
    hints=(
        "An image (H, W, C) has C channels, the last axis. How many means "
        "does it get, and which values share the first?",
        "G means. Cut the last axis alone, into (G, C/G): neighbours stay "
        "together. They share a mean over H, W and C/G.",
        "x.reshape(N, H, W, G, C // G).mean((1, 2, 4), keepdims=True)",
    ),
    afterwards="Worth knowing next: torch.channels_last keeps memory as "
    "(N, H, W, C) and shows it as (N, C, H, W). nn.GroupNorm then fits.",
)
