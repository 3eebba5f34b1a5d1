"""LayerNorm's equation, written out in NumPy, beside three LayerNorms.

"null" is the same layer on the same samples in another order, which may
change nothing; "planted" is an equation with a mistake: it divides by
D − 1, and has to be off.
"""

import numpy as np
import torch
from torch import Tensor, nn

from ... import layers, reference

Quantities = dict[str, float]
# As in the examples of PyTorch's documentation: the axes of a sample, and
# how many of them LayerNorm is given.
KINDS = {"vectors": (1, 1), "images": (3, 3), "sentences": (2, 1)}
EPS, LARGE = 1e-5, 0.5


def off(a: np.ndarray | Tensor, b: np.ndarray | Tensor | float) -> float:
    """Return the largest deviation."""
    return float(np.abs(np.asarray(a, float) - np.asarray(b)).max())


def affine(
    layer: nn.Module, gamma: np.ndarray, beta: np.ndarray
) -> nn.Module:
    """Give a layer its γ and β, in float64."""
    layer = layer.double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(gamma))
        layer.bias.copy_(torch.tensor(beta))
    return layer


def run(layer: nn.Module, x: np.ndarray, device: str) -> np.ndarray:
    """Return what a layer makes of x, in x's own format."""
    x_ = torch.tensor(x, device=device)
    return layer.to(x_)(x_).detach().cpu().numpy()


def length(
    x: np.ndarray, given: int, eps: float, device: str
) -> np.ndarray:
    """Return the length of x̂, over √m, of each sample."""
    layer = nn.LayerNorm(x.shape[-given:], eps, elementwise_affine=False)
    x_hat = run(layer, x, device)
    return np.sqrt((x_hat**2).mean(tuple(range(1, x.ndim))))


def formula(rng: np.random.Generator, device: str) -> Quantities:
    """Compare with mean and variance of all numbers of a sample."""
    found: Quantities = {}
    for kind, (sides, given) in KINDS.items():
        N, *shape = map(int, rng.integers(3, 20, size=1 + sides))
        x = rng.normal(rng.normal(), rng.uniform(0.5, 3), (N, *shape))
        axes, last = tuple(range(1, x.ndim)), shape[-given:]
        gamma, beta = rng.normal(size=(2, *last))
        d = x - x.mean(axes, keepdims=True)
        var = (d**2).mean(axes, keepdims=True)
        y = gamma * d / np.sqrt(var + EPS) + beta
        theirs, ours = (
            affine(make(last, EPS), gamma, beta)
            for make in (nn.LayerNorm, layers.LayerNorm)
        )
        numpy, _ = reference.layer_norm_forward(
            x, gamma, beta, axis=-given, eps=EPS
        )
        three = [run(theirs, x, device), run(ours, x, device), numpy]
        if kind == "vectors":
            order, m = rng.permutation(N), shape[0]
            unbiased = gamma * d / np.sqrt(var * m / (m - 1) + EPS) + beta
            again = run(theirs, x[order], device)
            found["null"] = off(three[0][order], again)
            found["planted"] = off(three[0], unbiased)
        short = np.sqrt(var / (var + LARGE)).ravel()
        found |= {
            f"{kind}: formula": max(off(v, y) for v in three),
            f"{kind}: float32": off(run(theirs, np.float32(x), device), y),
            f"{kind}: length, ε = 0": off(length(x, given, 0, device), 1),
            f"{kind}: length, ε = {LARGE}": off(
                length(x, given, LARGE, device), short
            ),
        }
    return found
