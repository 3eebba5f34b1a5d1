"""A norm, its gradients and statistics in long double, and error bounds.

Written from the papers' formulas, with nothing of normlib: the backward is
the chain rule through var and μ, as in Ioffe & Szegedy (2015), section 3.

The bounds are those of any program that works with unit roundoff u, in
two passes (c ≈ μ first, then the mean of x − c is taken out as well):

- m values, added in any order and divided by m: (m + 8) u mean|·| off.
  The 8 pays for the division and for second-order terms.
- c is off by that. x − c, of size `far`, is rounded, and so is the
  difference to its own mean, itself off by (m + 8) u mean(far).
- What that makes of var makes of 1/σ at most a factor 1 + `rho`.
- x̂ inherits the errors of d and of 1/σ; y, dγ, dβ and dx are sums of
  products of what went before, each product rounded a few times.

Terms that are multiplied by each other beyond first order are paid for by
the factor SECOND at the end. Numbers below the smallest normal one are
rounded to multiples of `tiny`, hence its few appearances.
"""

from types import SimpleNamespace

import numpy as np

Exact = np.longdouble
SECOND = 1.1


def exact(
    x, dy, gamma, beta, axes, own, *, eps, centre=True, u, tiny, given=None
):
    """Return {name: (value, bound)} for y, dx, dgamma, dbeta, mean, var.

    All arrays are long doubles of one number of axes. γ and β span the
    axes `own`. With `given` (mean, var) these are used, and constant.
    """
    m = int(np.prod([x.shape[i] for i in axes]))
    sums = (m + 8) * u

    def mean(a):
        return a.mean(tuple(axes), keepdims=True)

    if given is None:
        mu, d = np.zeros(1, Exact), x
        if centre:  # from the first value: else 1e60, m times, has d ≠ 0
            whole = slice(None)
            at = [slice(1) if i in axes else whole for i in range(x.ndim)]
            d = x - x[tuple(at)]
            mu, d = x[tuple(at)] + mean(d), d - mean(d)
        var = mean(d * d)
        far = abs(d) + sums * mean(abs(x)) if centre else abs(d)
        off = 2 * u * far + (sums + 2 * u) * mean(far) if centre else 0 * d
        off = off + 4 * tiny
        var_off = mean(2 * abs(d) * off + off * off) + sums * var + 4 * tiny
        sigma = np.sqrt(var + eps)
        least = np.sqrt(np.maximum(var - var_off, 0) + eps)
        with np.errstate(divide="ignore"):
            rho = sigma / least - 1 + 4 * u
        mu_off = u * abs(mu) + (sums + u) * mean(far) + tiny
    else:
        mu, var = given
        d, sigma = x - mu, np.sqrt(var + eps)
        off, rho, mu_off, var_off = u * abs(d) + tiny, 4 * u, 0 * mu, 0 * mu
    x_hat = d / sigma
    x_off = off / sigma * (1 + rho) + abs(x_hat) * (rho + 2 * u) + tiny
    y = gamma * x_hat + beta
    y_off = abs(gamma) * x_off + 2 * u * (abs(gamma * x_hat) + abs(beta))

    g, g_size = gamma * dy, abs(gamma * dy)
    if given is None:
        dvar = (g * d).sum(tuple(axes), keepdims=True) / (-2 * sigma**3)
        dx = g / sigma + dvar * 2 * d / m
        along = mean(g_size * abs(x_hat))
        size = (g_size + abs(x_hat) * along) / sigma
        spread = x_off * along + abs(x_hat) * mean(g_size * x_off)
        dx_off = (3 * rho + 2 * sums + 16 * u) * size
        dx_off = dx_off + spread / sigma * (1 + rho)
        if centre:
            dmu = -(g / sigma).sum(tuple(axes), keepdims=True)
            dx = dx + dmu / m
            dx_off = dx_off + mean(dx_off) + (sums + 2 * u) * mean(size)
    else:
        dx, dx_off = g / sigma, (rho + 4 * u) * g_size / sigma

    same = tuple(i for i in range(x.ndim) if i not in own)
    places = int(np.prod([x.shape[i] for i in same]))

    def total(a):
        return a.sum(same, keepdims=True)

    many = (places + 8) * u
    dgamma_off = total(abs(dy) * x_off) + many * total(abs(dy * x_hat))
    found = {
        "y": (y, y_off),
        "dx": (dx, dx_off),
        "dgamma": (total(dy * x_hat), dgamma_off),
        "dbeta": (total(dy), many * total(abs(dy))),
        "mean": (mu, mu_off),
        "var": (var, var_off),
    }
    return {
        name: (value, SECOND * bound + 4 * tiny)
        for name, (value, bound) in found.items()
    }


def outside(got, value, bound, dtype):
    """Return by how much `got` leaves the bound, at most; 1 is the edge.

    `dtype`, with unit roundoff and smallest number, is what the value was
    rounded to; what does not fit in it is left out. Nothing to compare
    gives 0.
    """
    value = np.broadcast_to(value, got.shape)
    bound = bound + dtype.u * abs(value) + dtype.tiny
    fits = abs(value) + bound < dtype.max
    off = abs(got.astype(Exact) - value) / bound
    off = np.where(np.isnan(off), np.inf, off)
    return float(off[fits].max(initial=0))


def number_format(bits, least, largest):
    """Return unit roundoff, smallest subnormal and largest number."""
    return SimpleNamespace(u=2.0**-bits, tiny=2.0**least, max=largest)


FORMATS = {
    "bfloat16": number_format(8, -133, 3.38e38),
    "float16": number_format(11, -24, 65504.0),
    "float32": number_format(24, -149, 3.4e38),
    "float64": number_format(53, -1074, 1.79e308),
}


def values(rng, shape, dtype):
    """Draw an x, and say what kind it is: values as users meet them.

    Squares and their sums must fit into the dtype that they are computed
    in, and they do: up to 1e16 in float32, 1e60 in float64.
    """
    wide = {"float64": 60, "float16": 4}.get(dtype, 16)
    narrow = {"float64": -200, "float16": -7}.get(dtype, -30)
    kind = rng.choice(
        ["plain"] * 3
        + ["any mean", "any scale", "far", "constant", "zeros"]
        + ["outlier", "denormal", "mixed scales", "rows"]
    )
    x = rng.normal(size=shape)
    sign = rng.choice([-1, 1])
    if kind == "any mean":
        x = x + sign * 10.0 ** rng.uniform(-3, wide)
    elif kind == "any scale":
        x = x * 10.0 ** rng.uniform(narrow, wide)
    elif kind == "far":
        x = 10.0 ** rng.uniform(-3, 3) * (
            x + sign * 10.0 ** rng.uniform(1, wide / 4)
        )
    elif kind == "constant":
        x = np.full(shape, sign * 10.0 ** rng.uniform(narrow, wide))
    elif kind == "zeros":
        x = np.zeros(shape)
    elif kind == "outlier" and x.size:
        x.flat[rng.integers(x.size)] = 10.0 ** rng.uniform(1, wide)
    elif kind == "denormal":
        x = x * FORMATS[dtype].tiny * 10.0 ** rng.uniform(0, 2)
    elif kind == "mixed scales":
        x = x * 10.0 ** rng.uniform(-wide, wide / 2, size=shape)
    elif kind == "rows" and x.ndim:
        at = (-1,) + (1,) * (x.ndim - 1)
        x = x * 10.0 ** rng.uniform(-3, wide / 2, size=shape[0]).reshape(at)
    limit = {"float16": 6e4}.get(dtype, np.inf)
    return np.clip(x, -limit, limit), str(kind)
