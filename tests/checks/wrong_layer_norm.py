"""Wrong answers on LayerNorm, written by hand, not from the catalogue."""

import math

import numpy as np
from register import wrong
from right_layer_norm import (
    BEFORE,
    BEHIND,
    MEANS,
    at_best,
    by_flat_rows,
    by_names,
)
from scipy import stats

from normlib.reference import layer_norm_forward


def over(which):
    def norm(x, shape, gamma, beta, *, eps):
        axes = which(x, shape)
        d = x - np.mean(x, axes, keepdims=True)
        var = np.mean(d**2, axes, keepdims=True)
        return d * (var + eps) ** -0.5 * gamma + beta

    return norm


for name, which in (
    ("last-axis-only", lambda x, shape: -1),
    ("one-sample", lambda x, shape: tuple(range(x.ndim))[1:]),
    ("everything", lambda x, shape: None),
    ("first-axes", lambda x, shape: (0, 1, 2)[: len(shape)]),
    ("other-axes", lambda x, shape: tuple(range(x.ndim))[: -len(shape)]),
    ("", lambda x, shape: (0, *range(x.ndim - len(shape), x.ndim))),
):
    wrong("layer_norm.trailing", *name.split())(over(which))


@wrong("layer_norm.trailing", "unbiased")
def with_ddof(x, shape, gamma, beta, *, eps):
    rows = x.reshape(-1, math.prod(shape))
    y = (rows - rows.mean(1, keepdims=True)) / np.sqrt(
        rows.var(1, ddof=1, keepdims=True) + eps
    )
    return y.reshape(x.shape) * gamma + beta


@wrong("layer_norm.trailing", "eps-outside-root", "no-beta")
def with_std(x, shape, gamma, beta, eps):
    axes = tuple(range(-len(shape), 0))
    d = x - x.mean(axes, keepdims=True)
    return gamma * d / (x.std(axes, keepdims=True) + eps)


@wrong("layer_norm.trailing", "mean-not-subtracted")
def only_scaled(x, shape, gamma, beta, *, eps):
    axes = tuple(range(-len(shape), 0))
    return beta + gamma * x / (x.var(axes, keepdims=True) + eps) ** 0.5


@wrong("layer_norm.trailing", "mean-not-subtracted", "second-moment")
def rms(x, shape, gamma, beta, *, eps):
    axes = tuple(range(-len(shape), 0))
    mean = (x**2).mean(axes, keepdims=True)
    return beta + gamma * x / (mean + eps) ** 0.5


@wrong("layer_norm.trailing")
def one_gamma(x, shape, gamma, beta, *, eps):
    return by_flat_rows(x, shape, 0 * gamma + gamma.mean(), beta, eps=eps)


@wrong("layer_norm.trailing", "borrowed")
def of_the_course(x, shape, gamma, beta, *, eps):
    rows = x.reshape(-1, math.prod(shape))
    y, _ = layer_norm_forward(rows, gamma.ravel(), beta.ravel(), eps=eps)
    return y.reshape(x.shape)


@wrong("layer_norm.shards", "between-left-out")
def mean_of_variances(n, mean, var):
    w = n / sum(n)
    return w @ mean, w @ var


@wrong("layer_norm.shards", "means-unweighted")
def plain_mean(n, mean, var):
    w, mu = n / sum(n), sum(mean) / len(mean)
    return mu, w @ (var + (mean - mu) ** 2)


@wrong("layer_norm.shards", "deviations-averaged")
def by_deviations(n, mean, var):
    w = n / sum(n)
    mu = w @ mean
    return mu, (w @ var**0.5) ** 2 + w @ (mean - mu) ** 2


@wrong("layer_norm.shards", "variances-unweighted", "between-unweighted")
def as_if_equal(n, mean, var):
    mu = n @ mean / n.sum()
    return mu, var.mean(0) + np.mean((mean - mu) ** 2, 0)


@wrong("layer_norm.shards", "between-not-centred")
def second_moment(n, mean, var):
    w = n / sum(n)
    return w @ mean, w @ var + w @ mean**2


@wrong("layer_norm.shards", "pooled")
def as_in_a_t_test(n, mean, var):
    w = n / n.sum()
    mu = w @ mean
    pooled = (n - 1) @ var / (n.sum() - len(n))
    return mu, pooled + w @ (mean - mu) ** 2


@wrong("layer_norm.shards", "root-taken")
def deviation(n, mean, var):
    w = n / n.sum()
    mu = w @ mean
    return {"mu": mu, "var": (w @ (var + (mean - mu) ** 2)) ** 0.5}


@wrong("layer_norm.shards")
def largest(n, mean, var):
    return mean[n.argmax()], var[n.argmax()]


@wrong("layer_norm.shards")
def variance_of_means(n, mean, var):
    return n @ mean / n.sum(), mean.var(0)


def tried(
    batches, modes=("train", "eval"), same=np.allclose, of=slice(None)
):
    def sees(norm, x):
        for mode in modes:
            getattr(norm, mode)()
            y = norm(x)[0, of]
            for batch in batches(x):
                if not same(norm(batch)[0, of], y):
                    return True
        return False

    return sees


def both(x):
    return np.vstack([x[:1], 9 - 500 * x[1:]]), x[:3]


def last(x):
    return np.vstack([x[:-1], x[:1] + 99]), x[:4]


def turned(x):
    return np.vstack([x[:1], x[:0:-1] / 2]), x[:2]


for name, answer in (
    ("size-not-tried", tried(lambda x: both(x)[:1])),
    ("values-not-tried", tried(lambda x: [x[:4]])),
    ("mates-stay-small", tried(lambda x: [x[:1]])),
    ("last-row-only", tried(last)),
    ("mates-stay-small", tried(turned)),
    ("training-not-tried", tried(both, ("eval",))),
    ("evaluation-not-tried", tried(both, ("train",))),
    ("too-tolerant", tried(both, same=lambda a, b: abs(a - b).max() < 0.2)),
    ("to-the-bit", tried(both, same=np.array_equal)),
    ("first-feature-only", tried(both, of=slice(2))),
    ("always-false", lambda norm, x: False),
    (
        "size-not-tried training-not-tried",
        tried(lambda x: both(x)[:1], ("eval",)),
    ),
    ("own-row-changed", tried(lambda x: [99 * x, x[:4]])),
):  # fmt: skip
    wrong("layer_norm.alone", *name.split())(answer)


@wrong("layer_norm.alone", "modes-compared")
def two_modes(norm, x):
    outs = [norm(z)[0] for z in (x, *both(x))]
    norm.eval()
    outs += [norm(z)[0] for z in (x, *both(x))]
    return bool(np.ptp(outs, 0).max() > 1e-5)


@wrong("layer_norm.alone")
def says_it_is_a_norm(norm, x):
    return not np.allclose(norm(3 * x), norm(x))


@wrong("layer_norm.alone")
def a_word(norm, x):
    return "no: what you return must be a truth value"


def changed(**of):
    def convert(state):
        new = by_names(state)
        for name, make in of.items():
            new[name.replace("_", ".")] = make(state, new)
        return new

    return convert


for name, answer in (
    ("byte-not-centred", changed(byte=lambda s, n: s["byte"])),
    ("place-not-centred", changed(place=lambda s, n: s["place"])),
    ("output-centred", changed(output_weight=lambda s, n: n["byte"])),
    ("last-beta-dropped", changed(output_bias=lambda s, n: np.zeros(5))),
    (
        "bias-of-the-centred",
        changed(output_bias=lambda s, n: n["byte"] @ s["last.bias"]),
    ),
    ("", changed(last_weight=lambda s, n: np.ones_like(s["last.weight"]))),
):
    wrong("layer_norm.no_mean", *name.split())(answer)


def in_blocks(change, last=2):
    def convert(state):
        new = by_names(state)
        for k in range(last):
            change(f"{k}.", state, new)
        return new

    return convert


def no_beta(k, s, new):
    new[k + "up.bias"] = s[k + "up.bias"]


def no_centre(k, s, new):
    new[k + "down.weight"] = s[k + "down.weight"]


def other_axis(k, s, new):
    W = s[k + "down.weight"]
    new[k + "down.weight"] = W - W.mean(1)[:, None]


def bias_kept(k, s, new):
    new[k + "down.bias"] = s[k + "down.bias"]


def beta_added(k, s, new):
    if s[k + "up.bias"].shape == s[k + "norm.bias"].shape:
        new[k + "up.bias"] = s[k + "up.bias"] + s[k + "norm.bias"]


def neither(k, s, new):
    no_beta(k, s, new), bias_kept(k, s, new)


for name, answer in (
    ("beta-dropped", in_blocks(no_beta)),
    ("weights-not-centred", in_blocks(no_centre)),
    ("centred-over-inputs", in_blocks(other_axis)),
    ("bias-not-centred", in_blocks(bias_kept)),
    ("beta-dropped bias-not-centred", in_blocks(neither)),
    ("", in_blocks(no_centre, 1)),
    ("", in_blocks(beta_added, 1)),
):
    wrong("layer_norm.no_mean", *name.split())(answer)


@wrong("layer_norm.no_mean", "in-place")
def in_place(state):
    bias = state["byte"] @ state["last.bias"]
    for name in ("byte", "place"):
        state[name] -= state[name].mean(1, keepdims=True)
    return by_names(state) | {"output.bias": bias}


@wrong("layer_norm.no_mean")
def still_tied(state):
    new = by_names(state)
    del new["output.weight"]
    return new


for name, entries in (
    ("matrix-moves", {(BEFORE, "W2", "plain"): "moves"}),
    ("not-in-the-stream", {(BEFORE, "b1", "plain"): "stays"}),
    ("momentum-moves", {(BEFORE, "b2", "momentum"): "moves"}),
    ("decay-ignored", {(BEFORE, "b2", "decay"): "stays"}),
    ("adam-stays", {(BEFORE, "b2", "Adam"): "stays"}),
    ("behind-all-moves", {(BEHIND, "b2", "plain"): "moves"}),
    ("behind-like-before", {(BEHIND, "bytes", "plain"): "stays"}),
    ("", {(BEFORE, "b2", "Adam"): "shrinks"}),
    ("", {(BEHIND, "b2", "plain"): "shrinks"}),
    ("", dict.fromkeys(MEANS, "stays")),
    ("", {(BEFORE, "b2", "Adam"): "wanted is a word"}),
):
    wrong("layer_norm.drift", *name.split())(MEANS | entries)


def other_way(a, b):
    return 100 * (a - b) / a.mean()


def by_rule(
    make=lambda a, b: 100 * (b - a) / a.mean(),
    pick=at_best,
    t=lambda n: stats.t.ppf(0.975, n - 1),
    sem=stats.sem,
    good=lambda low, high, mean, margin: high < margin,
    worse=lambda low, high, mean, margin: low > margin,
):
    def compare(layer, rms, margin):
        d = make(pick(layer), pick(rms))
        half = t(len(d)) * sem(d)
        low, high = d.mean() - half, d.mean() + half
        seen = low, high, d.mean(), margin
        told = "worse" if worse(*seen) else "open"
        return low, high, "as good" if good(*seen) else told

    return compare


for name, answer in (
    ("normal-quantile", by_rule(t=lambda n: 1.96)),
    ("one-sided", by_rule(t=lambda n: stats.t.ppf(0.95, n - 1))),
    ("left-out", by_rule(t=lambda n: stats.t.ppf(0.975, n))),
    ("", by_rule(t=lambda n: 2)),
    ("no-root-n", by_rule(sem=lambda d: d.std(ddof=1))),
    ("ddof-zero", by_rule(sem=lambda d: stats.sem(d, ddof=0))),
    ("of-rms", by_rule(make=lambda a, b: 100 * (b - a) / np.mean(b))),
    ("signs-exchanged", by_rule(make=other_way)),
    ("of-each-seed", by_rule(make=lambda a, b: 100 * (b / a - 1))),
    ("bits-not-per-cent", by_rule(make=lambda a, b: b - a)),
    ("chosen-on-test", by_rule(pick=lambda x: x[1][x[1].sum(1).argmin()])),
    ("", by_rule(pick=lambda x: x[1].min(0))),
    ("", by_rule(pick=lambda x: x[1].mean(0))),
    ("another-there", by_rule(pick=lambda x: x[0][x[0].mean(1).argmin()])),
    ("no-difference-found", by_rule(good=lambda a, b, d, m: a < 0 < b)),
    ("mean-decides", by_rule(good=lambda a, b, d, m: d < m)),
    ("better-is-open", by_rule(good=lambda a, b, d, m: -m < a < b < m)),
    ("worse-above-zero", by_rule(worse=lambda a, b, d, m: a > 0)),
    ("mean-decides", by_rule(worse=lambda a, b, d, m: d > m)),
):  # fmt: skip
    wrong("layer_norm.decide", *name.split())(answer)


@wrong("layer_norm.decide", "unpaired")
def two_samples(layer, rms, margin):
    a, b = at_best(layer), at_best(rms)
    n, base = len(a), a.mean() / 100
    half = stats.t.ppf(0.975, n - 1) * np.sqrt(
        (a.var(ddof=1) + b.var(ddof=1)) / n
    )
    low, high = ((b.mean() - a.mean() + s * half) / base for s in (-1, 1))
    return (
        low,
        high,
        "as good" if high < margin else "worse" if low > margin else "open",
    )
