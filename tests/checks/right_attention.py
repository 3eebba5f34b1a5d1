"""Right answers on attention's own norm, written differently; nearly so.

Nothing from the catalogue.
"""

import math

import numpy as np
import torch
from register import right


@right("layer_norm.heads")
def heads_by_loops(q, k, v, gamma_q, gamma_k, angles, eps):
    H, T, d = q.shape

    def ready(x, gamma, t):
        y = gamma * x / math.sqrt(x @ x / d + eps)
        for i, angle in enumerate(angles[t]):
            c, s = math.cos(angle), math.sin(angle)
            pair = slice(2 * i, 2 * i + 2)
            y[pair] = np.array([[c, -s], [s, c]]) @ y[pair]
        return y

    queries, keys, y = np.empty((3, H, T, d))
    scores = np.full((H, T, T), -np.inf)
    shares = np.zeros((H, T, T))
    for h in range(H):
        for t in range(T):
            queries[h, t] = ready(q[h, t], gamma_q, t)
            keys[h, t] = ready(k[h, t], gamma_k, t)
            for j in range(t + 1):
                scores[h, t, j] = queries[h, t] @ keys[h, j] / d**0.5
            e = np.exp(scores[h, t] - max(scores[h, t]))
            shares[h, t] = e / sum(e)
            y[h, t] = shares[h, t] @ v[h]
    return queries, keys, scores, shares, y


@right("layer_norm.heads")
def heads_as_complex_numbers(q, k, v, gamma_q, gamma_k, angles, eps):
    def ready(x, gamma):
        mean = np.vecdot(x, x) / x.shape[2]
        x = x * (mean + eps)[..., None] ** -0.5 * gamma
        turned = x.copy().view(complex) * np.exp(1j * angles)
        return turned.view(float)

    queries, keys = ready(q, gamma_q), ready(k, gamma_k)
    scores = np.einsum("hid,hjd->hij", queries / q.shape[2] ** 0.5, keys)
    hidden = np.triu(np.ones(scores.shape[1:], bool), 1)
    e = np.exp(np.where(hidden, -1e30, scores))
    shares = e / e.sum(-1)[..., None]
    y = np.einsum("hij,hjd->hid", shares, v)
    return dict(
        y=y, shares=shares, scores=scores, keys=keys, queries=queries
    )


@right("layer_norm.heads")
def heads_by_torch(*given):
    *given, eps = given
    q, k, v, gamma_q, gamma_k, angles = map(torch.tensor, given)

    def ready(x, gamma):
        c = angles.cos().repeat_interleave(2, -1)
        s = angles.sin().repeat_interleave(2, -1)
        x = gamma * x * (x.square().mean(-1, True) + eps).rsqrt()
        other = torch.stack([-x[..., 1::2], x[..., ::2]], -1).flatten(-2)
        return x * c + other * s

    queries, keys = ready(q, gamma_q), ready(k, gamma_k)
    scores = queries @ keys.mT / math.sqrt(q.shape[-1])
    T = q.shape[1]
    scores = scores + torch.full((T, T), -math.inf).triu(1)
    shares = scores.softmax(-1)
    return [a.numpy() for a in (queries, keys, scores, shares, shares @ v)]


@right("layer_norm.clip")
def clip_by_loops(W_q, W_k, W_r, W_s, x, tau):
    W_q, W_k, W_r = W_q.copy(), W_k.copy(), W_r.copy()
    root = math.sqrt(W_q.shape[-1] + W_r.shape[-1])
    for h in range(len(W_q)):
        worst = 0
        for i in range(len(x)):
            query = np.concatenate([x[i] @ W_q[h], x[i] @ W_r[h]])
            for j in range(i + 1):
                key = np.concatenate([x[j] @ W_k[h], x[j] @ W_s])
                worst = max(worst, abs(query @ key) / root)
        if worst > tau:
            W_q[h] *= math.sqrt(tau / worst)
            W_k[h] *= math.sqrt(tau / worst)
            W_r[h] *= tau / worst
    return W_q, W_k, W_r, W_s


@right("layer_norm.clip")
def clip_by_einsum(W_q, W_k, W_r, W_s, x, tau):
    heads = [W_s] * len(W_q)
    left, right_ = np.dstack([W_q, W_r]), np.dstack([W_k, heads])
    S = np.einsum("ia,han,hbn,jb->hij", x, left, right_, x)
    S = S / left.shape[2] ** 0.5
    low = np.tril_indices(len(x))
    worst = np.array([np.max(np.abs(s[low])) for s in S])
    f = np.where(worst > tau, tau / worst, 1)
    cut = f[:, None, None]
    return {
        "W_s": W_s.copy(), "W_r": cut * W_r,
        "W_q": cut**0.5 * W_q, "W_k": cut**0.5 * W_k,
    }  # fmt: skip


@right("layer_norm.clip")
def clip_by_torch(*given):
    *given, tau = given
    W_q, W_k, W_r, W_s, x = map(torch.tensor, given)
    S = (x @ W_q) @ (x @ W_k).mT + (x @ W_r) @ (x @ W_s).mT
    hidden = torch.ones(S.shape[1:]).triu(1).bool()
    S = (S / math.sqrt(W_q.size(2) + W_r.size(2))).masked_fill(hidden, 0)
    over = (S.abs().flatten(1).amax(1) / tau).clamp(min=1)[:, None, None]
    root = over.rsqrt()
    new = W_q * root, W_k * root, W_r / over, W_s
    return [W.numpy() for W in new]


@right("layer_norm.to_query")
def back_by_jacobians(dp, p, S, k, q, c):
    N, d = q.shape
    found = {n: [] for n in ("dcapped", "dS", "dq_hat", "dq")}
    for n in range(N):
        r = math.sqrt(q[n] @ q[n] / d)
        q_hat = q[n] / r
        softmax = np.diag(p[n]) - np.outer(p[n], p[n])
        cap = np.diag(1 / np.cosh(S[n] / c) ** 2)
        norm = (np.eye(d) - np.outer(q_hat, q_hat) / d) / r
        g = dp[n]
        for name, J in zip(
            found, (softmax, cap, k / d**0.5, norm), strict=True
        ):
            g = J.T @ g
            found[name].append(g)
    return {name: np.array(rows) for name, rows in found.items()}


@right("layer_norm.to_query")
def back_by_sums(dp, p, S, k, q, c):
    weighted = dp * p
    dcapped = weighted - p * weighted.sum(1)[:, None]
    t = np.tanh(S / c)
    dS = dcapped * (1 - t) * (1 + t)
    dq_hat = np.einsum("nt,td->nd", dS, k) / math.sqrt(k.shape[1])
    squares = np.vecdot(q, q)[:, None]
    off = dq_hat - q * np.vecdot(dq_hat, q)[:, None] / squares
    return dcapped, dS, dq_hat, off * (q.shape[1] / squares) ** 0.5


@right("layer_norm.to_query")
def back_by_autograd(*given):
    dp, _, _, k, q = map(torch.tensor, given[:5])
    c = given[5]
    q.requires_grad_()
    q_hat = q / q.square().mean(1, keepdim=True).sqrt()
    S = q_hat @ k.T / math.sqrt(q.shape[1])
    capped = c * torch.tanh(S / c)
    p = torch.softmax(capped, 1)
    loss = (p * dp).sum()
    grads = torch.autograd.grad(loss, (capped, S, q_hat, q))
    names = ("dcapped", "dS", "dq_hat", "dq")
    return {n: g.numpy() for n, g in zip(names, grads, strict=True)}


def off(f, i):
    def near(*args):
        out = f(*args)
        if isinstance(out, dict):
            return out | {i: out[i] * 1.001}
        return tuple(v * 1.001 if j == i else v for j, v in enumerate(out))

    return near


STAGES = ("queries", "keys", "scores", "shares", "y")
BACK = ("dcapped", "dS", "dq_hat", "dq")
OFF = {
    "layer_norm.heads": [off(heads_as_complex_numbers, n) for n in STAGES],
    "layer_norm.clip": [off(clip_by_loops, i) for i in range(4)],
    "layer_norm.to_query": [off(back_by_jacobians, n) for n in BACK],
}
