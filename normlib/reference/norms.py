"""The norms: each names its set, and the operator does the rest."""

import numpy as np

from . import arguments as need
from .arguments import Array, Cache, Coef
from .operator import norm_backward, scale_shift, standardize
from .sets import SETS


@np.errstate(divide="ignore", invalid="ignore")
def batch_norm_forward(
    x: Array,
    gamma: Coef,
    beta: Coef,
    *,
    running_mean: Coef = None,
    running_var: Coef = None,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/σ + β, σ = √(var + ε), for x (N, C, *spatial).

    In training μ and var are those of m = N·H·W values; in place, running
    ← (1 − momentum) running + momentum (μ, m/(m−1) var). In evaluation
    they are the running arrays, (C,) as γ and β. Raises ValueError for a
    wrong shape or dtype, m < 2 in training, a missing running array,
    momentum not in 0 … 1, ε < 0. Ioffe & Szegedy (2015), arXiv:1502.03167.
    """
    need.array("x", x, ndim=2)
    need.params(x, x.shape[1:2], gamma=gamma, beta=beta)
    need.running(x, running_mean, running_var, training)
    need.number("momentum", momentum, high=1)
    need.number("eps", eps)
    if training:
        norm = SETS["batch"]
        axes = norm.axes(x.ndim)  # N H W
        need.values("x", x, axes, least=2)
        x_hat, cache = standardize(x, axes, eps=eps, centre=norm.centred)
    else:  # another function: μ and σ are constants
        shape = (-1, *(1,) * (x.ndim - 2))  # (C, 1, …)
        mu, var = running_mean.reshape(shape), running_var.reshape(shape)
        sigma = np.sqrt(var.astype(np.float64) + eps)
        x_hat = (x.astype(np.float64) - mu) / sigma
        cache = Cache(x_hat=x_hat, mu=mu, var=var, sigma=sigma, axes=None)
        cache.shape, cache.dtype = x.shape, x.dtype
    y, cache = scale_shift(x_hat, gamma, beta, (1,), cache)
    if training and running_mean is not None:
        unbiased = cache.var * cache.m / (cache.m - 1)
        for a, new in ((running_var, unbiased), (running_mean, cache.mu)):
            a[:] = np.float64(1 - momentum) * a + momentum * new.ravel()
    return y, cache


def instance_norm_forward(
    x: Array, gamma: Coef, beta: Coef, *, eps: float = 1e-5
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/σ + β, σ = √(var + ε), for x (N, C, *spatial).

    m = H·W; γ and β are (C,). Raises ValueError for a wrong shape or
    dtype, m < 2, ε < 0. Source: Ulyanov et al. (2016), arXiv:1607.08022.
    """
    need.array("x", x, ndim=3)
    need.params(x, x.shape[1:2], gamma=gamma, beta=beta)
    norm = SETS["instance"]
    axes = norm.axes(x.ndim)  # H W
    need.values("x", x, axes, least=2)
    x_hat, cache = standardize(x, axes, eps=eps, centre=norm.centred)
    return scale_shift(x_hat, gamma, beta, (1,), cache)


def group_norm_forward(
    x: Array, gamma: Coef, beta: Coef, *, num_groups: int, eps: float = 1e-5
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/σ + β, σ = √(var + ε), for x (N, C, *spatial).

    m = (C/G)·H·W, and m = 1 gives y = β; γ and β are (C,). Raises
    ValueError for a wrong shape or dtype, a G that does not divide C,
    m = 0, ε < 0. Source: Wu & He (2018), arXiv:1803.08494.
    """
    need.array("x", x, ndim=2)
    N, C, *spatial = x.shape
    need.params(x, (C,), gamma=gamma, beta=beta)
    need.integer("num_groups", num_groups, 1, max(C, 1))
    fits = C % num_groups == 0
    need.check(fits, "num_groups", f"a divisor of C = {C}", num_groups)
    groups = x.reshape(N, num_groups, C // num_groups, *spatial)
    norm = SETS["group"]
    axes = norm.axes(groups.ndim)  # C/G H W
    x_hat, cache = standardize(groups, axes, eps=eps, centre=norm.centred)
    cache.shape = x.shape
    return scale_shift(x_hat, gamma, beta, (1, 2), cache)


def layer_norm_forward(
    x: Array, gamma: Coef, beta: Coef, *, axis: int = -1, eps: float = 1e-5
) -> tuple[Array, Cache]:
    """y = γ (x − μ)/σ + β, σ = √(var + ε), over `axis` and all after it.

    x (N, …, D); γ and β have the shape of the set, x.shape[axis:]. m = 1
    gives y = β. Raises ValueError for a wrong shape or dtype, an axis
    that x lacks, m = 0, ε < 0. Source: Ba et al. (2016), arXiv:1607.06450.
    """
    need.array("x", x, ndim=1)
    need.integer("axis", axis, -x.ndim, x.ndim - 1)
    need.params(x, x.shape[axis:], gamma=gamma, beta=beta)
    norm = SETS["layer"]
    axes = norm.axes(x.ndim, lead=axis % x.ndim)  # C H W, or D
    x_hat, cache = standardize(x, axes, eps=eps, centre=norm.centred)
    return scale_shift(x_hat, gamma, beta, axes, cache)


def rms_norm_forward(
    x: Array, gamma: Coef, *, axis: int = -1, eps: float | None = None
) -> tuple[Array, Cache]:
    """y = γ x/σ, σ = √(Σx²/m + ε), over `axis` and all after it.

    x (N, …, D); γ is x.shape[axis:]; ε None is, as in torch, the machine
    epsilon of float64 for float64, else of float32. Raises ValueError as
    layer norm does. Source: Zhang & Sennrich (2019), arXiv:1910.07467.
    """
    need.array("x", x, ndim=1)
    need.integer("axis", axis, -x.ndim, x.ndim - 1)
    need.params(x, x.shape[axis:], gamma=gamma)
    if eps is None:
        eps = np.finfo(np.promote_types(x.dtype, np.float32)).eps
    norm = SETS["rms"]
    axes = norm.axes(x.ndim, lead=axis % x.ndim)  # C H W, or D
    x_hat, cache = standardize(x, axes, eps=eps, centre=norm.centred)
    return scale_shift(x_hat, gamma, None, axes, cache)


def weight_norm_forward(
    v: Array, g: Array, *, dim: int | None = 0
) -> tuple[Array, Cache]:
    """w = g v/‖v‖: the direction of v, the length g.

    It is RMS norm of a row, with ε = 0 and γ = g/√m; zeros give NaN. A row
    has one index of axis `dim`: v (out, in, …), g (out, 1, …) for dim 0;
    None and −1 make all of v one row, g (). Raises ValueError for a wrong
    shape, dtype, dim or m = 0. Salimans & Kingma (2016), arXiv:1602.07868.
    """
    need.array("v", v, ndim=1)
    dim = -1 if dim is None else dim  # all of v is one row
    need.integer("dim", dim, -v.ndim, v.ndim - 1)
    kept = () if dim == -1 else (dim % v.ndim,)
    shape = tuple(n if i in kept else 1 for i, n in enumerate(v.shape))
    need.shape("g", g, shape if kept else (), v.dtype)
    axes = tuple(i for i in range(v.ndim) if i not in kept)
    m = need.values("v", v, axes)
    norm = SETS["weight"]
    x_hat, cache = standardize(v, axes, eps=0, centre=norm.centred)
    return scale_shift(x_hat, g / np.sqrt(m), None, kept, cache)


def rms_norm_backward(dy: Array, cache: Cache) -> tuple[Array, Coef]:
    """Return dx, dγ. Raises ValueError for dy unlike y."""
    return norm_backward(dy, cache)[:2]


def weight_norm_backward(dy: Array, cache: Cache) -> tuple[Array, Array]:
    """Return dv and dg = Σ dy v/‖v‖. Raises ValueError for dy unlike w."""
    dv, dgamma, _ = norm_backward(dy, cache)
    return dv, np.array(dgamma / np.sqrt(cache.m), dy.dtype)  # γ = g/√m
