"""Instance norm: a channel of a sample shares statistics over space."""

from . import arguments as need
from .arguments import Array, Cache, Coef
from .operator import norm_backward, scale_shift, standardize


def instance_norm_forward(
    x: Array, gamma: Coef, beta: Coef, *, eps: float = 1e-5
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/√(var + ε) + β over the space of x (N, C, *spatial).

    m = H·W; γ and β are (C,). Raises ValueError for a wrong shape or
    dtype, m < 2, ε < 0. Source: Ulyanov et al. (2016), arXiv:1607.08022.
    """
    need.array("x", x, ndim=3)
    need.params(x, x.shape[1:2], gamma=gamma, beta=beta)
    axes = tuple(range(2, x.ndim))  # the set
    need.values("x", x, axes, least=2)
    x_hat, cache = standardize(x, axes, eps=eps)
    return scale_shift(x_hat, gamma, beta, (1,), cache)


instance_norm_backward = norm_backward  # there is one
