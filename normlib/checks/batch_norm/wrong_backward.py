"""Wrong backwards, staged and closed; each mistake is a switch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Grads = dict[str, np.ndarray]
ORDERS = {
    "dgamma-dbeta-swapped": ("dx", "dbeta", "dgamma"),
    "dx-last": ("dgamma", "dbeta", "dx"),
    "order-reversed": ("dbeta", "dgamma", "dx"),
}


def closed(on: frozenset[str]) -> Callable:
    """Return a closed-form backward that makes the mistakes `on`."""

    def backward(
        dy: np.ndarray,
        x_hat: np.ndarray,
        gamma: np.ndarray,
        sigma: np.ndarray,
    ) -> Grads:
        g = gamma * dy
        if "gamma-missing" in on:
            g = dy
        if "divided-by-gamma" in on:
            g = dy / gamma
        dx = _projected(on, g, dy, x_hat)
        if "gamma-twice" in on:
            dx = gamma * dx
        if "sigma-missing" in on:
            sigma = 1.0
        if "sigma-taken-for-variance" in on:
            sigma = np.sqrt(sigma)
        if "eps-twice" in on:
            sigma = np.sqrt(sigma**2 + 1e-5)
        if "sigma-squared" in on:
            sigma = sigma**2
        if "multiplied-by-sigma" in on:
            sigma = 1 / sigma
        if "sigma-on-last-term" in on:
            dx += _along(on, g, dy, x_hat) * (1 - 1 / sigma)
        else:
            dx = dx / sigma
        if "dx-sign" in on:
            dx = -dx
        grads = {"dx": dx, **_parameters(on, dy, g, x_hat)}
        names = ("dx", "dgamma", "dbeta")
        for id, order in ORDERS.items():
            if id in on:
                grads = {
                    n: grads[k] for n, k in zip(names, order, strict=True)
                }
        return grads

    return backward


def _shared(on: frozenset[str], g: np.ndarray) -> tuple[dict, float]:
    """Return how a sum runs over the set, and what divides it."""
    axis, m = 0, len(g)
    if "projected-over-features" in on:
        axis, m = 1, g.shape[1]
    if "m-minus-one" in on:
        m -= 1
    if "sums-not-means" in on:
        m = 1
    return {"axis": axis, "keepdims": True}, m


def _projected(
    on: frozenset[str], g: np.ndarray, dy: np.ndarray, x_hat: np.ndarray
) -> np.ndarray:
    keep, m = _shared(on, g)
    ones = (dy if "ones-of-dy" in on else g).sum(**keep) / m
    if "mu-constant" in on:
        ones = 0.0
    if "ones-added" in on:
        ones = -ones
    return g - ones - _along(on, g, dy, x_hat)


def _along(
    on: frozenset[str], g: np.ndarray, dy: np.ndarray, x_hat: np.ndarray
) -> np.ndarray:
    keep, m = _shared(on, g)
    if "x-hat-of-dy" in on:
        g = dy
    inner = (g * x_hat).sum(**keep)
    if "x-hat-forgotten-in-sum" in on:
        inner = g.sum(**keep)
    if "exact-projection" in on:
        m = (x_hat * x_hat).sum(**keep) * m / x_hat.shape[keep["axis"]]
    if "x-hat-not-put-back" in on:
        return inner / m
    if "sigma-constant" in on:
        return 0.0 * x_hat
    return (-1 if "x-hat-added" in on else 1) * x_hat * inner / m


def _parameters(
    on: frozenset[str], dy: np.ndarray, g: np.ndarray, x_hat: np.ndarray
) -> Grads:
    dgamma, dbeta = (dy * x_hat).sum(0), dy.sum(0)
    if "dgamma-mean" in on:
        dgamma = (dy * x_hat).mean(0)
    if "dgamma-of-g" in on:
        dgamma = (g * x_hat).sum(0)
    if "dgamma-without-x-hat" in on:
        dgamma = dy.sum(0)
    if "dgamma-not-summed" in on:
        dgamma = dy * x_hat
    if "dbeta-mean" in on:
        dbeta = dy.mean(0)
    if "dbeta-of-g" in on:
        dbeta = g.sum(0)
    if "dbeta-not-summed" in on:
        dbeta = dy
    return {"dgamma": dgamma, "dbeta": dbeta}


def staged(on: frozenset[str]) -> Callable:
    """Return a staged backward that makes the mistakes `on`."""

    def backward(
        dy: np.ndarray,
        x: np.ndarray,
        mu: np.ndarray,
        var: np.ndarray,
        gamma: np.ndarray,
        eps: float,
    ) -> Grads:
        m, d = len(x), x - mu
        sigma = np.sqrt(
            var + (0.0 if "eps-missing-in-backward" in on else eps)
        )
        dx_hat = dy if "gamma-missing" in on else gamma * dy
        grads = _parameters(on, dy, dx_hat, d / sigma)
        if "dgamma-with-x" in on:
            grads["dgamma"] = (dy * x).sum(0)
        if "dgamma-with-d" in on:
            grads["dgamma"] = (dy * d).sum(0)
        bare = np.sqrt(var)
        no_eps = bare if "dvar-without-eps" in on else sigma
        dvar = _dvar(on, dx_hat, x if "dvar-with-x" in on else d, no_eps)
        dmu = -dx_hat.sum(0) / (bare if "dmu-without-eps" in on else sigma)
        if "dmu-sign" in on:
            dmu = -dmu
        if "dmu-without-sigma" in on:
            dmu = -dx_hat.sum(0)
        if "dmu-mean" in on:
            dmu = dmu / m
        through_var = 2 * d * dvar / m
        if "dx-half-of-var" in on:
            through_var = through_var / 2
        if "dx-var-not-over-m" in on:
            through_var = through_var * m
        if "sigma-constant" in on:
            through_var = 0.0
        through_mu = dmu if "dx-mu-not-over-m" in on else dmu / m
        if "mu-constant" in on:
            through_mu = 0.0
        straight = dx_hat if "sigma-missing" in on else dx_hat / sigma
        if "dgamma-dbeta-swapped" in on:
            grads = {"dbeta": grads["dgamma"], "dgamma": grads["dbeta"]}
        grads = {n: grads[n] for n in ("dbeta", "dgamma")}
        grads |= {"dx_hat": dx_hat, "dvar": dvar, "dmu": dmu}
        return grads | {"dx": straight + through_var + through_mu}

    return backward


def _dvar(
    on: frozenset[str], dx_hat: np.ndarray, d: np.ndarray, s: np.ndarray
) -> np.ndarray:
    half, power = -0.5, 3
    if "dvar-sign" in on:
        half = 0.5
    if "dvar-without-half" in on:
        half = -1.0
    if "dvar-power-one" in on:
        power = 1
    if "dvar-power-two" in on:
        power = 2
    dvar = half * (dx_hat * d).sum(0) / s**power
    return dvar / len(d) if "dvar-mean" in on else dvar
