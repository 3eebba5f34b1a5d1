"""Wrong answers to the exercises of right_outliers; by hand."""

import numpy as np
from register import wrong
from right_outliers import (
    balanced_by_loops,
    balanced_by_stacking,
    by_quarters,
    steps_by_einsum,
)


def columns(maps):
    return np.abs(np.vstack(maps)).max(0)


def tokens(y):
    return np.abs(y).max(0)


def divided(s, gamma, beta, q, k, v):
    return gamma / s, beta / s, s * q, s * k, s * v


def moved(loud=tokens, read=columns, root=0.5, make=divided):
    def balanced(gamma, beta, W_q, W_k, W_v, y):
        a, b = loud(y), read((W_q, W_k, W_v))
        idle = a * b == 0
        s = np.where(idle, 1, a / np.where(idle, 1, b)) ** root
        return make(s, gamma, beta, W_q, W_k, W_v)

    return balanced


def of(i):
    return lambda maps: np.abs(maps[i]).max(0)


for names, answer in (
    ("beta-left", moved(make=lambda s, g, b, q, k, v: (
        g / s, b, q * s, k * s, v * s))),
    ("both-divided", moved(make=lambda s, g, b, q, k, v: (
        g / s, b / s, q / s, k / s, v / s))),
    ("upside-down", moved(root=-0.5)),
    ("", moved(make=lambda s, g, b, q, k, v: (
        g * s, b * s, q * s, k * s, v * s))),
    ("rows-scaled", moved(make=lambda s, g, b, q, k, v: (
        g / s, b / s, *(np.diag(s) @ W for W in (q, k, v))))),
    ("reader-left", moved(make=lambda s, g, b, q, k, v: (
        g / s, b / s, q * s, k, v))),
    ("reader-left", moved(make=lambda s, g, b, q, k, v: (
        g / s, b / s, q * s, k * s, v))),
    ("", moved(make=lambda s, g, b, q, k, v: (g / s, b / s, q, k, v))),
    ("reader-not-looked-at", moved(read=of(0))),
    ("reader-not-looked-at", moved(read=lambda maps: columns(maps[:2]))),
    ("reader-not-looked-at", moved(read=lambda maps: columns(maps[1:]))),
    ("another-there", moved(read=of(1))),
    ("reader-not-looked-at reader-left", moved(
        read=of(0), make=lambda s, g, b, q, k, v: (
            g / s, b / s, q * s, k, v))),
    ("largest-of-all", moved(read=lambda maps: columns(maps).max())),
    ("largest-of-all", moved(loud=lambda y: np.abs(y).max())),
    ("sign-kept", moved(loud=lambda y: y.max(0))),
    ("sign-kept", moved(
        loud=lambda y: y.max(0), read=lambda maps: np.vstack(maps).max(0))),
    ("root-left-out", moved(root=1)),
    ("", moved(root=0.25)),
    ("columns-ignored", moved(read=lambda _: 1, root=1)),
    ("columns-ignored", moved(read=lambda _: 1)),
    ("another-there", moved(loud=lambda y: np.abs(y).max(1))),
    ("another-there", moved(read=lambda maps: np.max(
        [np.abs(W).max(1) for W in maps], 0))),
    ("another-there", moved(loud=lambda y: np.abs(y).mean(0))),
    ("", moved(loud=lambda y: y.std(0))),
    ("first-token-left-out", moved(loud=lambda y: tokens(y[1:]))),
    ("", moved(loud=lambda y: np.ptp(y, 0))),
    ("beta-left reader-left", moved(make=lambda s, g, b, q, k, v: (
        g / s, b, q * s, k * s, v))),
):  # fmt: skip
    wrong("layer_norm.balance", *names.split())(answer)


@wrong("layer_norm.balance", "all-of-gamma")
def balanced_by_gamma(gamma, beta, W_q, W_k, W_v, y):
    s = np.where(gamma == 0, 1, gamma)
    return divided(s, gamma, beta, W_q, W_k, W_v)


@wrong("layer_norm.balance", "all-of-gamma")
def balanced_by_gamma_alone(gamma, beta, W_q, W_k, W_v, y):
    return (
        0 * gamma + gamma / gamma,
        beta / gamma,
        *(W * gamma for W in (W_q, W_k, W_v)),
    )


@wrong("layer_norm.balance", "idle-feature-divided")
def balanced_with_idle_features(gamma, beta, W_q, W_k, W_v, y):
    s = np.sqrt(tokens(y) / columns((W_q, W_k, W_v)))
    return divided(s, gamma, beta, W_q, W_k, W_v)


@wrong("layer_norm.balance", "an-s-for-each")
def balanced_each_for_itself(gamma, beta, W_q, W_k, W_v, y):
    new = balanced_by_stacking(gamma, beta, W_q, W_k, W_v, y)
    for name, W in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v)):
        s = np.sqrt(tokens(y) / np.abs(W).max(0))
        new[name] = W * np.where(s, s, 1)
    return new


@wrong("layer_norm.balance", "input-changed")
def balanced_in_place(gamma, beta, W_q, W_k, W_v, y):
    new = balanced_by_loops(gamma, beta, W_q, W_k, W_v, y)
    gamma[:] = new[0]
    return gamma, *new[1:]


@wrong("layer_norm.balance")
def balanced_y(gamma, beta, W_q, W_k, W_v, y):
    new = balanced_by_loops(gamma, beta, W_q, W_k, W_v, y)
    return *new, y


def token_steps(y):
    return np.abs(y).max(1) / 127


def nearest(x, step):
    return np.rint(x / np.where(step, step, 1)[:, None]).astype(np.int8)


def dot(y8, W8):
    return np.dot(y8.astype(float), W8.astype(float).T)


def back(sums, m, n, b):
    return np.outer(m, n) * sums + b


def kept(step):
    return np.where(step == 0, 1, step)


def served(
    of_y=token_steps, of_W=token_steps, whole=nearest, dot=dot, out=back
):
    def in_eight_bits(y, W, b):
        m, n = kept(of_y(y)) * np.ones(len(y)), of_W(W) * np.ones(len(W))
        y8, W8 = whole(y, m), whole(W, n)
        sums = dot(y8, W8)
        return m, n, y8, W8, sums, out(sums, m, n, b)

    return in_eight_bits


def signed(x):
    return x.max(1) / 127


def over(n):
    return lambda x: np.abs(x).max(1) / n


def cast(f):
    return lambda x, step: f(x / step[:, None]).astype(np.int8)


def wrapped(kind):
    return lambda y8, W8: y8.astype(kind) @ W8.astype(kind).T


for names, answer in (
    ("one-step-for-all", served(lambda y: np.abs(y).max() / 127)),
    ("one-step-for-all", served(of_W=lambda W: np.abs(W).max() / 127)),
    ("step-a-feature", served(
        lambda y: np.abs(y).max(0) / 127,
        whole=lambda x, step: np.rint(x / step).astype(np.int8))),
    ("step-a-column", served(of_W=lambda W: np.abs(W).max(0) / 127)),
    ("sign-kept", served(signed)),
    ("sign-kept", served(of_W=signed)),
    ("sign-kept", served(signed, signed)),
    ("over-128", served(over(128), over(128))),
    ("over-128", served(over(128))),
    ("over-128", served(over(127.5), over(127.5))),
    ("", served(over(126), over(126))),
    ("range-for-largest", served(lambda y: np.ptp(y, 1) / 255)),
    ("left-out", served(lambda y: np.abs(y).max(1))),
    ("rounded-down", served(whole=cast(np.floor))),
    ("cut-off", served(whole=cast(np.trunc))),
    ("", served(whole=cast(np.ceil))),
    ("", served(whole=lambda x, step: np.rint(x / step[:, None]))),
    ("", served(whole=lambda x, step: nearest(x, step).astype(np.int16))),
    ("overflow", served(dot=wrapped(np.int8))),
    ("overflow", served(dot=wrapped(np.int16))),
    ("left-out", served(
        dot=lambda y8, W8: y8.astype(int) @ W8.astype(int))),
    ("axes-exchanged", served(
        out=lambda s, m, n, b: np.outer(n, m) * s + b)),
    ("left-out", served(out=lambda s, m, n, b: s * m[:, None] + b)),
    ("left-out", served(out=lambda s, m, n, b: s * n + b)),
    ("", served(out=lambda s, m, n, b: s + b)),
    ("left-out", served(out=lambda s, m, n, b: np.outer(m, n) * s)),
    ("bias-scaled", served(
        out=lambda s, m, n, b: np.outer(m, n) * (s + b))),
    ("bias-rounded", served(
        out=lambda s, m, n, b: back(s, m, n, np.rint(b)))),
    ("bias-rounded", served(
        out=lambda s, m, n, b: np.outer(m, n) * (
            s + np.rint(b / np.outer(m, n))))),
    ("", served(out=lambda s, m, n, b: back(s, m, n, b[:, None]))),
    ("", served(out=lambda s, m, n, b: s / np.outer(m, n) + b)),
):  # fmt: skip
    wrong("layer_norm.steps", *names.split())(answer)


@wrong("layer_norm.steps", "zero-step")
def steps_of_zero(y, W, b):
    return token_steps(y), *steps_by_einsum(y, W, b)[1:]


@wrong("layer_norm.steps", "rounded-down")
def steps_begun(y, W, b):
    m, n, *_ = steps_by_einsum(y, W, b)
    return {"y_step": m, "W_step": n, "y8": cast(np.floor)(y, m[:, 0])}


@wrong("layer_norm.steps")
def steps_out_alone(y, W, b):
    return steps_by_einsum(y, W, b)[-1]


def renamed(**names):
    def cause_of(y, columns):
        true = by_quarters(y, columns)
        return names.get(true.replace(" ", "_"), true)

    return cause_of


def ratio(sizes, to=np.median):
    return sizes.max() / to(sizes)


def by(feature=None, token=None, column=None):
    """Judge by ratios; what is not given is judged well."""

    def cause_of(y, columns):
        loud = (
            feature or (lambda y: ratio(np.quantile(abs(y), 0.6, 0)) > 4.5)
        )(y)
        if loud:
            return "loud feature"
        if (token or (lambda y: ratio(abs(y).max(1)) > 3.5))(y):
            return "loud token"
        wide = (column or (lambda c: ratio(c) > 4))(columns)
        return "loud column" if wide else "none"

    return cause_of


def kurtosis(y):
    return (y**4).mean() / (y**2).mean() ** 2


def kurtosis_first(y, columns):
    if kurtosis(y) > 9:
        return "loud token"
    return "loud column" if ratio(columns) > 4 else "none"


def absolute(y, columns):
    if np.median(abs(y), 0).max() > 5:
        return "loud feature"
    if abs(y).max() > 15 and np.median(abs(y).max(1)) < 8:
        return "loud token"
    return "loud column" if columns.max() > 0.5 else "none"


def length(y):
    return ratio(np.linalg.norm(y, axis=1)) > 2


def smallest(sizes):
    return ratio(sizes, np.min)


for names, answer in (
    ("tokens-not-seen", renamed(loud_token="none")),
    ("columns-not-seen", renamed(loud_column="none")),
    ("feature-called-token", renamed(loud_feature="loud token")),
    ("", renamed(loud_token="loud feature", loud_feature="loud token")),
    ("", renamed(none="loud column")),
    ("tokens-not-seen columns-not-seen",
     renamed(loud_token="none", loud_column="none")),
    ("token-for-feature", by(lambda y: ratio(abs(y).max(0)) > 6)),
    ("", by(lambda y: ratio(np.ptp(y, 0)) > 5.5)),
    ("averaged", by(lambda y: ratio((y**2).mean(0)) > 30)),
    ("averaged", by(lambda y: ratio(abs(y).mean(0)) > 4)),
    ("beta-not-seen", by(lambda y: ratio(y.std(0)) > 6)),
    ("beta-not-seen", by(lambda y: ratio(
        np.quantile(y, 0.75, 0) - np.quantile(y, 0.25, 0)) > 5)),
    ("small-feature-for-loud", by(
        lambda y: smallest(np.median(abs(y), 0)) > 14)),
    ("small-column-for-loud", by(column=lambda c: smallest(c) > 10)),
    ("small-column-for-loud small-feature-for-loud", by(
        lambda y: smallest(np.median(abs(y), 0)) > 14,
        column=lambda c: smallest(c) > 10)),
    ("first-token-only", by(
        token=lambda y: abs(y[0]).max() > 3 * np.median(abs(y).max(1)))),
    ("tails-for-token", by(token=lambda y: kurtosis(y) > 9)),
    ("tails-for-token", by(token=lambda y: ratio(abs(y)) > 15)),
    ("tokens-not-seen", by(token=length)),
    ("one-number-for-all", by(lambda y: kurtosis(y) > 9)),
    ("one-number-for-all", by(lambda y: ratio(abs(y), np.mean) > 10)),
    ("one-number-for-all", kurtosis_first),
    ("size-counts", absolute),
    ("read-off", by(lambda y: ratio(np.quantile(abs(y), 0.6, 0)) > 20)),
    ("", lambda y, columns: "outlier"),
    ("feature-called-token", lambda y, columns: by_quarters(y.T, columns)),
    ("", lambda y, columns: "loud token"),
):  # fmt: skip
    wrong("layer_norm.cause", *names.split())(answer)
