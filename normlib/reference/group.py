"""Group norm: a group of channels of a sample shares statistics."""

from . import arguments as need
from .arguments import Array, Cache, Coef
from .operator import norm_backward, scale_shift, standardize


def group_norm_forward(
    x: Array, gamma: Coef, beta: Coef, *, num_groups: int, eps: float = 1e-5
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/√(var + ε) + β over C/G channels and the space.

    x (N, C, *spatial); γ and β are (C,); m = (C/G)·H·W, and m = 1 gives
    y = β. Raises ValueError for a wrong shape or dtype, a G that does not
    divide C, m = 0, ε < 0. Source: Wu & He (2018), arXiv:1803.08494.
    """
    need.array("x", x, ndim=2)
    N, C, *space = x.shape
    need.params(x, (C,), gamma=gamma, beta=beta)
    need.integer("num_groups", num_groups, 1, max(C, 1))
    fits = C % num_groups == 0
    need.that(fits, "num_groups", f"a divisor of C = {C}", num_groups)
    groups = x.reshape(N, num_groups, C // num_groups, *space)
    axes = tuple(range(2, groups.ndim))  # the set
    x_hat, cache = standardize(groups, axes, eps=eps)
    y, cache = scale_shift(x_hat, gamma, beta, (1, 2), cache)
    cache.shape = x.shape
    return y.reshape(x.shape), cache


group_norm_backward = norm_backward  # there is one
