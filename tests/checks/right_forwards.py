"""Right forwards, written differently; nothing from the catalogue."""

import functools
import math

import numpy as np
import torch
from register import right


@right("forward")
def by_loops(x, gamma, beta, eps=1e-5):
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        column = x[:, c]
        mean = sum(column) / len(column)
        var = sum((v - mean) ** 2 for v in column) / len(column)
        y[:, c] = gamma[c] * (column - mean) / (var + eps) ** 0.5 + beta[c]
    return y


@right("forward")
def by_folding(x, gamma, beta, *, eps=1e-5, training=True):
    var = (x**2).mean(0) - x.mean(0) ** 2
    scale = gamma / np.sqrt(var + eps)
    return x * scale + (beta - x.mean(0) * scale), {"scale": scale}


@right("forward")
def by_einsum(x, gamma, beta, eps):
    n = len(x)
    d = x - np.einsum("nc->c", x) / n
    inv = (np.einsum("nc,nc->c", d, d) / n + eps) ** -0.5
    return np.einsum("nc,c,c->nc", d, inv, gamma) + beta


@right("images")
def images_by_transposing(x, gamma, beta, *, eps):
    flat = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    y = by_einsum(flat, gamma, beta, eps)
    N, C, H, W = x.shape
    return np.moveaxis(y.reshape(N, H, W, C), -1, 1)


@right("images")
def images_by_channel(x, gamma, beta, *, eps):
    y = [
        g * (x[:, c] - x[:, c].mean()) / np.sqrt(x[:, c].var() + eps) + b
        for c, (g, b) in enumerate(zip(gamma, beta, strict=True))
    ]
    return np.stack(y, axis=1), None


@right("images")
def images_by_none(x, gamma, beta, *, eps):
    mean = x.mean((0, 2, 3))[None, :, None, None]
    std = np.sqrt(((x - mean) ** 2).mean((0, 2, 3)) + eps)
    x_hat = (x - mean) / std[:, None, None]
    return gamma[:, None, None] * x_hat + beta[:, None, None]


@right("inference")
def modes_by_copyto(x, gamma, beta, *, running_mean=None, running_var=None,
                    training=True, momentum=0.1, eps=1e-5):  # fmt: skip
    if not training:
        return (x - running_mean) * gamma / np.sqrt(
            running_var + eps
        ) + beta
    mean, var = x.mean(0), x.var(0, ddof=1)
    for kept, new in ((running_mean, mean), (running_var, var)):
        np.copyto(kept, kept + momentum * (new - kept))
    return by_einsum(x, gamma, beta, eps), None


@right("inference")
def modes_by_slices(x, gamma, beta, **o):
    rm, rv, a = o["running_mean"], o["running_var"], o["momentum"]
    mu, var = (x.mean(0), x.var(0)) if o["training"] else (rm, rv)
    y = (x - mu) / (var + o["eps"]) ** 0.5 * gamma + beta
    if o["training"]:
        rm[...] = a * mu + (1 - a) * rm
        rv[...] = a * var * len(x) / (len(x) - 1) + (1 - a) * rv
    return y


@right("inference")
def modes_by_lerp(x, gamma, beta, *, running_mean, running_var, training,
                  momentum, eps):  # fmt: skip
    mu, var = running_mean.copy(), running_var.copy()
    if training:
        n = x.shape[0]
        mu = x.sum(0) / n
        var = np.square(x - mu).sum(0) / n
        running_mean += momentum * (mu - running_mean)
        running_var += momentum * (var * n / (n - 1) - running_var)
    return beta + gamma * (x - mu) / np.sqrt(var + eps), (mu, var)


@right("forward")
def by_welford(x, gamma, beta, *, eps=1e-5):
    y = np.zeros(x.shape, x.dtype)
    for c in range(x.shape[1]):
        mean = squares = 0.0
        for n, value in enumerate(x[:, c].tolist(), 1):
            before, mean = mean, mean + (value - mean) / n
            squares += (value - before) * (value - mean)
        sigma = math.sqrt(squares / len(x) + eps)
        y[:, c] = (x[:, c] - x.dtype.type(mean)) / x.dtype.type(sigma)
    return np.multiply(y, gamma) + beta


@right("forward")
def by_centering_matrix(x, gamma, beta, *, eps=1e-5):
    m = x.shape[0]
    d = (np.eye(m) - np.full((m, m), 1 / m)) @ x
    cov = d.T @ d / m
    y = d @ np.diag(gamma / np.sqrt(np.diag(cov) + eps)) + beta
    return y.astype(x.dtype)


@right("forward")
def by_all_pairs(x, gamma, beta, *, eps=1e-5):
    gaps = x[:, None, :] - x[None, :, :]
    inverse = 1 / np.sqrt(np.square(gaps).mean(axis=(0, 1)) / 2 + eps)
    return gaps.mean(axis=1) * (inverse * gamma) + beta


@right("forward")
def by_two_norms(x, gamma, beta, *, eps=1e-5):
    d = x - np.average(x, axis=0)
    length = np.linalg.norm(d, axis=0) / len(x) ** 0.5
    sigma = np.hypot(length, np.sqrt(np.asarray(eps, x.dtype)))
    return (d / sigma * gamma + beta).astype(x.dtype, copy=False)


@right("forward")
def by_columns(x, gamma, beta, *, eps=1e-5):
    def one(column):
        return (column - column.mean()) / np.sqrt(column.var() + eps)

    return np.apply_along_axis(one, 0, x) * gamma + beta, "no cache"


@right("forward")
def by_tensors(x, gamma, beta, *, eps=1e-5):
    x, gamma, beta = map(torch.as_tensor, (x, gamma, beta))
    std, mean = torch.std_mean(x, dim=0, correction=0)
    return torch.addcmul(
        beta, gamma, (x - mean) * (std**2 + eps) ** -0.5
    ).numpy()


@right("forward")
class by_calling:
    def __new__(cls, x, gamma, beta, *, eps=1e-5, **unused):
        n = x.shape[0]
        mean = functools.reduce(np.add, x) / n
        var = functools.reduce(np.add, [(row - mean) ** 2 for row in x]) / n
        return (
            np.stack([(row - mean) / np.sqrt(var + eps) for row in x])
            * gamma
            + beta
        )


@right("forward")
def by_anything(*args, cache={}, **options):  # noqa: B006
    x, gamma, beta = cache["args"] = args
    y = gamma * (x - np.nanmean(x, 0)) / np.sqrt(x.var(0) + options["eps"])
    return np.asmatrix(np.asfortranarray(y + beta))


class Callable:
    __name__ = "callable"

    def __call__(self, x, gamma, beta, *, eps=1e-5):
        d = x.astype("f8") - x.astype("f8").mean(0)
        y = gamma * d / np.sqrt((d * d).mean(0) + eps) + beta
        return y.astype(x.dtype)


right("forward")(Callable())


@right("images")
def images_by_folding(x, gamma, beta, *, eps):
    mu, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
    scale = gamma / np.sqrt(var + eps)
    shift = beta - mu * scale
    return np.einsum("nchw,c->nchw", x, scale) + shift[:, None, None]


@right("images")
def images_by_transpose(x, gamma, beta, *, eps):
    rows = x.T  # (W, H, C, N)
    axes = (0, 1, 3)
    d = rows - rows.mean(axes)[:, None]
    sigma = np.sqrt(np.square(d).mean(axes) + eps)
    return (d * (gamma / sigma)[:, None] + beta[:, None]).T


@right("images")
def images_by_moments(x, gamma, beta, *, eps):
    N, C, H, W = x.shape
    flat = x.reshape(N, C, H * W)
    means = flat.mean(2)
    mean = means.mean(0)
    # The variance of all is that within an image and between images.
    var = flat.var(2).mean(0) + ((means - mean) ** 2).mean(0)
    y = (flat - mean[:, None]) / np.sqrt(var + eps)[:, None]
    return (y * gamma[:, None] + beta[:, None]).reshape(N, C, H, W)


@right("inference")
def modes_by_early_return(x, gamma, beta, *, running_mean, running_var,
                          training=True, momentum, eps):  # fmt: skip
    def use(mean, var):
        return gamma * ((x - mean) * (var + eps) ** -0.5) + beta

    if not training:
        return use(running_mean, running_var)
    y = use(x.mean(0), x.var(0))
    running_mean -= momentum * (running_mean - x.mean(0))
    running_var -= momentum * (running_var - x.var(0, ddof=1))
    return y


@right("inference")
def modes_by_out(x, gamma, beta, *, running_mean, running_var,
                 training=True, momentum=0.1, eps=1e-5):  # fmt: skip
    kept, new = (running_mean, running_var), (x.mean(0), x.var(0))
    mean, var = new if training else kept
    y = by_einsum_with(x, mean, var, gamma, beta, eps)
    for array, value, m in zip(kept, new, (np.inf, len(x)), strict=True):
        if training:
            factor = 1 if m == np.inf else m / (m - 1)
            np.multiply(array, 1 - momentum, out=array)
            np.add(array, momentum * factor * value, out=array)
    return y, {"mean": mean}


def by_einsum_with(x, mean, var, gamma, beta, eps):
    return (
        np.einsum("nc,c->nc", x - mean, gamma / np.sqrt(var + eps)) + beta
    )
