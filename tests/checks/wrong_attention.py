"""Wrong answers to the exercises of right_attention; by hand."""

import numpy as np
import torch
from register import wrong
from right_attention import (
    back_by_sums,
    clip_by_einsum,
    heads_as_complex_numbers,
)

from normlib.reference import rms_norm_forward


def rms(x, gamma, eps, axis=-1):
    return gamma * x / np.sqrt(np.mean(x**2, axis, keepdims=True) + eps)


def turn(x, angles):
    return (
        np.ascontiguousarray(x).view(complex) * np.exp(1j * angles)
    ).view(float)


def halves(x, angles):
    a, b = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
    c, s = np.cos(angles), np.sin(angles)
    return np.concatenate([a * c - b * s, b * c + a * s], -1)


def backwards(x, angles):
    return turn(x, -angles)


def first(x, gamma, angles, eps):
    return turn(rms(x, gamma, eps), angles)


def root(d):
    return d**0.5


def softmax(scores):
    T = scores.shape[1]
    return _soft(np.where(np.tri(T, dtype=bool), scores, -np.inf))


def _soft(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def heads(ready=first, by=root, share=softmax, take=np.matmul):
    def attention(q, k, v, gamma_q, gamma_k, angles, eps):
        queries = ready(q, gamma_q, angles, eps)
        keys = ready(k, gamma_k, angles, eps)
        scores = queries @ keys.transpose(0, 2, 1) / by(q.shape[-1])
        shares = share(scores)
        return queries, keys, scores, shares, take(shares, v)

    return attention


def over(axis):
    return lambda x, g, t, eps: turn(rms(x, g, eps, axis), t)


def centred(x, gamma, angles, eps):
    return first(x - x.mean(-1, keepdims=True), gamma, angles, eps)


def below(z, value):
    return np.where(np.tri(z.shape[1]) > 0, z, value)


for names, answer in (
    ("over-all-heads", heads(over((0, -1)))),
    ("over-tokens", heads(over(1))),
    ("another-there", heads(over(0))),
    ("mean-subtracted", heads(centred)),
    ("length-one", heads(lambda x, g, t, eps: turn(
        g * x / np.sqrt(np.vecdot(x, x) + eps)[..., None], t))),
    ("eps-missing", heads(lambda x, g, t, eps: first(x, g, t, 0))),
    ("eps-outside-root", heads(lambda x, g, t, eps: turn(
        g * x / (np.sqrt(np.mean(x * x, -1))[..., None] + eps), t))),
    ("scale-behind-rotation", heads(
        lambda x, g, t, eps: g * turn(rms(x, 1, eps), t))),
    ("scale-behind-rotation", heads(
        lambda x, g, t, eps: rms(turn(x, t), g, eps))),
    ("halves-paired", heads(
        lambda x, g, t, eps: halves(rms(x, g, eps), t))),
    ("turned-backwards", heads(
        lambda x, g, t, eps: backwards(rms(x, g, eps), t))),
    ("", heads(lambda x, g, t, eps: rms(x, g, eps))),
    ("left-out", heads(lambda x, g, t, eps: turn(g * x, t))),
    ("scale-before-norm", heads(
        lambda x, g, t, eps: turn(rms(g * x, 1, eps), t))),
    ("left-out", heads(lambda x, g, t, eps: turn(rms(x, 1, eps), t))),
    ("divided-by-d", heads(by=lambda d: d)),
    ("left-out", heads(by=lambda d: 1)),
    ("divided-by-d length-one", heads(
        lambda x, g, t, eps: turn(
            g * x / np.sqrt(np.sum(x**2, -1, keepdims=True) + eps), t),
        by=lambda d: d)),
    ("zero-for-hidden", heads(share=lambda z: _soft(below(z, 0)))),
    ("mask-after-softmax", heads(share=lambda z: below(_soft(z), 0))),
    ("mask-forgotten", heads(share=_soft)),
    ("another-there", heads(share=lambda z: _soft(below(z, -np.inf), 1))),
    ("", heads(share=lambda z: _soft(np.where(
        np.tri(z.shape[1], k=-1) > 0, z, -np.inf)))),
    ("", heads(take=lambda p, v: p.transpose(0, 2, 1) @ v)),
):  # fmt: skip
    wrong("layer_norm.heads", *names.split())(answer)


@wrong("layer_norm.heads", "values-normed")
def heads_with_normed_values(q, k, v, gamma_q, gamma_k, angles, eps):
    v = rms(v, 1, eps)
    return heads_as_complex_numbers(q, k, v, gamma_q, gamma_k, angles, eps)


@wrong("layer_norm.heads", "borrowed")
def heads_of_the_course(q, k, v, gamma_q, gamma_k, angles, eps):
    queries, keys = (
        turn(rms_norm_forward(x, gamma, eps=eps)[0], angles)
        for x, gamma in ((q, gamma_q), (k, gamma_k))
    )
    scores = queries @ keys.swapaxes(1, 2) / root(q.shape[2])
    return queries, keys, scores, softmax(scores), softmax(scores) @ v


@wrong("layer_norm.heads", "exchanged")
def heads_with_gammas_exchanged(q, k, v, gamma_q, gamma_k, angles, eps):
    return heads_as_complex_numbers(q, k, v, gamma_k, gamma_q, angles, eps)


@wrong("layer_norm.heads")
def heads_alone(*given):
    return heads_as_complex_numbers(*given)["y"]


@wrong("layer_norm.heads", "over-tokens")
def heads_begun(q, k, v, gamma_q, gamma_k, angles, eps):
    return {"queries": turn(rms(q, gamma_q, eps, 1), angles)}


def seen(own, shared, numbers):
    return np.tril(own + shared) / numbers**0.5


def largest(S):
    return np.abs(S).max((1, 2))


def cut(
    score=seen,
    worst=largest,
    factor=lambda tau, S: np.where(tau < S, tau / S, 1),
    make=lambda f, q, k, r, s: (f**0.5 * q, f**0.5 * k, f * r, s),
):
    def qk_clip(W_q, W_k, W_r, W_s, x, tau):
        own = np.einsum("ia,had,hbd,jb->hij", x, W_q, W_k, x)
        shared = np.einsum("ia,hae,be,jb->hij", x, W_r, W_s, x)
        numbers = W_q.shape[2], W_r.shape[2]
        S = score(own, shared, numbers if score in PARTS else sum(numbers))
        f = factor(tau, worst(S)) * np.ones(len(W_q))
        return make(f[:, None, None], W_q, W_k, W_r, W_s)

    return qk_clip


def by_own_root(own, shared, numbers):
    return np.tril(own + shared) / numbers[0] ** 0.5


def apart(own, shared, numbers):
    return np.tril(own / numbers[0] ** 0.5 + shared / numbers[1] ** 0.5)


PARTS = (by_own_root, apart)

for names, answer in (
    ("whole-on-both", cut(
        make=lambda f, q, k, r, s: (f * q, f * k, f * r, s))),
    ("keys-left", cut(
        make=lambda f, q, k, r, s: (f**0.5 * q, k, f * r, s))),
    ("one-cut-alone", cut(
        make=lambda f, q, k, r, s: (f * q, k, f * r, s))),
    ("one-cut-alone", cut(
        make=lambda f, q, k, r, s: (q, f * k, f * r, s))),
    ("root-for-shared", cut(make=lambda f, q, k, r, s: (
        f**0.5 * q, f**0.5 * k, f**0.5 * r, s))),
    ("rotary-left", cut(
        make=lambda f, q, k, r, s: (f**0.5 * q, f**0.5 * k, r, s))),
    ("shared-key-cut", cut(make=lambda f, q, k, r, s: (
        f**0.5 * q, f**0.5 * k, f**0.5 * r, f.prod() ** 0.5 * s))),
    ("", cut(make=lambda f, q, k, r, s: (
        f**0.5 * q, f**0.5 * k, f**0.5 * r, f.min() ** 0.5 * s))),
    ("whole-on-both root-for-shared", cut(
        make=lambda f, q, k, r, s: (f * q, f * k, f**0.5 * r, s))),
    ("all-heads-cut", cut(worst=lambda S: np.abs(S).max())),
    ("quiet-raised", cut(factor=lambda tau, S: tau / S)),
    ("", cut(factor=lambda tau, S: np.where(tau < S, S / tau, 1))),
    ("", cut(factor=lambda tau, S: np.minimum(1, tau / S**2))),
    ("sign-kept", cut(worst=lambda S: S.max((1, 2)))),
    ("mean-for-max", cut(worst=lambda S: np.array([
        abs(s[np.tril_indices(len(s))]).mean() for s in S]))),
    ("mean-for-max", cut(worst=lambda S: np.abs(S).mean((1, 2)))),
    ("another-there", cut(worst=lambda S: np.abs(S).sum((1, 2)))),
    ("hidden-counted", cut(lambda a, b, n: (a + b) / n**0.5)),
    ("", cut(lambda a, b, n: np.triu(a + b) / n**0.5)),
    ("", cut(lambda a, b, n: np.tril(a + b, -1) / n**0.5)),
    ("left-out", cut(lambda a, b, n: np.tril(a + b) / n)),
    ("left-out", cut(lambda a, b, n: np.tril(a + b))),
    ("root-of-d-alone", cut(by_own_root)),
    ("", cut(apart)),
    ("shared-left-out", cut(lambda a, b, n: np.tril(a) / n**0.5)),
    ("hidden-counted sign-kept", cut(
        lambda a, b, n: (a + b) / n**0.5, lambda S: S.max((1, 2)))),
):  # fmt: skip
    wrong("layer_norm.clip", *names.split())(answer)


@wrong("layer_norm.clip", "input-changed")
def clip_in_place(W_q, W_k, W_r, W_s, x, tau):
    new = clip_by_einsum(W_q, W_k, W_r, W_s, x, tau)
    W_q[:] = new["W_q"]
    return new | {"W_q": W_q}


@wrong("layer_norm.clip")
def clip_of_two(W_q, W_k, W_r, W_s, x, tau):
    new = clip_by_einsum(W_q, W_k, W_r, W_s, x, tau)
    return new["W_q"], new["W_k"]


def rows(x):
    return x.sum(1, keepdims=True)


def through(p, dp):
    return p * dp - p * rows(p * dp)


def slope(S, c):
    return 1 / np.cosh(S / c) ** 2


def divided(dS, k):
    return dS @ k / k.shape[1] ** 0.5


def projected(g, x, r):
    return (g - x * rows(g * x) / x.shape[1]) / r


def back(share=through, cap=slope, dot=divided, norm=projected):
    def back_to_query(dp, p, S, k, q, c):
        r = np.linalg.norm(q, axis=1)[:, None] / q.shape[1] ** 0.5
        dcapped = share(p, dp)
        dS = cap(S, c) * dcapped
        dq_hat = dot(dS, k)
        return dcapped, dS, dq_hat, norm(dq_hat, q / r, r)

    return back_to_query


for names, answer in (
    ("sum-left-out", back(lambda p, dp: p * dp)),
    ("diagonal-alone", back(lambda p, dp: p * (1 - p) * dp)),
    ("mean-of-dp", back(lambda p, dp: p * (dp - dp.mean(1)[:, None]))),
    ("left-out", back(lambda p, dp: dp - rows(p * dp))),
    ("sum-not-shared-out", back(lambda p, dp: p * dp - rows(p * dp))),
    ("left-out", back(lambda p, dp: p * (dp - rows(dp)))),
    ("another-there", back(
        lambda p, dp: p * (dp - rows(p * dp) / p.shape[1]))),
    ("", back(lambda p, dp: p * rows(p * dp) - p * dp)),
    ("another-there", back(lambda p, dp: p * (dp - (p * dp).sum(0)))),
    ("left-out", back(lambda p, dp: p * (dp - (p * dp).sum()))),
    ("", back(lambda p, dp: p * dp - p**2 * rows(dp))),
    ("slope-at-s", back(cap=lambda S, c: slope(S, 1))),
    ("c-left", back(cap=lambda S, c: c * slope(S, c))),
    ("one-over-c-left", back(cap=lambda S, c: slope(S, c) / c)),
    ("", back(
        cap=lambda S, c: 1 - (c * np.tanh(S / c)) ** 2)),
    ("left-out", back(cap=lambda S, c: 1 - np.tanh(S / c))),
    ("", back(cap=lambda S, c: np.tanh(S / c))),
    ("", back(cap=lambda S, c: abs(S) < c)),
    ("cap-forgotten", back(cap=lambda S, c: 1)),
    ("c-left slope-at-s", back(cap=lambda S, c: c * slope(S, 1))),
    ("root-of-d-left", back(dot=lambda dS, k: dS @ k)),
    ("left-out", back(dot=lambda dS, k: dS @ k / k.shape[1])),
    ("r-constant", back(norm=lambda g, x, r: g / r)),
    ("r-forgotten", back(norm=lambda g, x, r: r * projected(g, x, r))),
    ("", back(norm=lambda g, x, r: projected(g, x, r) / r)),
    ("another-there", back(norm=lambda g, x, r: projected(g, x, r) * r**2)),
    ("another-there", back(norm=lambda g, x, r: g)),
    ("sum-along", back(norm=lambda g, x, r: (g - x * rows(g * x)) / r)),
    ("another-there", back(norm=lambda g, x, r: (
        g - x * r * rows(g * x * r) / x.shape[1]) / r)),
    ("mean-taken-out", back(norm=lambda g, x, r:
        projected(g, x, r) - g.mean(1, keepdims=True) / r)),
    ("r-constant sum-left-out", back(
        lambda p, dp: p * dp, norm=lambda g, x, r: g / r)),
):  # fmt: skip
    wrong("layer_norm.to_query", *names.split())(answer)


@wrong("layer_norm.to_query", "slope-at-s")
def back_with_what_follows_not_begun(dp, p, S, k, q, c):
    dcapped = through(p, dp)
    return {"dcapped": dcapped, "dS": dcapped * (1 - np.tanh(S) ** 2)}


@wrong("layer_norm.to_query")
def back_in_another_order(*given):
    return back_by_sums(*given)[::-1]


@wrong("layer_norm.to_query")
def back_through_a_float32(*given):
    dp, p, S, k, q = (torch.tensor(a, dtype=torch.float) for a in given[:5])
    found = back_by_sums(*(a.numpy() for a in (dp, p, S, k, q)), given[5])
    return tuple(a.astype(float) for a in found)
