"""Wrong answers on RMSNorm, written by hand, not from the catalogue."""

import math

import numpy as np
import torch
from register import wrong
from right_rms import by_while

from normlib.reference import layer_norm_forward, norm_backward


@wrong("rms_norm.backward", "layer-norms-projector")
def three_terms(dy, x, gamma, eps):
    r = ((x * x).mean(1) + eps)[:, None] ** 0.5
    h, g = x / r, dy * gamma
    inner = np.vecdot(g, h)[:, None] / x.shape[1]
    return (g - g.mean(1)[:, None] - h * inner) / r, (dy * h).sum(0)


@wrong("rms_norm.backward", "sigma-constant")
def straight(dy, x, gamma, eps):
    s = (np.square(x).mean(1, keepdims=True) + eps) ** -0.5
    return dy * gamma * s, np.einsum("nm,nm->m", dy, x * s)


@wrong("rms_norm.backward", "sum-not-mean")
def not_over_m(dy, x, gamma, eps):
    s = 1 / np.sqrt(np.square(x).mean(1, keepdims=True) + eps)
    inner = (dy * gamma * x).sum(1, keepdims=True)
    return s * gamma * dy - s**3 * x * inner, (dy * x * s).sum(0)


@wrong("rms_norm.backward", "gamma-missing", "dgamma-mean")
def twice_wrong(dy, x, gamma, eps):
    s = 1 / np.sqrt(np.square(x).mean(1, keepdims=True) + eps)
    h = x * s
    dx = s * (dy - h * (dy * h).mean(1, keepdims=True))
    return dx, (dy * h).mean(0)


@wrong("rms_norm.backward", "borrowed")
def of_layer_norm(dy, x, gamma, eps):
    dx, dgamma, _ = norm_backward(
        dy, layer_norm_forward(x, gamma, gamma, eps=eps)[1]
    )
    return dx, dgamma


@wrong("rms_norm.backward", "exact-projection")
def removes_the_ray(dy, x, gamma, eps):
    r = np.sqrt(np.square(x).mean(1, keepdims=True) + eps)
    g, unit = gamma * dy, x / np.linalg.norm(x, axis=1, keepdims=True)
    dx = (g - unit * (g * unit).sum(1, keepdims=True)) / r
    return dx, (dy * x / r).sum(0)


@wrong("rms_norm.backward")
def only_dx(dy, x, gamma, eps):
    return dy * gamma


@wrong("rms_norm.backward", "r-squared-along")
def without_m(dy, x, gamma, eps):
    r = np.sqrt(np.square(x).mean(1, keepdims=True) + eps)
    g, mean = gamma * dy, (gamma * dy * x).mean(1, keepdims=True)
    return g / r - x * mean / r**2, (dy * x / r).sum(0)


@wrong("rms_norm.partial", "rounded-down")
def as_in_the_authors_code(x, gamma, p, *, eps):
    k = int(x.shape[1] * p)
    mean = (x[:, :k] ** 2).sum(1, keepdims=True) / np.float32(k)
    return gamma * (x / np.sqrt(mean + eps))


@wrong("rms_norm.backward", "gamma-after")
def gamma_at_the_end(dy, x, gamma, eps):
    s = ((x * x).mean(1) + eps)[:, None] ** -0.5
    h = x * s
    dx = s * gamma * (dy - h * np.vecdot(dy, h)[:, None] / x.shape[1])
    return dx, (dy * h).sum(0)


@wrong("rms_norm.backward", "y-not-x-hat")
def projects_with_y(dy, x, gamma, eps):
    r = np.sqrt(np.square(x).mean(1, keepdims=True) + eps)
    y, g = gamma * x / r, dy * gamma
    dx = (g - y * (g * y).mean(1, keepdims=True)) / r
    return dx, (dy * x / r).sum(0)


@wrong("rms_norm.backward", "along-added")
def plus(dy, x, gamma, eps):
    s = 1 / np.sqrt(np.square(x).mean(1, keepdims=True) + eps)
    g = dy * gamma
    dx = s * g + s**3 * x * (g * x).mean(1, keepdims=True)
    return dx, (dy * x * s).sum(0)


@wrong("rms_norm.backward", "r-cubed")
def cubed(dy, x, gamma, eps):
    square = np.square(x).mean(1, keepdims=True) + eps
    g, h = dy * gamma, x / square**0.5
    dx = (g - h * np.mean(g * h, 1, keepdims=True)) / square**1.5
    return dx, (dy * h).sum(0)


@wrong("rms_norm.backward", "dgamma-without-r")
def weights_by_x(dy, x, gamma, eps):
    s = (np.square(x).mean(1, keepdims=True) + eps) ** -0.5
    g, h = dy * gamma, x * s
    dx = s * (g - h * np.mean(g * h, 1, keepdims=True))
    return {"dx": dx, "dgamma": np.einsum("nm,nm->m", dy, x)}


@wrong("rms_norm.backward", "root-forgotten")
def square_for_r(dy, x, gamma, eps):
    r = np.vecdot(x, x)[:, None] / x.shape[1] + eps
    g, h = dy * gamma, x / r
    dx = (g - h * np.mean(g * h, 1, keepdims=True)) / r
    return dx, (dy * h).sum(0)


def partial_on(which):
    def rms(x, gamma, p, *, eps):
        part = which(x, p * x.shape[1])
        return gamma * x / np.sqrt((part**2).mean(1)[:, None] + eps)

    return rms


for name, which in (
    ("one-too-many", lambda x, k: x[:, : min(x.shape[1], int(k) + 1)]),
    ("one-too-many", lambda x, k: x[:, : math.floor(k) + 1]),
    ("rounded", lambda x, k: x[:, : round(k)]),
    ("one-at-least", lambda x, k: x[:, : max(1, int(k))]),
    ("last-features", lambda x, k: x[:, x.shape[1] - math.ceil(k) :]),
):
    wrong("rms_norm.partial", name)(partial_on(which))


@wrong("rms_norm.partial", "divided-by-pm")
def by_share(x, gamma, p, *, eps):
    share = p * x.shape[1]
    squares = x[:, : math.ceil(share)] ** 2
    return x / (squares.sum(1)[:, None] / share + eps) ** 0.5 * gamma


@wrong("rms_norm.partial", "only-part-scaled")
def gamma_on_some(x, gamma, p, *, eps):
    k = math.ceil(p * x.shape[1])
    y = x / np.sqrt((x[:, :k] ** 2).mean(1, keepdims=True) + eps)
    y[:, :k] *= gamma[:k]
    return y


@wrong("rms_norm.partial", "only-part-divided", "only-part-scaled")
def rest_untouched(x, gamma, p, *, eps):
    k, y = math.ceil(p * x.shape[1]), x.copy()
    r = np.sqrt((x[:, :k] ** 2).mean(1, keepdims=True) + eps)
    y[:, :k] = gamma[:k] * x[:, :k] / r
    return y


@wrong("rms_norm.partial", "every-feature")
def plain(x, gamma, p, eps):
    return gamma * x / np.sqrt((x * x).mean(1)[:, None] + eps)


@wrong("rms_norm.partial", "divided-by-m", "no-gamma")
def no_gamma_and_m(x, gamma, p, eps):
    part = x[:, : math.ceil(p * x.shape[1])]
    return x / np.sqrt(np.vecdot(part, part) / x.shape[1] + eps)[:, None]


@wrong("rms_norm.partial")
def every_other(x, gamma, p, eps):
    k = math.ceil(p * x.shape[1])
    part = x[:, :: x.shape[1] // k]
    return gamma * x / np.sqrt((part**2).mean(1, keepdims=True) + eps)


@wrong("rms_norm.partial")
def largest(x, gamma, p, eps):
    part = np.sort(np.abs(x))[:, -math.ceil(p * x.shape[1]) :]
    return gamma * x / np.sqrt((part**2).mean(1, keepdims=True) + eps)


@wrong("rms_norm.fold", "beta-dropped")
def centred_only(W, b, gamma, beta, V, c):
    return (W.T - W.mean(1)).T, b - b.mean(), gamma, V, c


@wrong("rms_norm.fold", "weights-not-centred", "bias-not-centred")
def beta_only(W, b, gamma, beta, V, c):
    return W, b, gamma, V, c + V.T @ beta


@wrong("rms_norm.fold", "centred-over-inputs")
def standardized_like_data(W, b, gamma, beta, V, c):
    return W - np.mean(W, 0), b - b.mean(), gamma, V, c + beta @ V


@wrong("rms_norm.fold", "nothing-changed")
def as_it_is(W, b, gamma, beta, V, c):
    return W, b, gamma, V, c


@wrong("rms_norm.fold", "input-changed")
def in_place(W, b, gamma, beta, V, c):
    W -= W.mean(1, keepdims=True)
    return W, b - b.mean(), gamma, V, c + beta @ V


@wrong("rms_norm.half", "rounded-before-gamma")
def llama(x, gamma, *, eps):
    h = torch.tensor(x).float()
    h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + eps)
    return (torch.tensor(gamma) * h.half()).numpy()


@wrong("rms_norm.half", "cast-after-squaring")
def float_too_late(x, gamma, *, eps):
    mean = np.float32(x * x).mean(1, keepdims=True)
    return (np.float32(gamma) * (x / np.sqrt(mean + eps))).astype("f2")


@wrong("rms_norm.half", "never-rounded")
def stays_wide(x, gamma, *, eps):
    h = np.float32(x)
    return h / np.sqrt((h**2).mean(1, keepdims=True) + eps) * gamma


@wrong("rms_norm.half", "clipped")
def clamped(x, gamma, *, eps):
    h = np.clip(x, -255, 255).astype(float)
    return np.float16(gamma * h / np.sqrt((h**2).mean(1)[:, None] + eps))


@wrong("rms_norm.half", "all-in-half")
def all_typed_in(x, gamma, *, eps):
    mean = (x * x).mean(1, keepdims=True)
    return x / np.sqrt(mean + np.float16(eps)) * gamma


@wrong("rms_norm.half")
def larger_eps(x, gamma, *, eps):
    return llama(x, gamma, eps=max(eps, 1e-3))


@wrong("rms_norm.half", "row-lost")
def typed_in_another_order(x, gamma, *, eps):
    x.astype(np.float32)
    return gamma * x / np.sqrt((x**2).mean(1, keepdims=True) + eps)


@wrong("rms_norm.half")
def scaled_in_half(x, gamma, *, eps):
    h = np.float32(x / np.abs(x).max(1, keepdims=True))
    r = np.sqrt((h * h).mean(1, keepdims=True) + eps)
    return np.float16(np.float32(gamma) * h / r)


@wrong("rms_norm.half", "layer-norm")
def centred(x, gamma, *, eps):
    h = np.float64(x)
    h = (h - h.mean(1)[:, None]) / np.sqrt(h.var(1)[:, None] + eps)
    return np.float16(gamma * h)


@wrong("rms_norm.backward", "layer-norms-backward")
def whole_layer_norm(dy, x, gamma, *, eps):
    sigma = np.sqrt(x.var(1, keepdims=True) + eps)
    h, g = (x - x.mean(1)[:, None]) / sigma, gamma * dy
    along = h * (g * h).mean(1)[:, None] + g.mean(1)[:, None]
    return (g - along) / sigma, (dy * h).sum(0)


@wrong("rms_norm.backward", "over-rows")
def batch_norms_set(dy, x, gamma, *, eps):
    s = (np.square(x).mean(0) + eps) ** -0.5
    h, g = x * s, dy * gamma
    return s * (g - h * (g * h).mean(0)), (dy * h).sum(0)


@wrong("rms_norm.partial", "one-r-for-all")
def one_r(x, gamma, p, *, eps):
    k = math.ceil(p * x.shape[1])
    return gamma * x / (np.square(x[:, :k]).mean() + eps) ** 0.5


@wrong("rms_norm.window", "underflow-forgotten", "eps-as-the-bound")
def root_of_eps(D, eps):
    return math.ceil(math.log2(eps**0.5)), math.floor(
        math.log2((65504 / D) ** 0.5)
    )


@wrong("rms_norm.window", "d-forgotten")
def one_square(D, eps):
    eps = 0 if eps < 2**-25 else eps
    low = max(-12, math.ceil(math.log2(eps * 4.263) / 2)) if eps else -12
    return low, 7


@wrong("rms_norm.window", "eps-forgotten")
def without_eps(D, eps):
    return -12, int((math.log2(65504) - math.log2(D)) // 2)


@wrong("rms_norm.window", "d-forgotten", "eps-forgotten")
def whatever_is_given(D, eps):
    return -12, 7


@wrong("rms_norm.window", "order-reversed")
def turned_round(D, eps):
    return by_while(D, eps)[::-1]


@wrong("rms_norm.window")
def one_number(D, eps):
    return 7


@wrong("rms_norm.probe", "gamma-alike")
def gamma_of_twos():
    x = np.array([[1000, 1, 2], [1, 2, 3]])
    return x, np.full(3, 2.0), 4


@wrong("rms_norm.probe", "gamma-of-ones")
def default_gamma():
    x = np.array([[1000, 1, 2], [1, 2, 3]])
    return x, np.ones(3), 4


@wrong("rms_norm.probe", "eps-too-small", "nothing-large")
def normal_with_gamma():
    rng = np.random.default_rng(1)
    return np.float16(rng.normal(size=(3, 5))), rng.normal(size=5), 1e-6


@wrong("rms_norm.probe", "one-row")
def single():
    return np.array([[300.0, 1, 2]]), np.array([2, -3, 0.5]), 3e4


@wrong("rms_norm.probe")
def not_in_float16():
    return np.array([[1e6, 1, 2], [1, 2, 3]]), np.ones(3), 1


@wrong("rms_norm.probe")
def between_two_halves():
    return np.array([[300.123, 1, 2], [1, 2, 3]]), np.array([2, -3, 1]), 4


@wrong("rms_norm.probe")
def no_eps():
    return np.array([[300.0, 1, 2], [1, 2, 3]]), np.array([2, -3, 1]), 0


@wrong("rms_norm.probe")
def gamma_too_long():
    return np.ones((2, 3)), np.ones(2), 1


@wrong("rms_norm.to_gamma", "added-in-half")
def stays_half(state):
    norms = {k for k in state if k.endswith("norm.weight")}
    norms = {k for k in norms if "vision" not in k}
    return {k: (v + 1 if k in norms else v) for k, v in state.items()}


@wrong("rms_norm.to_gamma", "vision-too")
def as_a_converter_does(state):
    return {
        k: 1 + np.float32(v) if k.endswith("norm.weight") else v
        for k, v in state.items()
    }


@wrong("rms_norm.to_gamma", "one-subtracted")
def the_way_back(state):
    return {
        k: np.float32(v) - 1
        if k.endswith("norm.weight") and k[:6] != "vision"
        else v
        for k, v in state.items()
    }


@wrong("rms_norm.to_gamma", "vision-too")
def everything_wide(state):
    return {k: np.float32(v) + k.count("norm.w") for k, v in state.items()}
