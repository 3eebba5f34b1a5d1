"""Three ways to compute a norm, and which magnitudes come out right."""

from collections.abc import Callable

import torch
from torch import Tensor

RIGHT, EPS = 0.1, 1e-6  # of a deviation; as LLaMA's
LOW, HIGH, PER_DECADE = -3, 5, 8  # scales, as powers of ten
Norm = Callable[[Tensor], Tensor]


def rms(x: Tensor) -> Tensor:
    """x / √(mean of x² + ε), every step in x's own format."""
    return x / ((x * x).mean(-1, keepdim=True) + EPS).sqrt()


def layer(x: Tensor) -> Tensor:
    """Deviations, over the root of the mean of their squares."""
    return rms(x - x.mean(-1, keepdim=True))


def one_pass(x: Tensor) -> Tensor:
    """The variance as E[x²] − μ², kept from being negative."""
    mu = x.mean(-1, keepdim=True)
    var = ((x * x).mean(-1, keepdim=True) - mu * mu).clamp_min(0)
    return (x - mu) / (var + EPS).sqrt()


def constant(x: Tensor) -> Tensor:
    """One for every value: no norm, and right nowhere."""
    return torch.ones_like(x)


def scaled(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Write float64 rows (seeds, D) at S scales: (S, seeds, D)."""
    count = (HIGH - LOW) * PER_DECADE + 1
    powers = torch.linspace(LOW, HIGH, count, dtype=x.dtype)
    return (10 ** powers[:, None, None].to(x.device) * x).to(dtype)


def decades(norm: Norm, exact: Norm, x: Tensor, statistics: str) -> Tensor:
    """Return, for scaled rows (S, seeds, D), the decades that are right.

    Off by a share of what the exact output's own values deviate: else a
    constant would do for RMSNorm of a row with a large mean.
    """
    own = x if statistics == "own" else x.float()
    y = exact(x.double())
    off = (norm(own).to(x.dtype).double() - y).abs()
    sigma = y.std(-1, correction=0, keepdim=True)
    right = (off / sigma).amax(-1) < RIGHT  # NaN is not
    finite = x.isfinite().all(-1)  # the input itself exists
    return (right & finite).sum(0) / PER_DECADE
