"""Right answers on outliers, written differently; nearly so.

Nothing from the catalogue.
"""

import math

import numpy as np
import torch
from register import right


@right("layer_norm.balance")
def balanced_by_loops(gamma, beta, W_q, W_k, W_v, y):
    gamma, beta = gamma.copy(), beta.copy()
    maps = [W.copy() for W in (W_q, W_k, W_v)]
    for j in range(len(gamma)):
        loud = max(abs(token[j]) for token in y)
        read = max(abs(row[j]) for W in maps for row in W)
        if loud == 0:
            continue
        gamma[j] *= math.sqrt(read / loud)
        beta[j] *= math.sqrt(read / loud)
        for W in maps:
            W[:, j] *= math.sqrt(loud / read)
    return gamma, beta, *maps


@right("layer_norm.balance")
def balanced_by_stacking(gamma, beta, W_q, W_k, W_v, y):
    W = np.vstack([W_q, W_k, W_v])
    sizes = np.abs(W).max(0), np.abs(y).max(0)
    t = np.divide(*sizes).clip(1e-5, 1e5) ** 0.5
    parts = np.split(W / t, np.cumsum([len(W_q), len(W_k)]))
    both = dict(zip(("gamma", "beta"), t * [gamma, beta], strict=True))
    return both | dict(zip(("W_q", "W_k", "W_v"), parts, strict=True))


@right("layer_norm.balance")
def balanced_by_torch(*given):
    gamma, beta, *maps, y = map(torch.tensor, given)
    half = torch.cat(maps).abs().amax(0).log() - y.abs().amax(0).log()
    t = (half / 2).exp()
    t[~half.isfinite()] = 1.0
    new = [gamma * t, beta * t, *(W @ torch.diag(1 / t) for W in maps)]
    return [array.numpy() for array in new]


@right("layer_norm.steps")
def steps_by_loops(y, W, b):
    def whole(row):
        step = max(max(row), -min(row)) / 127 or 1e-9
        return step, [round(v / step) for v in row]

    of_y, of_W = [*map(whole, y)], [*map(whole, W)]
    sums = np.array([
        [sum(map(int.__mul__, tokens, row)) for _, row in of_W]
        for _, tokens in of_y
    ])  # fmt: skip
    out = np.zeros(sums.shape)
    for t, (m, _) in enumerate(of_y):
        for i, (n, _) in enumerate(of_W):
            out[t, i] = m * n * sums[t, i] + b[i]
    return {
        "y_step": np.array([m for m, _ in of_y]),
        "W_step": np.array([n for n, _ in of_W]),
        "y8": np.array([whole for _, whole in of_y], np.int8),
        "W8": np.array([whole for _, whole in of_W], np.int8),
        "sums": sums, "out": out,
    }  # fmt: skip


@right("layer_norm.steps")
def steps_by_einsum(y, W, b):
    m = np.linalg.norm(y, np.inf, axis=1, keepdims=True) / 127
    n = np.linalg.norm(W, np.inf, axis=1, keepdims=True) / 127
    y8 = np.floor(y / np.maximum(m, 1e-30) + 0.5).astype("i1")
    W8 = np.floor(W / n + 0.5).astype("i1")
    sums = np.einsum("td,od->to", y8, W8, dtype=np.int64)
    out = np.einsum("to,t,o->to", sums, m[:, 0], n[:, 0]) + b
    return np.where(m, m, 1), n, y8, W8, sums, out


@right("layer_norm.steps")
def steps_by_torch(*given):
    y, W, b = map(torch.tensor, given)

    def whole(x):
        step = x.abs().amax(-1).clamp(min=1e-12) / 127
        return step, (x / step.unsqueeze(-1)).round().to(torch.int8)

    (m, y8), (n, W8) = whole(y), whole(W)
    sums = y8.double() @ W8.double().T
    out = torch.outer(m, n) * sums + b
    return [array.numpy() for array in (m, n, y8, W8, sums, out)]


@right("layer_norm.cause")
def by_whose_is_the_largest(y, columns):
    largest = np.abs(y).argmax(1)
    feature = np.bincount(largest).argmax()
    tops = np.abs(y).max(1)
    rest = np.delete(np.abs(y), feature, 1).max(1)
    if (
        np.mean(largest == feature) > 0.4
        and np.mean(tops > 1.5 * rest) > 0.4
    ):
        return "loud feature"
    if tops.max() > 3.5 * sorted(tops)[len(tops) // 2]:
        return "loud token"
    columns = np.sort(columns)
    return "loud column" if columns[-1] > 3 * columns[-2] else "none"


@right("layer_norm.cause")
def by_quarters(y, columns):
    def odd(sizes, factor):
        return max(sizes) > factor * np.quantile(sizes, 0.75)

    if odd(np.quantile(abs(y), 0.6, axis=0), 4):
        return "loud feature"
    if odd(np.linalg.norm(y, np.inf, axis=1), 3):
        return "loud token"
    return "loud column" if odd(columns, 4) else "none"


@right("layer_norm.cause")
def by_logarithms(y, columns):
    logs = np.log(np.abs(y) + 1e-12 * np.abs(y).max())
    of_features = logs.mean(0)
    if of_features.max() - np.median(of_features) > math.log(4.5):
        return "loud feature"
    of_tokens = logs.max(1)
    if np.ptp(of_tokens) > math.log(4):
        return "loud token"
    far = np.log(columns).max() - np.log(columns).mean()
    return "loud column" if far > 1.5 else "none"


def off(f, i):
    def near(*args):
        out = f(*args)
        if isinstance(out, dict):
            return out | {i: out[i] * 1.001}
        return tuple(v * 1.001 if j == i else v for j, v in enumerate(out))

    return near


OFF = {
    "layer_norm.balance": [off(balanced_by_loops, i) for i in range(5)],
    "layer_norm.steps": [
        off(steps_by_loops, n) for n in ("y_step", "W_step", "sums", "out")
    ],
    "layer_norm.cause": [lambda y, columns: "none"],
}
