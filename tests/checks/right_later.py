"""Right answers on through time and on runaway values; and nearly so.

Written differently; nothing from the catalogue.
"""

import math

import numpy as np
import torch
from register import right
from torch.nn import functional


@right("layer_norm.lstm")
def lstm_by_slices(x, h, c, W_x, W_h, b, gamma_x, gamma_h, gamma_c, beta_c):
    H = h.shape[1]

    def norm(z):
        return (z - z.mean(1)[:, None]) / np.sqrt(z.var(1) + 1e-5)[:, None]

    z = gamma_x * norm(x @ W_x) + gamma_h * norm(h @ W_h) + b
    gate = 0.5 * (1 + np.tanh(0.5 * z[:, : 3 * H]))
    new = gate[:, :H] * c + gate[:, H : 2 * H] * np.tanh(z[:, 3 * H :])
    return gate[:, 2 * H :] * np.tanh(gamma_c * norm(new) + beta_c), new


@right("layer_norm.lstm")
def lstm_by_rows(x, h, c, W_x, W_h, b, gamma_x, gamma_h, gamma_c, beta_c):
    def norm(z, gamma):
        d = z - sum(z) / len(z)
        return gamma * d / math.sqrt(d @ d / len(z) + 1e-5)

    states = []
    for x_n, h_n, c_n in zip(x, h, c, strict=True):
        z = norm(W_x.T @ x_n, gamma_x) + norm(W_h.T @ h_n, gamma_h) + b
        f, i, o, g = z.reshape(4, -1)
        c_n = c_n / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        out = np.tanh(norm(c_n, gamma_c) + beta_c)
        states.append((out / (1 + np.exp(-o)), c_n))
    h, c = map(np.array, zip(*states, strict=True))
    return {"h": h, "c": c}


@right("layer_norm.lstm")
def lstm_by_chunks(*given):
    x, h, c, W_x, W_h, b, *scales = map(torch.tensor, given)
    (a, e, d), beta = scales[:3], scales[3]

    def norm(z, gamma):
        z = z - z.mean(-1, keepdim=True)
        return (
            gamma * z * (z.square().mean(-1, keepdim=True) + 1e-5).rsqrt()
        )

    parts = (norm(x @ W_x, a) + norm(h @ W_h, e) + b).chunk(4, -1)
    f, i, o = (torch.sigmoid(z) for z in parts[:3])
    c = torch.lerp(torch.zeros_like(c), c, f) + i * parts[3].tanh()
    return (o * (norm(c, d) + beta).tanh()).numpy(), c.numpy()


REACH = {("LN", "alone"): 8, ("LN(T, D)", "alone"): 48}
REACH |= {("BN", "alone"): 30, ("BN by step", "alone"): 5}
REACH |= {("none", "LSTM"): 32, ("LN", "LSTM"): 32}
REACH |= {("BN by step", "LSTM"): 160, ("LN", "backwards"): 24}
right("layer_norm.reach")(REACH)
right("layer_norm.reach")({k: np.int64(v) for k, v in REACH.items()})
right("layer_norm.reach")({k: v / 1 for k, v in reversed(REACH.items())})


@right("layer_norm.race")
def race_by_loops(plain, normed, target):
    best = []
    for curves in (plain, normed):
        rates = []
        for rate in curves:
            logs, bound = [], False
            for curve in rate:
                first = [i for i, v in enumerate(curve, 1) if v <= target]
                bound |= not first
                logs.append(math.log((first or [len(curve)])[0]))
            rates.append((sum(logs) / len(logs), bound))
        best.append(min(rates))
    (a, plain_open), (b, normed_open) = best
    factor = math.exp(a - b)
    low = 0 if normed_open else factor
    return low, math.inf if plain_open else factor


@right("layer_norm.race")
def race_by_counting_looks_above(plain, normed, target):
    def quickest(curves):
        above = np.minimum.accumulate(curves, axis=2) > target
        count = np.minimum(above.sum(2) + 1, curves.shape[2])
        rate = np.prod(count / 10, axis=1).argmin()
        return count[rate], above[rate, :, -1].any()

    (a, lost), (b, missed) = quickest(plain), quickest(normed)
    factor = np.prod(a / b) ** (1 / a.size)
    return np.array([0 if missed else factor, np.inf if lost else factor])


@right("layer_norm.race")
def race_by_searching(plain, normed, target):
    ends = []
    for curves in (plain, normed):
        best = None
        for rate in curves:
            low = np.minimum.accumulate(rate, axis=1)
            at = [np.searchsorted(-row, -target) for row in low]
            looks = np.clip(np.array(at) + 1, 1, rate.shape[1])
            mean = np.exp(np.log(looks).mean())
            if best is None or mean < best[0]:
                best = mean, max(at) == rate.shape[1]
        ends.append(best)
    low = high = ends[0][0] / ends[1][0]
    if ends[0][1]:
        high = float("inf")
    if ends[1][1]:
        low = 0
    return [low, high]


@right("layer_norm.q_step")
def q_by_loop(W, f, moves, pays, f_next, ends, discount, rate, decay):
    change = -decay * W
    for i, move in enumerate(moves):
        target = pays[i]
        if not ends[i]:
            target += discount * max(f_next[i] @ W)
        change[:, move] += (target - f[i] @ W[:, move]) * f[i] / len(f)
    return W + rate * change


@right("layer_norm.q_step")
def q_by_add_at(W, f, moves, pays, f_next, ends, discount, rate, decay):
    rows = np.arange(len(f))
    follows = np.where(ends == 1, 0, np.max(f_next @ W, 1))
    e = pays + discount * follows - (f @ W)[rows, moves]
    new = (1 - rate * decay) * W.T
    np.add.at(new, moves, rate * e[:, None] * f / len(f))
    return new.T


@right("layer_norm.q_step")
def q_by_autograd(W, f, moves, pays, f_next, ends, *numbers):
    discount, rate, decay = numbers
    W, f, pays, f_next, ends = map(torch.tensor, (W, f, pays, f_next, ends))
    W.requires_grad_()
    with torch.no_grad():
        target = pays + discount * (1 - ends) * (f_next @ W).amax(1)
    q = (f @ W).gather(1, torch.tensor(moves)[:, None])[:, 0]
    loss = functional.mse_loss(q, target) / 2 + decay / 2 * (W**2).sum()
    (slope,) = torch.autograd.grad(loss, W)
    return (W - rate * slope).detach().numpy()


@right("layer_norm.safe_rate")
def rate_by_sums(f, seen, P, discount, decay):
    D = f.shape[1]
    A = decay * np.eye(D)
    for i, share in enumerate(seen):
        A += share * np.outer(f[i], f[i])
        for j, chance in enumerate(P[i]):
            A -= share * discount * chance * np.outer(f[i], f[j])
    limits = [
        2 * a.real / (a * a.conj()).real for a in np.linalg.eigvals(A)
    ]
    return max(0.0, min(limits))


@right("layer_norm.safe_rate")
def rate_by_bisection(f, seen, P, discount, decay):
    A = (f.T * seen) @ (f - discount * (P @ f)) + decay * np.eye(f.shape[1])

    def shrinks(rate):
        step = np.eye(len(A)) - rate * A
        return abs(np.linalg.eigvals(step)).max() < 1

    low, high = 0.0, 1000.0
    if not shrinks(1e-6):
        return low
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if shrinks(middle) else (low, middle)
    return low


@right("layer_norm.safe_rate")
def rate_by_torch(f, seen, P, discount, decay):
    f, seen, P = map(torch.tensor, (f, seen, P))
    moves = seen[:, None] * (torch.eye(len(f)) - discount * P)
    a = torch.linalg.eigvals(f.T @ moves @ f) + decay
    if a.real.min() < 0:
        return 0
    return np.float64((2 * (1 / a).real).min())


@right("layer_norm.largest")
def value_by_projection(w, b, gamma, beta):
    D = len(w)
    z = (np.eye(D) - 1 / D) @ np.diag(gamma) @ w
    rest = np.dot(w, beta) + b
    bound = D**0.5 * np.linalg.norm(z) + np.abs(rest)
    return bound, z * np.sign(rest)


@right("layer_norm.largest")
def value_by_covariance(w, b, gamma, beta):
    rest, a = b + sum(w * beta), w * gamma
    largest = len(w) * a.std() + (rest if rest > 0 else -rest)
    return float(largest), 5 + (7 * a if rest > 0 else -7 * a)


@right("layer_norm.largest")
def value_by_trying_both(w, b, gamma, beta):
    a = gamma * w - np.mean(gamma * w)
    x_hat = a / a.std()
    rows = [x_hat, -x_hat]
    values = [abs(w @ (gamma * row + beta) + b) for row in rows]
    best = int(np.argmax(values))
    return {"z": rows[best], "largest": values[best]}


def off(f, i=None):
    def near(*args):
        out = f(*args)
        if i is None:
            return out * 1.001
        return tuple(v * 1.001 if j == i else v for j, v in enumerate(out))

    return near


def turned(*args):
    largest, z = value_by_projection(*args)
    return largest, z + 0.05 * abs(z).max() * np.eye(len(z))[0]


OFF = {
    "layer_norm.lstm": [off(lstm_by_slices, i) for i in (0, 1)],
    "layer_norm.reach": [REACH | {("BN", "alone"): 30.03}],
    "layer_norm.race": [off(race_by_searching, i) for i in (0, 1)],
    "layer_norm.q_step": [off(q_by_loop)],
    "layer_norm.safe_rate": [off(rate_by_bisection)],
    "layer_norm.largest": [off(value_by_projection, 0), turned],
}
