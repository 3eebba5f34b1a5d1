"""Wrong answers to the exercises of right_later; none of the catalogue."""

import numpy as np
import right_later as later
import torch
from register import wrong
from right_later import REACH


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def norm(z, axis=-1):
    d = z - z.mean(axis, keepdims=True)
    return d / np.sqrt((d * d).mean(axis, keepdims=True) + 1e-5)


@wrong("layer_norm.lstm", "borrowed")
def lstm_of_torch_norms(x, h, c, W_x, W_h, b, g_x, g_h, g_c, beta):
    given = map(torch.tensor, (x @ W_x, h @ W_h, c, b, g_x, g_h, g_c, beta))
    x, h, c, b, g_x, g_h, g_c, beta = given
    layer = torch.nn.functional.layer_norm
    z = layer(x, g_x.shape, g_x) + layer(h, g_h.shape, g_h) + b
    f, i, o, g = z.chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * layer(c, g_c.shape, g_c, beta).tanh(), c


@wrong("layer_norm.lstm", "order-of-torch")
def lstm_as_in_torch(x, h, c, W_x, W_h, b, g_x, g_h, g_c, beta):
    z = (g_x * norm(x @ W_x) + g_h * norm(h @ W_h) + b).reshape(
        len(x), 4, -1
    )
    i, f, o = (sigmoid(z[:, k]) for k in (0, 1, 3))
    c = f * c + i * np.tanh(z[:, 2])
    return o * np.tanh(g_c * norm(c) + beta), c


@wrong("layer_norm.lstm", "memory-normed")
def lstm_with_a_normed_memory(x, h, c, W_x, W_h, b, g_x, g_h, g_c, beta):
    z = g_x * norm(x @ W_x) + g_h * norm(h @ W_h) + b
    f, i, o, g = np.hsplit(z, 4)
    c = g_c * norm(sigmoid(f) * c + sigmoid(i) * np.tanh(g)) + beta
    return sigmoid(o) * np.tanh(c), c


@wrong("layer_norm.lstm", "bias-before-the-norm")
def lstm_as_linear_then_norm(x, h, c, W_x, W_h, b, g_x, g_h, g_c, beta):
    z = g_x * norm(np.dot(x, W_x) + b) + g_h * norm(np.dot(h, W_h))
    f, i, o, g = np.hsplit(z, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(g_c * norm(c) + beta), c


@wrong("layer_norm.lstm", "gates-apart")
def lstm_norm_for_each_gate(x, h, c, W_x, W_h, b, g_x, g_h, g_c, beta):
    def each(z):
        return norm(z.reshape(len(z), 4, -1)).reshape(z.shape)

    z = g_x * each(x @ W_x) + g_h * each(h @ W_h) + b
    f, i, o, g = np.hsplit(z, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(g_c * norm(c) + beta), c


@wrong("layer_norm.lstm", "cell-not-normed", "candidate-not-squashed")
def lstm_twice_wrong(x, h, c, W_x, W_h, b, g_x, g_h, g_c, beta):
    z = g_x * norm(x @ W_x) + g_h * norm(h @ W_h) + b
    f, i, o, g = np.hsplit(z, 4)
    c = sigmoid(f) * c + sigmoid(i) * g
    return sigmoid(o) * np.tanh(c), c


@wrong("layer_norm.lstm")
def lstm_over_the_batch(x, h, c, W_x, W_h, b, g_x, g_h, g_c, beta):
    z = g_x * norm(x @ W_x, 0) + g_h * norm(h @ W_h, 0) + b
    f, i, o, g = np.hsplit(z, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(g_c * norm(c, 0) + beta), c


@wrong("layer_norm.lstm", "order-swapped")
def lstm_returned_the_wrong_way(*given):
    h, c = later.lstm_by_slices(*given)
    return c, h


LSTMS = [k for k in REACH if k[1] == "LSTM"]
for name, entries in (
    ("state-forgotten", {k: REACH[k] // 4 for k in LSTMS}),
    ("every-step", {k: REACH[k] * 6 // 4 for k in LSTMS}),
    ("own-step-left-out", {k: REACH[k] * 3 // 4 for k in LSTMS}),
    ("direction-ignored", {("LN", "backwards"): 32}),
    ("backwards-without-its-own", {("LN", "backwards"): 16}),
    (
        "mates-forgotten",
        {
            ("BN", "alone"): 6,
            ("BN by step", "alone"): 1,
            ("BN by step", "LSTM"): 32,
        },
    ),
    ("mates-forgotten", {("BN by step", "LSTM"): 32}),
    ("bn-over-features", {("BN", "alone"): 240}),
    ("by-step-over-time", {("BN by step", "alone"): 30}),
    ("ln-moves-itself", {("LN", "alone"): 1}),
    ("sequence-as-token", {("LN(T, D)", "alone"): 8}),
    ("", {("BN by step", "LSTM"): 64}),
    ("mates-moved-too", {("LN", "alone"): 40, ("LN(T, D)", "alone"): 240}),
):
    wrong("layer_norm.reach", *name.split())(REACH | entries)


def geometric(looks):
    return 10 ** np.mean(np.log10(looks), axis=1)


@wrong("layer_norm.race", "never-is-the-first")
def race_by_argmax_alone(plain, normed, target):
    looks = [(v <= target).argmax(2) + 1 for v in (plain, normed)]
    rates = [geometric(n).argmin() for n in looks]
    lost, missed = (
        (v[rate].min(1) > target).any()
        for v, rate in zip((plain, normed), rates, strict=True)
    )
    factor = geometric(looks[0]).min() / geometric(looks[1]).min()
    return (0 if missed else factor), (np.inf if lost else factor)


@wrong("layer_norm.race", "bound-kept-closed")
def race_with_a_floor_alone(plain, normed, target):
    low, high = later.race_by_loops(plain, normed, target)
    if np.isfinite(high):
        return low, high
    took = []
    for v in (plain, normed):
        at = np.where((v <= target).any(2), (v <= target).argmax(2) + 1, 40)
        took.append(geometric(at).min())
    return low, took[0] / took[1]


@wrong("layer_norm.race", "bound-kept-closed")
def race_without_censoring(plain, normed, target):
    took = []
    for v in (plain, normed):
        at = np.where((v <= target).any(2), (v <= target).argmax(2) + 1, 40)
        took.append(geometric(at).min())
    return took[0] / took[1], took[0] / took[1]


@wrong("layer_norm.race", "median", "bound-kept-closed")
def race_to_the_median(plain, normed, target):
    took = [
        np.median(
            np.where((v <= target).any(2), (v <= target).argmax(2) + 1, 41),
            axis=1,
        ).min()
        for v in (plain, normed)
    ]
    factor = took[0] / took[1]
    return (0 if took[1] > 40 else factor), (
        np.inf if took[0] > 40 else factor
    )


@wrong("layer_norm.race")
def race_as_one_number(plain, normed, target):
    return later.race_by_loops(plain, normed, target)[0]


@wrong("layer_norm.q_step", "last-of-each-move")
def q_by_indices(W, f, moves, pays, f_next, ends, discount, rate, decay):
    target = pays + discount * (1 - ends) * (f_next @ W).max(1)
    e = target - (f @ W)[np.arange(len(f)), moves]
    new = W - rate * decay * W
    new[:, moves] += rate * (e[:, None] * f / len(f)).T
    return new


@wrong("layer_norm.q_step", "through-the-target")
def q_with_the_whole_gradient(W, *given):
    f, moves, pays, f_next, ends, discount, rate, decay = given
    f, pays, f_next, ends = map(torch.tensor, (f, pays, f_next, ends))
    W = torch.tensor(W, requires_grad=True)
    target = pays + discount * (1 - ends) * (f_next @ W).max(1).values
    q = (f @ W)[range(len(f)), moves]
    loss = ((q - target) ** 2).mean() / 2 + decay / 2 * (W**2).sum()
    loss.backward()
    return (W - rate * W.grad).detach().numpy()


@wrong("layer_norm.safe_rate", "sign-lost")
def rate_of_the_spectrum(f, seen, P, discount, decay):
    A = f.T @ ((f - discount * P @ f) * seen[:, None])
    a = np.linalg.eigvals(A + decay * np.eye(f.shape[1]))
    return 2 / abs(a).max() if (a.real > 0).all() else 0


@wrong("layer_norm.safe_rate")
def rate_as_a_list(f, seen, P, discount, decay):
    return [0.1, 0.2]


def value(bound, row=lambda a, rest, w: a * np.sign(rest), centre=True):
    def answer(w, b, gamma, beta):
        a = gamma * w - centre * np.mean(gamma * w)
        rest = w @ beta + b
        largest = bound(a, rest, w, gamma, beta, b)
        return largest, row(a, rest, w)

    return answer


def length(a):
    return np.linalg.norm(a) * len(a) ** 0.5


def whole(a, rest, *_):
    return length(a) + abs(rest)


for names, answer in (
    ("mean-kept", value(whole, centre=False)),
    ("gamma-left-out", value(
        lambda a, rest, w, *_: length(w - w.mean()) + abs(rest),
        lambda a, rest, w: (w - w.mean()) * np.sign(rest))),
    ("rest-with-its-sign", value(lambda a, rest, *_: length(a) + rest)),
    ("one-sign-of-row", value(whole, lambda a, *_: a)),
    ("signs-for-the-row", value(
        whole, lambda a, rest, w: np.sign(a * rest))),
    ("length-d", value(
        lambda a, rest, *_: len(a) ** 0.5 * length(a) + abs(rest))),
    ("each-at-its-ceiling", value(
        lambda a, rest, *_: (len(a) - 1) ** 0.5 * sum(abs(a)) + abs(rest))),
    ("along-w", value(whole, lambda a, rest, w: w * np.sign(rest))),
    ("left-out", value(lambda a, rest, *_: length(a))),
    ("another-there", value(lambda a, rest, w, *_: length(w) + abs(rest))),
    ("rest-with-its-sign", value(
        lambda a, rest, *_: abs(length(a) + rest))),
    ("", value(whole, lambda a, rest, w: np.ones(len(w)))),
    ("", value(lambda a, rest, w, gamma, *_:
        abs(gamma).max() * length(w) + abs(rest))),
):  # fmt: skip
    wrong("layer_norm.largest", *names.split())(answer)


@wrong("layer_norm.largest")
def value_alone(w, b, gamma, beta):
    return later.value_by_projection(w, b, gamma, beta)[0]
