"""The one operator: standardize a set of m values, scale and shift."""

import numpy as np

from . import arguments as need
from .arguments import Array, Cache, Coef


@np.errstate(divide="ignore", invalid="ignore")  # 0/0 is NaN, as in torch
def standardize(
    x: Array, axes: tuple[int, ...], *, eps: float, centre: bool = True
) -> tuple[Array, Cache]:
    """Return x̂ = (x − μ)/σ, in float64, and a cache; σ = √(var + ε).

    A set is the m values of x that differ in `axes` only, numbered from
    0. Without `centre` μ is 0. Equal values give 0 and, for ε = 0, NaN.
    Raises ValueError unless x is a float array and has the axes, each of
    them once, m ≥ 1 and 0 ≤ ε < ∞.
    """
    need.array("x", x)
    m = need.values("x", x, axes)
    need.number("eps", eps)
    # In float64 the square of a float32 can neither overflow nor vanish.
    d, mu = x.astype(np.float64), 0.0
    if centre:
        mu = d.mean(axes, keepdims=True)
        d -= mu
        # When |μ| ≫ σ, μ is rounded to steps as large as σ. What that
        # left behind is small, so it is known exactly: take it out too.
        rest = d.mean(axes, keepdims=True)
        d, mu = d - rest, mu + rest
    var = np.square(d).mean(axes, keepdims=True)
    sigma = np.sqrt(var + eps)
    x_hat = d / sigma
    cache = Cache(x_hat=x_hat, mu=mu, var=var, sigma=sigma, m=m, axes=axes)
    cache.centre, cache.shape, cache.dtype = centre, x.shape, x.dtype
    return x_hat, cache


@np.errstate(divide="ignore", invalid="ignore")
def standardize_backward(g: Array, cache: Cache) -> Array:
    """Return dx = (1/σ) P g for g = ∂loss/∂x̂, in float64.

    P = I − 11ᵀ/m − x̂x̂ᵀ/m.  With d = x − μ, x̂ = d/σ, a step δx moves
      d by  δd = (I − 11ᵀ/m) δx,
      σ by  δσ = dᵀδd/(mσ) = x̂ᵀδx/m, for 2σ δσ = δvar and dᵀ1 = 0,
      x̂ by  δx̂ = δd/σ − x̂ δσ/σ = (1/σ) P δx.
    P is symmetric, so the way back is the same map. ε only enters σ: P
    holds for every ε; for ε = 0, x̂ᵀx̂ = m and P is a projection. Without
    `centre` δd = δx and 11ᵀ/m goes; constant μ and σ leave P = I. Raises
    ValueError unless g is a float array of the shape of x̂.
    """
    need.shape("g", g, cache.x_hat.shape)
    g, x_hat, axes = g.astype(np.float64), cache.x_hat, cache.axes
    if axes is None:  # μ and σ are constants
        return g / cache.sigma
    dx = g - x_hat * (g * x_hat).mean(axes, keepdims=True)
    if cache.centre:
        dx -= g.mean(axes, keepdims=True)
    return dx / cache.sigma


def scale_shift(
    x_hat: Array, gamma: Coef, beta: Coef, along: tuple, cache: Cache
) -> tuple[Array, Cache]:
    """Return y = γ x̂ + β; γ and β have the axes `along` of x̂."""
    shape = [n if i in along else 1 for i, n in enumerate(x_hat.shape)]
    scale = 1.0 if gamma is None else gamma.reshape(shape).copy()
    shift = 0.0 if beta is None else beta.reshape(shape)
    vars(cache).update(gamma=gamma, beta=beta, scale=scale, along=along)
    y = (scale * x_hat + shift).astype(cache.dtype)
    return y.reshape(cache.shape), cache


def norm_backward(dy: Array, cache: Cache) -> tuple[Array, Coef, Coef]:
    """Return dx = (1/σ) P g with g = γ dy, dγ = Σ dy x̂ and dβ = Σ dy.

    Σ is over all places with the same γ; dγ is None where γ was, and dβ.
    Raises ValueError unless dy has the shape and dtype of y.
    """
    need.shape("dy", dy, cache.shape, cache.dtype)
    x_hat, gamma, beta = cache.x_hat, cache.gamma, cache.beta
    dy = dy.astype(np.float64).reshape(x_hat.shape)
    same = tuple(i for i in range(x_hat.ndim) if i not in cache.along)
    dgamma = dbeta = None
    if gamma is not None:
        dgamma = (dy * x_hat).sum(same).reshape(gamma.shape)
        dgamma = dgamma.astype(gamma.dtype)
    if beta is not None:
        dbeta = dy.sum(same).reshape(beta.shape).astype(beta.dtype)
    dx = standardize_backward(cache.scale * dy, cache)
    return dx.reshape(cache.shape).astype(cache.dtype), dgamma, dbeta
