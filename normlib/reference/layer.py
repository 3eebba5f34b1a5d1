"""Layer norm: a sample shares statistics over its last axes."""

from . import arguments as need
from .arguments import Array, Cache, Coef
from .operator import norm_backward, scale_shift, standardize


def layer_norm_forward(
    x: Array, gamma: Coef, beta: Coef, *, axis: int = -1, eps: float = 1e-5
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/√(var + ε) + β over the axes from `axis` to the last.

    x (N, …, D); γ and β have the shape of the set, x.shape[axis:]. m = 1
    gives y = β. Raises ValueError for a wrong shape or dtype, an axis
    that x lacks, m = 0, ε < 0. Source: Ba et al. (2016), arXiv:1607.06450.
    """
    axes = need.tail(x, axis, gamma=gamma, beta=beta)  # the set
    x_hat, cache = standardize(x, axes, eps=eps)
    return scale_shift(x_hat, gamma, beta, axes, cache)


layer_norm_backward = norm_backward  # there is one
