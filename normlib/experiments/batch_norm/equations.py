"""BatchNorm's equations, written out in NumPy, beside torch.nn.

Each function draws an input, runs torch.nn in float64, and returns by how
much it deviates from the equation; and, by name, from controls that have
to fail, so that agreement means something.
"""

import numpy as np
import torch
from torch import nn

Quantities = dict[str, float]


def _images(rng: np.random.Generator) -> np.ndarray:
    shape = rng.integers(2, 9, size=4)  # N, C, H, W
    return rng.normal(rng.normal(), rng.uniform(0.5, 3), size=shape)


def _norm(C: int, device: str, **kwargs: float) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(C, device=device, dtype=torch.float64, **kwargs)


def mean(rng: np.random.Generator, device: str) -> Quantities:
    """Compare the running mean at momentum 1 with 1/m Σx."""
    x = _images(rng)
    layer = _norm(x.shape[1], device, momentum=1.0)
    layer(torch.tensor(x, device=device))
    theirs = layer.running_mean.cpu().numpy()
    m = x.size // x.shape[1]
    one = x.sum((0, 2, 3)) / m
    samples = x[:, :, 0, 0].sum(0) / len(x)  # one position only
    return {
        "1/m over N, H, W": np.abs(theirs - one).max(),
        "over N at one position": np.abs(theirs - samples).max(),
    }


def x_hat(rng: np.random.Generator, device: str) -> Quantities:
    """Compare the output with (x − μ)/√(var + ε), and look at it."""
    x, eps = _images(rng), 1e-5
    axes, m = (0, 2, 3), x.size // x.shape[1]

    def norm(x: np.ndarray) -> np.ndarray:
        layer = _norm(x.shape[1], device, eps=eps)
        return layer(torch.tensor(x, device=device)).detach().cpu().numpy()

    y, d = norm(x), x - x.mean(axes, keepdims=True)
    var = (d**2).mean(axes, keepdims=True)
    unbiased = var * m / (m - 1)
    faint = norm(d / np.sqrt(var) * 1e-3)
    return {
        "the formula": np.abs(y - d / np.sqrt(var + eps)).max(),
        "with m − 1": np.abs(y - d / np.sqrt(unbiased + eps)).max(),
        "mean": np.abs(y.mean(axes)).max(),
        "variance − 1": np.abs(y.var(axes) - 1).max(),
        "variance − 1 at σ = 0.001": np.abs(faint.var(axes) - 1).max(),
        "beyond √(m−1)": max(np.abs(y).max() - np.sqrt(m - 1), 0),
    }


def affine(rng: np.random.Generator, device: str) -> Quantities:
    """Compare autograd's dγ and dβ with sums; look at a bias before."""
    x = torch.tensor(_images(rng), device=device)
    C = x.shape[1]
    conv = nn.Conv2d(C, C, 1, device=device, dtype=torch.float64)
    layer = _norm(C, device)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(rng.normal(size=(C, C, 1, 1))))
        conv.bias.zero_()
        layer.weight.copy_(torch.tensor(rng.normal(1, 0.5, C)))
        layer.bias.copy_(torch.tensor(rng.normal(0, 0.5, C)))
    dy = torch.tensor(rng.normal(size=x.shape), device=device)
    z = conv(x)
    (layer(z) * dy).sum().backward()
    x_hat = nn.functional.batch_norm(z, None, None, training=True)
    dgamma, dbeta = (dy * x_hat).sum((0, 2, 3)), dy.sum((0, 2, 3))
    scale = conv.weight.grad.abs().max()
    return {
        "dγ − Σ dy·x̂": (layer.weight.grad - dgamma).abs().max().item(),
        "dβ − Σ dy": (layer.bias.grad - dbeta).abs().max().item(),
        "bias before": (conv.bias.grad.abs().max() / scale).item(),
        "dβ": dbeta.abs().max().item(),
    }


def dependency(rng: np.random.Generator, device: str) -> Quantities:
    """Return the largest ∂y_i/∂x_j between two samples, by mode."""
    x = torch.tensor(rng.normal(size=(5, 3)), device=device)
    layer = nn.BatchNorm1d(3, device=device, dtype=torch.float64)
    found = {}
    for mode in ("training", "evaluation"):
        layer.train(mode == "training")
        J = torch.autograd.functional.jacobian(layer, x)  # (N, C, N, C)
        J = J.abs().amax((1, 3))
        J.fill_diagonal_(0)
        found[f"∂y_i/∂x_j in {mode}"] = J.max().item()
    return found


CHECKS = {
    "mean": mean, "xhat": x_hat, "affine": affine, "dependency": dependency,
}  # fmt: skip
