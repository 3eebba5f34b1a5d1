"""RMS norm: layer norm that does not subtract the mean."""

from . import arguments as need
from .arguments import Array, Cache, Coef
from .operator import norm_backward, scale_shift, standardize


def rms_norm_forward(
    x: Array, gamma: Coef, *, axis: int = -1, eps: float = 1e-6
) -> tuple[Array, Cache]:
    """y = γ x/√(Σx²/m + ε) over the axes from `axis` to the last.

    x (N, …, D); γ is x.shape[axis:]. Raises ValueError as layer norm
    does. Source: Zhang & Sennrich (2019), arXiv:1910.07467.
    """
    axes = need.tail(x, axis, gamma=gamma)  # the set
    x_hat, cache = standardize(x, axes, eps=eps, centre=False)
    return scale_shift(x_hat, gamma, None, axes, cache)


def rms_norm_backward(dy: Array, cache: Cache) -> tuple[Array, Coef]:
    """Return dx, dγ. Raises ValueError for dy unlike y."""
    return norm_backward(dy, cache)[:2]
