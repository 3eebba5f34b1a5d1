"""Right answers on RMSNorm, written differently, and some nearly so."""

import math

import numpy as np
import torch
from register import right


@right("rms_norm.backward")
def by_loops(dy, x, gamma, *, eps=1e-6):
    dx, dgamma = np.zeros_like(x), np.zeros_like(gamma)
    for i, row in enumerate(x):
        m = len(row)
        r = math.sqrt(sum(v * v for v in row) / m + eps)
        dgamma += dy[i] * row / r
        inner = sum(dy[i] * gamma * row)
        dx[i] = dy[i] * gamma / r - row * inner / (m * r**3)
    return dx, dgamma


@right("rms_norm.backward")
def by_matrix(dy, x, gamma, eps):
    m, out = x.shape[1], []
    s = (np.vecdot(x, x) / m + eps) ** -0.5
    h = x * s[:, None]
    for i in range(len(x)):
        P = np.eye(m) - np.outer(h[i], h[i]) / m
        out.append(s[i] * P @ (gamma * dy[i]))
    return {"dgamma": np.einsum("nm,nm->m", dy, h), "dx": np.array(out)}


@right("rms_norm.backward")
def by_autograd(dy, x, gamma, *, eps=1e-6):
    dy, x, gamma = map(torch.tensor, (dy, x, gamma))
    x.requires_grad_(), gamma.requires_grad_()
    y = gamma * x * (x.square().mean(-1, keepdim=True) + eps).rsqrt()
    return tuple(g.numpy() for g in torch.autograd.grad(y, (x, gamma), dy))


@right("rms_norm.partial")
def by_norm(x, gamma, p, *, eps=1e-6):
    k = int(np.ceil(x.shape[1] * p))
    length = np.linalg.norm(x[:, :k], axis=1)
    return x * gamma / np.sqrt(length**2 / k + eps)[:, None]


@right("rms_norm.partial")
def by_rows(x, gamma, p, *, eps=1e-6):
    k = -int(-x.shape[1] * p // 1)
    rows = [v / (np.dot(v[:k], v[:k]) / k + eps) ** 0.5 for v in x]
    return np.stack(rows).astype(x.dtype) * gamma, k


@right("rms_norm.partial")
def by_mask(x, gamma, p, *, eps=1e-6):
    m = x.shape[1]
    mask = np.arange(m) < math.ceil(p * m)
    mean = (x**2 * mask).sum(1, keepdims=True) / mask.sum()
    return (gamma * x / np.sqrt(mean + eps)).astype(x.dtype)


@right("rms_norm.fold")
def by_centring_matrix(W, b, gamma, beta, V, c):
    C = np.eye(len(b)) - 1 / len(b)
    return W @ C, C @ b, gamma, V, beta @ V + c


@right("rms_norm.fold")
def by_loop_over_inputs(W, b, gamma, beta, V, c):
    new = np.array([row - row.mean() for row in W])
    shift = c + np.einsum("m,mk->k", beta, V)
    return {
        "W": new,
        "b": b - np.mean(b),
        "gamma": gamma,
        "V": V,
        "c": shift,
    }


@right("rms_norm.fold")
def gamma_into_v(W, b, gamma, beta, V, c):
    W = W - W.sum(1, keepdims=True) / W.shape[1]
    ones = np.ones_like(gamma)
    return W, b - b.mean(), ones, gamma[:, None] * V, c + V.T @ beta


@right("rms_norm.half")
def in_double(x, gamma, *, eps=1e-6):
    h = x.astype(float)
    h /= np.sqrt(np.square(h).mean(-1, keepdims=True) + eps)
    return (gamma * h).astype(x.dtype)


@right("rms_norm.half")
def by_rsqrt(x, gamma, *, eps=1e-6):
    h = torch.tensor(x).float()
    s = torch.rsqrt(h.pow(2).sum(-1, keepdim=True) / h.shape[1] + eps)
    return (h * s * torch.tensor(gamma).float()).half().numpy()


@right("rms_norm.half")
def by_fixed_scale(x, gamma, *, eps=1e-6):
    h, g = np.float32(x) / 1024, np.float32(gamma)
    mean = np.einsum("nm,nm->n", h, h) / np.float32(x.shape[1])
    r = (mean + np.float32(eps / 1024**2)) ** np.float32(0.5)
    return np.float16(h * (g / r[:, None])), r


@right("rms_norm.window")
def by_counting(D, eps):
    eps = eps if eps > 2**-25 else 0.0
    fits = [k for k in range(-20, 20) if 4.0**k * D < 65520]
    alive = [k for k in fits if 4.0**k >= 2**-24]
    near = [k for k in alive if 2.0**k / (4.0**k + eps) ** 0.5 >= 0.9]
    return min(near), max(near)


@right("rms_norm.window")
def by_logarithms(D, eps):
    top = (16 - 1e-9 - math.log(D, 2)) // 2
    low = -12.0
    if eps > 3e-8:
        low = max(low, math.ceil(0.5 * math.log2(eps / (0.9**-2 - 1))))
    return np.float64(low), top


@right("rms_norm.window")
def by_while(D, eps):
    k = 0
    while 4.0 ** (k + 1) * D <= 65504:
        k += 1
    while 4.0**k * D > 65504:
        k -= 1
    eps, low = float(np.float16(eps)), -12
    while 1 / (1 + eps / 4.0**low) ** 0.5 < 0.9:
        low += 1
    return low, k


@right("rms_norm.probe")
def drawn():
    rng = np.random.default_rng(0)
    x = 1 + rng.normal(size=(6, 7))
    x *= np.array([[1e3], [1], [0.1], [10], [1e-3], [100]])
    return x.astype(np.float16), rng.normal(size=7), 1e-5


@right("rms_norm.probe")
def with_lists():
    return [[1000, 1, 2], [1, 2, 3]], [2, -3, 0.5], 4


@right("rms_norm.probe")
def with_a_row_of_zeros():
    x = np.array([[0, 0, 0, 0], [500, 0, 0, 1], [0.01, 0.02, 0.03, 0.04]])
    x = np.float16(x).astype(np.float32)
    return x, np.array([1, 2, 3, 4]), np.array(1e-4)


@right("rms_norm.to_gamma")
def by_names(state):
    norms = ["layers.0.pre_norm", "layers.0.q_norm", "final_norm"]
    new = dict(state)
    for name in norms:
        w = np.float32(state[f"{name}.weight"])
        new[f"{name}.weight"] = w + np.float32(1)
    return new


@right("rms_norm.to_gamma")
def by_comprehension(state):
    def stores_w(name):
        return name[-11:] == "norm.weight" and "vision" not in name

    return {
        k: np.add(v, 1, dtype=np.float32) if stores_w(k) else v.copy()
        for k, v in state.items()
    }


@right("rms_norm.to_gamma")
def by_update(state):
    text = {k for k in state if not k.startswith("vision")}
    wide = {
        k: state[k].astype("f4") for k in text if k.endswith("norm.weight")
    }
    return state | {k: np.ones_like(v) + v for k, v in wide.items()}


def off(f, i=None, by=1.001):
    def near(*args, **options):
        out = f(*args, **options)
        if isinstance(out, dict):
            return out | {i: (out[i] * by).astype(out[i].dtype)}
        if isinstance(out, tuple):
            return tuple(v * by if j == i else v for j, v in enumerate(out))
        return (out * by).astype(out.dtype)

    return near


def usual():
    x = np.random.default_rng(0).normal(size=(4, 8))
    return np.float16(x), np.ones(8), 1e-6


OFF = {
    "rms_norm.backward": [off(by_loops, i) for i in (0, 1)],
    "rms_norm.partial": [off(by_mask)],
    "rms_norm.fold": [off(by_centring_matrix, i) for i in range(5)],
    "rms_norm.half": [off(in_double)],
    "rms_norm.window": [off(by_counting, i) for i in (0, 1)],
    "rms_norm.probe": [usual],
    "rms_norm.to_gamma": [off(by_names, "final_norm.weight")],
}
