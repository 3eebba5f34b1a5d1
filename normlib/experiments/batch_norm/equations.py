"""BatchNorm's equations, written out in NumPy, beside torch.nn.

Each function draws an input, runs torch.nn in float64, and returns by how
much it deviates from the equation. "null" is the same layer on the same
samples in another order, which may change nothing; "planted" is an
equation with a mistake, which has to be off.
"""

import numpy as np
import torch
from torch import Tensor, nn

Quantities = dict[str, float]
IMAGES, AXES = "images", (0, 2, 3)


def _input(rng: np.random.Generator, kind: str) -> np.ndarray:
    N, C, *sides = rng.integers(2, 9, size=4)
    shape = (N, C, *sides) if kind == IMAGES else (N, C, 1, 1)
    return rng.normal(rng.normal(), rng.uniform(0.5, 3), size=shape)


def _norm(C: int, device: str, **kwargs: float) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(C, device=device, dtype=torch.float64, **kwargs)


def _off(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max())


def mean(rng: np.random.Generator, device: str) -> Quantities:
    """Compare the running mean at momentum 1 with Σx / m."""

    def theirs(x: np.ndarray) -> np.ndarray:
        layer = _norm(x.shape[1], device, momentum=1.0)
        layer(torch.tensor(x, device=device))
        return layer.running_mean.cpu().numpy()

    found = {}
    for kind in ("vectors", IMAGES):
        x = _input(rng, kind)
        m = x.size // x.shape[1]
        found[f"Σ/m, {kind}"] = _off(theirs(x), x.sum(AXES) / m)
    one = x[:, :, 0, 0].mean(0)  # a mean over samples, at one position
    return found | {
        "null": _off(theirs(x), theirs(rng.permutation(x))),
        "planted": _off(theirs(x), one),
    }


def x_hat(rng: np.random.Generator, device: str) -> Quantities:
    """Compare the output with (x − μ)/√(var + ε), and look at it."""
    x, eps = _input(rng, IMAGES), 1e-5
    m = x.size // x.shape[1]
    x = (x - x.mean(AXES, keepdims=True)) / x.std(AXES, keepdims=True)

    def theirs(x: np.ndarray) -> np.ndarray:
        layer = _norm(x.shape[1], device, eps=eps)
        return layer(torch.tensor(x, device=device)).detach().cpu().numpy()

    found = {}
    for sigma in (1.0, 0.001):
        y, d = theirs(3 + sigma * x), sigma * x
        var, at = (d**2).mean(AXES, keepdims=True), f"σ = {sigma:g}"
        found |= {
            f"formula, {at}": _off(y, d / np.sqrt(var + eps)),
            f"mean, {at}": _off(y.mean(AXES), 0.0),
            f"variance − 1, {at}": _off(y.var(AXES), 1.0),
            f"beyond √(m−1), {at}": max(
                np.abs(y).max() - (m - 1) ** 0.5, 0
            ),
        }
    order = rng.permutation(len(x))
    unbiased = x / np.sqrt(m / (m - 1) + eps)
    return found | {
        "null": _off(theirs(x)[order], theirs(x[order])),
        "planted": _off(theirs(x), unbiased),
    }


def affine(rng: np.random.Generator, device: str) -> Quantities:
    """Compare autograd's dγ and dβ with sums; look at a bias before."""
    x = torch.tensor(_input(rng, IMAGES), device=device)
    C = x.shape[1]
    conv = nn.Conv2d(C, C, 1, device=device, dtype=torch.float64)
    layer = _norm(C, device)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(rng.normal(size=(C, C, 1, 1))))
        conv.bias.zero_()
        layer.weight.copy_(torch.tensor(rng.normal(1, 0.5, C)))
        layer.bias.copy_(torch.tensor(rng.normal(0, 0.5, C)))
    dy = torch.tensor(rng.normal(size=x.shape), device=device)

    def backward(order: Tensor) -> tuple[Tensor, ...]:
        leaves = (layer.weight, layer.bias, conv.bias, conv.weight)
        loss = (layer(conv(x[order])) * dy[order]).sum()
        return torch.autograd.grad(loss, leaves)

    dgamma, dbeta, bias, weight = backward(torch.arange(len(x)))
    x_hat = nn.functional.batch_norm(conv(x), None, None, training=True)
    shuffled, *_ = backward(torch.tensor(rng.permutation(len(x))))
    return {
        "dγ − Σ dy·x̂": (dgamma - (dy * x_hat).sum(AXES)).abs().max().item(),
        "dβ − Σ dy": (dbeta - dy.sum(AXES)).abs().max().item(),
        "bias before": (bias.abs().max() / weight.abs().max()).item(),
        "null": (dgamma - shuffled).abs().max().item(),
        # x in the place of x̂, and the largest channel's miss
        "planted": (dgamma - (dy * conv(x)).sum(AXES)).abs().max().item(),
    }


def dependency(rng: np.random.Generator, device: str) -> Quantities:
    """Return the largest ∂y_i/∂x_j between two samples, by mode."""
    x = torch.tensor(rng.normal(size=(5, 3)), device=device)
    layer = nn.BatchNorm1d(3, device=device, dtype=torch.float64)
    alone = nn.LayerNorm(3, device=device, dtype=torch.float64)

    def between(layer: nn.Module) -> float:
        J = torch.autograd.functional.jacobian(layer, x)  # (N, C, N, C)
        J = J.abs().amax((1, 3))
        J.fill_diagonal_(0)
        return J.max().item()

    return {
        "∂y_i/∂x_j in training": between(layer.train()),
        "∂y_i/∂x_j in evaluation": between(layer.eval()),
        "null": between(alone),
        "planted": between(nn.Softmax(0)),
    }


CHECKS = {
    "mean": mean, "xhat": x_hat, "affine": affine, "dependency": dependency,
}  # fmt: skip
