"""Right answers on LayerNorm, written differently, and some nearly so."""

import math
from itertools import product

import numpy as np
import torch
from register import right
from scipy import stats


@right("layer_norm.trailing")
def by_flat_rows(x, shape, gamma, beta, *, eps=1e-5):
    rows = x.reshape(-1, math.prod(shape))
    d = rows - rows.mean(1)[:, None]
    y = d / np.sqrt(np.vecdot(d, d)[:, None] / d.shape[1] + eps)
    y = (y * gamma.ravel() + beta.ravel()).reshape(x.shape)
    return y.astype(x.dtype)


@right("layer_norm.trailing")
def set_by_set(x, shape, gamma, beta, eps):
    y = np.empty_like(x)
    for i in np.ndindex(x.shape[: x.ndim - len(shape)]):
        values = x[i]
        deviation = (np.var(values) + eps) ** 0.5
        y[i] = (values - np.mean(values)) / deviation * gamma + beta
    return y, None


@right("layer_norm.trailing")
def with_negative_axes(x, shape, gamma, beta, *, eps=1e-5):
    x, gamma, beta = map(torch.tensor, (x, gamma, beta))
    axes = [-1 - k for k in range(len(shape))]
    mean = x.mean(axes, keepdim=True)
    var = x.var(axes, keepdim=True, correction=0)
    return (beta + gamma * (x - mean) * (var + eps).rsqrt()).numpy()


@right("layer_norm.shards")
def one_after_another(n, mean, var):
    total, mu, squares = 0, 0 * mean[0], 0 * var[0]
    for count, m, v in zip(n.tolist(), mean, var, strict=True):
        step = m - mu
        squares = squares + count * v
        squares = squares + step**2 * total * count / (total + count)
        total += count
        mu = mu + step * count / total
    return mu, squares / total


@right("layer_norm.shards")
def by_moments(n, mean, var):
    total = np.sum(n)
    first = np.einsum("k,kn->n", n, mean) / total
    second = np.einsum("k,kn->n", n, var + mean**2) / total
    return {"mu": first, "var": second - first**2}


@right("layer_norm.shards")
def by_average(n, mean, var):
    mu = np.average(mean, axis=0, weights=n)
    off = var + np.square(mean - mu[None])
    return [mu, np.average(off, axis=0, weights=n)]


@right("layer_norm.alone")
def by_nan(norm, x):
    y = {}
    for mode in (True, False):
        norm.train(mode)
        y[mode] = norm(x)[0]
        lost = np.vstack([x[:1], np.full_like(x[1:], np.nan)])
        if np.isnan(norm(lost)[0]).any():
            return True
        if abs(norm(x[:1])[0] - y[mode]).max() > 1e-5:
            return True
    return False


@right("layer_norm.alone")
def by_many_batches(norm, x):
    rng = np.random.default_rng(3)
    felt = []
    for mode, size in product(("train", "eval"), (2, 8, 20)):
        getattr(norm, mode)()
        mates = rng.normal(size=(size - 1, x.shape[1])) * 100
        first = norm(np.vstack([x[0], mates]))[0]
        felt.append(np.abs(first - norm(x)[0]).max() > 1e-4)
    return any(felt)


@right("layer_norm.alone")
def by_doubling(norm, x):
    for mode in (norm.eval, norm.train):
        mode()
        more = np.concatenate([x, 50 + 7 * x])
        other = np.concatenate([x[:1], 50 + 7 * x[1:]])
        outs = [norm(z)[0] for z in (x, more, other)]
        if np.ptp(outs, axis=0).max() > 1e-4:
            return np.True_
    return np.False_


@right("layer_norm.no_mean")
def by_projection(state):
    def off(v, axis):
        D = v.shape[axis]
        P = np.eye(D) - np.ones((D, D)) / D
        return P @ v if axis == 0 else v @ P

    new = {k: v.copy() for k, v in state.items()}
    new["output.weight"] = state["byte"].copy()
    new["output.bias"] = np.einsum(
        "vd,d->v", state["byte"], state["last.bias"]
    )
    for k in (0, 1):
        up, beta = state[f"{k}.up.weight"], state[f"{k}.norm.bias"]
        new[f"{k}.up.bias"] += np.einsum("hd,d->h", up, beta)
        for name in (f"{k}.down.weight", f"{k}.down.bias"):
            new[name] = off(state[name], 0)
    new["byte"] = off(state["byte"], 1)
    return new | {"place": off(state["place"], 1)}


@right("layer_norm.no_mean")
def by_names(state):
    new = {}
    for name, v in state.items():
        if name in ("byte", "place"):
            v = (v.T - v.T.mean(0)).T
        elif ".down." in name:
            v = v - v.mean(0)
        elif name.endswith("up.bias"):
            k = name.split(".")[0]
            v = v + state[k + ".up.weight"].dot(state[k + ".norm.bias"])
        if not name.endswith("norm.bias") and name != "last.bias":
            new[name] = v
    new["output.weight"] = state["byte"]
    new["output.bias"] = (state["byte"] * state["last.bias"]).sum(1)
    return new


@right("layer_norm.no_mean")
def gamma_folded_too(state):
    new = by_names(state)
    for k in ("0", "1"):
        new[f"{k}.up.weight"] = (
            state[f"{k}.up.weight"] * state[f"{k}.norm.weight"]
        )
        new[f"{k}.norm.weight"] = np.ones_like(state[f"{k}.norm.weight"])
    new["output.weight"] = state["byte"] * state["last.weight"]
    return new | {"last.weight": np.ones_like(state["last.weight"])}


BEFORE, BEHIND = "LayerNorm before", "LayerNorm behind"
MEANS = {
    (BEFORE, "bytes", "plain"): "stays",
    (BEFORE, "W2", "plain"): "stays",
    (BEFORE, "b1", "plain"): "moves",
    (BEFORE, "b2", "momentum"): "stays",
    (BEFORE, "b2", "clipped"): "stays",
    (BEFORE, "b2", "decay"): "shrinks",
    (BEFORE, "b2", "Adam"): "moves",
    (BEHIND, "bytes", "plain"): "moves",
    (BEHIND, "b2", "plain"): "stays",
    ("RMSNorm before", "b2", "plain"): "moves",
    ("LayerNorm before, tied", "bytes", "plain"): "moves",
}
right("layer_norm.drift")(MEANS)
right("layer_norm.drift")(MEANS | {"more": 1})
right("layer_norm.drift")(dict(reversed(MEANS.items())))


def at_best(bits):
    val, test = bits
    rates = [sum(row) / len(row) for row in val.tolist()]
    return test[rates.index(min(rates))]


@right("layer_norm.decide")
def by_stats(layer, rms, margin):
    a, b = at_best(layer), at_best(rms)
    ends = stats.ttest_rel(b, a).confidence_interval(0.95)
    low, high = (100 * end / np.mean(a) for end in (ends.low, ends.high))
    if low > margin:
        return low, high, "worse"
    return low, high, "open" if high >= margin else "as good"


@right("layer_norm.decide")
def by_loops(layer, rms, margin):
    pairs = list(zip(at_best(layer), at_best(rms), strict=True))
    n, base = len(pairs), sum(a for a, _ in pairs) / len(pairs)
    more = [(b - a) / base * 100 for a, b in pairs]
    mean = sum(more) / n
    s2 = sum((v - mean) ** 2 for v in more) / (n - 1)
    width = stats.t(n - 1).isf(0.025) * math.sqrt(s2 / n)
    verdicts = ("as good", "open", "worse")
    ends = (mean - width, mean + width)
    return [*ends, verdicts[sum(end > margin for end in ends)]]


@right("layer_norm.decide")
def by_interval(layer, rms, margin):
    a, b = at_best(layer), at_best(rms)
    d = (b / a.mean() - a / a.mean()) * 100
    low, high = stats.t.interval(0.95, d.size - 1, d.mean(), stats.sem(d))
    verdict = "open" if low <= margin <= high else "worse"
    return low, high, "as good" if high < margin else verdict


def off(f, i=None, by=1.001):
    def near(*args, **options):
        out = f(*args, **options)
        if isinstance(out, dict):
            return out | {i: out[i] * by}
        if isinstance(out, tuple | list):
            return tuple(v * by if j == i else v for j, v in enumerate(out))
        return (out * by).astype(out.dtype)

    return near


OFF = {
    "layer_norm.trailing": [off(by_flat_rows)],
    "layer_norm.shards": [off(one_after_another, i) for i in (0, 1)]
    + [off(by_moments, "var")],
    "layer_norm.alone": [
        lambda norm, x: not np.allclose(norm(3 * x), norm(x))
    ],
    "layer_norm.no_mean": [
        off(by_names, name)
        for name in ("byte", "place", "1.down.weight", "output.bias")
    ],
    "layer_norm.drift": [MEANS | {(BEFORE, "W2", "plain"): "shrinks"}],
    "layer_norm.decide": [off(by_stats, i) for i in (0, 1)],
}
