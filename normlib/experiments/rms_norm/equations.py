"""RMSNorm's equations, written out in NumPy, beside torch.nn.

Each function draws rows, runs torch.nn, and returns by how much it
deviates from the equation. "null" is the same layer on the same rows in
another order, which may change nothing; "planted" is an equation with a
mistake, which has to be off.
"""

import numpy as np
import torch
from torch import Tensor, nn

Quantities = dict[str, float]
DEFAULTS = {"layer": nn.LayerNorm, "rms": nn.RMSNorm}


def rows(rng: np.random.Generator, sigma: float = 1.0) -> np.ndarray:
    """Draw rows (N, D) around means of their own, of deviation σ."""
    N, D = rng.integers(3, 40, size=2)
    x = rng.normal(rng.normal(size=(N, 1)), 1, size=(N, D))
    return sigma * x


def run(name: str, x: np.ndarray, device: str, **options: object) -> Tensor:
    """Return what torch.nn makes of rows; fresh, so γ is 1 and β is 0."""
    x = torch.tensor(x, device=device)
    layer = DEFAULTS[name](x.shape[1], **options).to(x)
    with torch.no_grad():
        return layer(x)


def off(a: np.ndarray | Tensor, b: np.ndarray | Tensor) -> float:
    """Return the largest deviation; NaN on one side alone is infinite."""
    a, b = (
        np.asarray(v.cpu() if isinstance(v, Tensor) else v) for v in (a, b)
    )
    if (np.isnan(a) != np.isnan(b)).any():
        return float("inf")
    return float(np.abs(a - b).max())


def centring(rng: np.random.Generator, device: str) -> Quantities:
    """Centre a row first: is it LayerNorm then? With which ε and shift?"""
    x = rows(rng)
    d = x - x.mean(1, keepdims=True)
    ln = run("layer", x, device, eps=0.0).cpu().numpy()
    rms = run("rms", x, device, eps=0.0).cpu().numpy()
    cos = (ln * rms).mean(1)  # both have length √D
    mu, sigma = x.mean(1), x.std(1)
    faint, shift = 0.001 * x, torch.tensor(rng.normal(size=x.shape[1]))
    layer = nn.LayerNorm(x.shape[1], eps=0.0).double().to(device)
    with torch.no_grad():
        layer.bias.copy_(shift)
        moved = layer(torch.tensor(x, device=device))
    order = rng.permutation(len(x))
    return {
        "LN(x) − RMS(x − μ)": off(ln, run("rms", d, device, eps=0.0)),
        "cosine": off(cos, 1 / np.sqrt(1 + (mu / sigma) ** 2)),
        "with defaults, σ = 0.001": off(
            run("layer", faint, device),
            run("rms", faint - faint.mean(1, keepdims=True), device),
        ),
        "with a shift β": off(moved, run("rms", d, device, eps=0.0)),
        "null": off(ln[order], run("layer", x[order], device, eps=0.0)),
        "planted": off(cos, 1 / np.sqrt(1 + (sigma / mu) ** 2)),
    }


def formula(rng: np.random.Generator, device: str) -> Quantities:
    """Compare float32 rows, and torch's default ε, with x / RMS(x)."""

    def equation(x: np.ndarray) -> np.ndarray:
        x = x.astype(np.float64)
        with np.errstate(invalid="ignore"):
            return x / np.sqrt((x**2).mean(1, keepdims=True))

    x = rows(rng)
    x /= np.sqrt((x**2).mean(1, keepdims=True))
    x, order = x.astype(np.float32), rng.permutation(len(x))
    found = {
        f"RMS = {size:g}": off(
            run("rms", size * x, device), equation(size * x)
        )
        for size in (np.float32(1), np.float32(0.001), np.float32(0))
    }
    y = run("rms", x, device)
    gamma = rng.normal(size=x.shape[1]).astype(np.float32)
    layer = nn.RMSNorm(x.shape[1]).to(device)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(gamma))
        scaled = layer(torch.tensor(x, device=device))
    return found | {
        "with γ": off(scaled, gamma * equation(x)),
        "null": off(y[order], run("rms", x[order], device)),
        "planted": off(y, x / np.linalg.norm(x, axis=1, keepdims=True)),
    }


CHECKS = {"centring": centring, "formula": formula}
