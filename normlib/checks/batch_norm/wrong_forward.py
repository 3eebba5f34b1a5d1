"""One wrong forward; each mistake is a switch, named by its id."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

AXES = {  # the set that shares statistics, for an input of n axes
    "over-features": lambda n: (1,),
    "over-everything": lambda n: tuple(range(n)),
    "batch-only": lambda n: (0,),
    "space-only": lambda n: tuple(range(2, n)),
    "over-channels-too": lambda n: tuple(range(1, n)),
    "channel-last": lambda n: tuple(range(n - 1)),
    "height-left-out": lambda n: (0, 3),
    "width-left-out": lambda n: (0, 2),
}


RESHAPED = {"flattened-across-channels", "cut-into-c-pieces"}
RESHAPED |= {"reshaped-back", "left-channel-last"}


def _reshaped(
    on: frozenset[str],
    moved: frozenset[str],
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    eps: float,
) -> np.ndarray:
    forward, C = batch_norm(on), x.shape[1]
    if "flattened-across-channels" in moved:
        y = forward(x.reshape(-1, C), gamma, beta, eps=eps).reshape(x.shape)
    elif "cut-into-c-pieces" in moved:
        rows = x.reshape(C, -1).T
        one, zero = np.ones(C), np.zeros(C)
        x_hat = forward(rows, one, zero, eps=eps).T.reshape(x.shape)
        y = _scaled(on, x_hat, gamma, beta)
    else:
        y = forward(x, gamma, beta, eps=eps)
    if "reshaped-back" in moved:
        return y.transpose(0, 2, 3, 1).reshape(x.shape)
    return y.transpose(0, 2, 3, 1) if "left-channel-last" in moved else y


def batch_norm(on: frozenset[str]) -> Callable:
    """Return a batch_norm_forward that makes the mistakes `on`."""

    def forward(
        x: np.ndarray,
        gamma: np.ndarray,
        beta: np.ndarray,
        *,
        running_mean: np.ndarray | None = None,
        running_var: np.ndarray | None = None,
        training: bool = True,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> np.ndarray:
        eps = 1e-5 if "eps-fixed" in on else eps
        if moved := on & RESHAPED:
            return _reshaped(on - moved, moved, x, gamma, beta, eps)
        mu, var, m = _statistics(on, x)
        running = running_mean is not None
        moves = training or "updated-in-evaluation" in on
        if running and "updated-first" in on and moves:
            _update(
                on, running_mean, running_var, mu, var, m, momentum, eps
            )
        fixed = not training and "batch-statistics-in-evaluation" not in on
        fixed |= running and training and "updated-first" in on
        d = x - mu
        if fixed:
            mu, var = (_set(r, x) for r in (running_mean, running_var))
            d = x - mu
            if "running-var-is-deviation" in on:
                var = var**2
            if "no-eps-in-evaluation" in on and not training:
                eps = 0.0
        y = _scaled(on, _divided(on, x, d, var, eps), gamma, beta)
        if not training and "no-gamma-in-evaluation" in on:
            y = _divided(on, x, d, var, eps)
        if running and "updated-first" not in on and moves:
            mu, var, m = _statistics(on, x)
            _update(
                on, running_mean, running_var, mu, var, m, momentum, eps
            )
        return y

    return forward


def _set(v: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Give v (C,) the axes of x."""
    return v.reshape(1, -1, *(1,) * (x.ndim - 2))


def _statistics(on: frozenset[str], x: np.ndarray) -> tuple:
    axes = (0, *range(2, x.ndim))
    for id, chosen in AXES.items():
        if id in on:
            axes = chosen(x.ndim)
    mu = x.mean(axes, keepdims=True)
    if "mean-of-absolute" in on:
        mu = np.abs(x).mean(axes, keepdims=True)
    if "mean-not-divided" in on:
        mu = x.sum(axes, keepdims=True)
    if "divided-by-images" in on:
        mu = x.sum(axes, keepdims=True) / len(x)
    if "median" in on:
        mu = np.median(x, axes, keepdims=True)
    d = x - mu
    var = (d * d).mean(axes, keepdims=True)
    m = x.size // var.size
    if "unbiased-variance" in on:
        var = var * m / (m - 1)
    if "second-moment" in on:
        var = (x * x).mean(axes, keepdims=True)
    if "absolute-deviation" in on:
        var = np.abs(d).mean(axes, keepdims=True) ** 2
    if "squared-after-mean" in on:
        var = 0.0 * var
    if "sum-of-squares" in on:
        var = (d * d).sum(axes, keepdims=True)
    if "divided-by-images" in on:
        var = (d * d).sum(axes, keepdims=True) / len(x)
    if "variance-divided-by-images" in on:
        var = (d * d).sum(axes, keepdims=True) / len(x)
    if "range" in on:
        high, low = x.max(axes, keepdims=True), x.min(axes, keepdims=True)
        var = (high - low) ** 2
    if "mean-of-variances" in on:  # of each sample, averaged
        space = tuple(range(2, x.ndim))
        var = x.var(space, keepdims=True).mean(0, keepdims=True)
    if "keepdims-missing" in on:
        mu, var = mu.squeeze(), var.squeeze()
    return mu, var, m


def _divided(
    on: frozenset[str],
    x: np.ndarray,
    d: np.ndarray,
    var: np.ndarray,
    eps: float,
) -> np.ndarray:
    sigma = np.sqrt(var + eps)
    if "eps-missing" in on:
        sigma = np.sqrt(var)
    if "eps-outside-root" in on:
        sigma = np.sqrt(var) + eps
    if "eps-squared" in on:
        sigma = np.sqrt(var + eps**2)
    if "eps-subtracted" in on:
        sigma = np.sqrt(np.abs(var - eps))
    if "deviation-not-variance" in on:
        sigma = np.sqrt(np.sqrt(var) + eps)
    if "divided-by-variance" in on:
        sigma = var + eps
    if "not-divided" in on:
        sigma = 1.0
    if "multiplied" in on:
        sigma = 1 / sigma
    if "mean-not-subtracted" in on:
        d = x
    if "brackets-missing" in on:
        return x - (x - d) / sigma
    if "sign-flipped" in on:
        d = -d
    return d / sigma


def _scaled(
    on: frozenset[str], x_hat: np.ndarray, g: np.ndarray, b: np.ndarray
) -> np.ndarray:
    if "gamma-beta-swapped" in on:
        g, b = b, g
    if "on-last-axis" not in on:
        g, b = _set(g, x_hat), _set(b, x_hat)
    if "no-gamma" in on:
        g = 1.0
    if "gamma-plus-one" in on:
        g = 1 + g
    if "no-beta" in on:
        b = 0.0
    if "beta-subtracted" in on:
        b = -b
    if "beta-inside" in on:
        return g * (x_hat + b)
    return g * x_hat + b


def _update(
    on: frozenset[str],
    mean: np.ndarray,
    var: np.ndarray,
    mu: np.ndarray,
    sigma2: np.ndarray,
    m: int,
    momentum: float,
    eps: float,
) -> None:
    if "running-not-in-place" in on:
        return
    new = sigma2.ravel().copy()
    if "running-var-biased" not in on:
        new *= m / (m - 1)
    if "running-var-plus-eps" in on:
        new += eps
    if "running-var-is-deviation" in on:
        new = np.sqrt(new)
    if "momentum-fixed" in on:
        momentum = 0.1
    keep, take = 1 - momentum, momentum
    if "momentum-inverted" in on:
        keep, take = take, keep
    if "running-replaced" in on:
        keep, take = 0.0, 1.0
    if "running-summed" in on:
        keep, take = 1.0, momentum
    mean[:] = keep * mean + take * mu.ravel()
    if "running-var-forgotten" not in on:
        var[:] = keep * var + take * new
