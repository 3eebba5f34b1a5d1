"""Eight layers with a group norm: what shares a mean, shows, learns."""

import numpy as np

from ...reference import group_norm_forward, norm_backward

LAYERS = {  # N, C, H, W, G
    "early": (2, 12, 4, 4, 3),
    "alone": (1, 6, 3, 3, 2),
    "whole": (4, 6, 2, 2, 1),
    "each": (4, 4, 3, 2, 4),
    "narrow": (8, 12, 2, 1, 4),
    "pooled": (16, 8, 6, 6, 2),
    "pairs": (32, 8, 1, 1, 4),
    "singles": (16, 8, 1, 1, 8),
}
WORDS = ("both", "weights", "neither")


def computed(layer: str) -> tuple:
    """Move a value and see its mean; ask the Jacobian, and gradients."""
    N, C, H, W, G = LAYERS[layer]
    rng, options = np.random.default_rng(0), {"num_groups": G, "eps": 1e-12}
    x, w = rng.normal(size=(N, 3, H, W)), rng.normal(size=(C, 3))
    if layer == "pooled":
        x = x.mean((2, 3), keepdims=True)
    z = np.einsum("kc,nchw->nkhw", w, x)
    _, before = group_norm_forward(z, None, None, **options)
    dz, *_ = norm_backward(rng.normal(size=z.shape), before)
    dw, db = np.einsum("nkhw,nchw->kc", dz, x), dz.sum((0, 2, 3))
    alive = [abs(d).max() > 1e-6 for d in (dw, db)]
    one = z[:1].repeat(z[0].size, 0)  # an image for each unit vector
    _, cache = group_norm_forward(one, None, None, **options)
    unit = np.eye(len(one)).reshape(one.shape)
    J = norm_backward(unit, cache)[0].reshape(len(one), -1)
    z[0, 0, 0, 0] += 1
    _, after = group_norm_forward(z, None, None, **options)
    m = round(1 / (after.mu - before.mu).max())
    kept = int(np.linalg.matrix_rank(J, tol=1e-6))
    return m, len(one) - kept, WORDS[2 - sum(alive)]
