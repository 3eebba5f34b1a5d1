"""Wrong answers on placement, written by hand, not from the catalogue."""

import math

import numpy as np
from register import wrong
from right_placement import by_logarithms, by_variation, place_by_place


def of_deep(alpha=lambda L: (2 * L) ** 0.5, beta=lambda L: 8 * L, back=1):
    def grown(place, L, v, gains):
        if place != "DeepNorm":
            return by_logarithms(place, L, v, gains)
        squares, a = 1.0, alpha(L)
        for s, r in [*gains] * L:
            s, r = s / beta(L), r / beta(L)
            squares *= ((a if back else 1) + r) / (v * (a + s))
            v = 1.0
        return v, squares**0.5

    return grown


def instead(where, f):
    def grown(place, L, v, gains):
        g = f if place in where else by_logarithms
        return g(place, L, v, gains)

    return grown


def product(step, root=0.5):
    def grown(place, L, v, gains):
        square = 1.0
        for s, back in [*gains] * L:
            v, factor = step(v, s, back)
            square *= factor
        return v, square**root

    return grown


def over(sublayers):
    def grown(place, L, v, gains):
        if place == "DeepNorm":
            return by_logarithms(place, L, v, gains)
        return by_logarithms(place, 1, v, sublayers(list(gains), L))

    return grown


def half_the_net(place, L, v, gains):
    half = [gains[k % 2] for k in range(L)]
    return by_logarithms(place, 1, v, half)


def without_its_first(place, L, v, gains):
    return by_logarithms(place, 1, v, ([*gains] * L)[1:])


def divided_by_what_follows(place, L, v, gains):
    square = 1.0
    for s, back in list(gains) * L:
        more = {"before": s, "both sides": 1, "no norm": s * v}.get(place)
        if more is None:
            break
        v = v + more
        over = {"before": 1, "both sides": s, "no norm": 1 / v}[place] * v
        square *= 1 + back / over
    else:
        return v, square**0.5
    return by_logarithms(place, L, v, gains)


def turned(of):
    def grown(*given):
        v, growth = by_logarithms(*given)
        return of(v, growth)

    return grown


BESIDE = ("both sides",)
for name, answer in (
    ("squares-not-rooted", turned(lambda v, g: (v, g**2))),
    ("upside-down", turned(lambda v, g: (v, 1 / g))),
    ("deviation-returned", turned(lambda v, g: (v**0.5, g))),
    ("", turned(lambda v, g: (v, math.log(g)))),
    ("", turned(lambda v, g: (g, v))),
    ("", turned(lambda v, g: v)),
    ("blocks-for-sublayers", half_the_net),
    ("one-block-too-few", over(lambda gains, L: gains * (L - 1))),
    ("last-left-out", over(lambda gains, L: (gains * L)[:-1])),
    ("one-kind-alone", over(lambda gains, L: [gains[0]] * 2 * L)),
    ("gains-averaged", over(lambda p, L: [np.mean(p, 0)] * 2 * L)),
    ("gains-exchanged", over(lambda g, L: [p[::-1] for p in g] * L)),
    ("", over(lambda gains, L: [gains[0]] * L + [gains[1]] * L)),
    ("", over(lambda gains, L: gains[::-1] * L)),
    ("first-left-out", instead(["before"], without_its_first)),
    ("variance-behind", instead(["before"], divided_by_what_follows)),
    ("", instead(BESIDE, divided_by_what_follows)),
    (
        "deviations-added",
        instead(["before"], product(lambda v, s, b: (
            (v**0.5 + s**0.5) ** 2, 1 + b / v
        ))),
    ),
    (
        "behind-without-v",
        instead(["behind"], product(
            lambda v, s, b: (1, (1 + b) / (1 + s))
        )),
    ),
    ("", instead(["behind"], product(lambda v, s, b: (1, 1 + b)))),
    ("", instead(["behind"], product(lambda v, s, b: (1, 1 + b / v)))),
    (
        "peri-without-s",
        instead(BESIDE, product(lambda v, s, b: (v + 1, 1 + b / v))),
    ),
    (
        "peri-adds-s",
        instead(BESIDE, product(lambda v, s, b: (v + s, 1 + b / s / v))),
    ),
    (
        "none-adds-s",
        instead(["no norm"], product(lambda v, s, b: (v + s, 1 + b))),
    ),
    (
        "none-adds-s",
        instead(["no norm"], product(lambda v, s, b: (v + s, 1 + b / v))),
    ),
    ("alpha-not-squared", of_deep(lambda L: (2 * L) ** 0.25)),
    ("beta-for-one-matrix", of_deep(beta=lambda L: (8 * L) ** 0.5)),
    ("", of_deep(beta=lambda L: (8 * L) ** 0.25)),
    ("alpha-one-way", of_deep(back=0)),
    ("alpha-left-out", of_deep(lambda L: 1.0)),
):  # fmt: skip
    wrong("layer_norm.forecast", *name.split())(answer)


def called(**names):
    def name(v, g):
        true = by_variation(v, g)
        return names.get(true.replace(" ", "_").replace(",", ""), true)

    return name


def of_ends(v, g):
    """Judge by numbers that fit nets of four blocks."""
    if np.allclose(v[1:], 1, atol=0.01):
        return "DeepNorm" if g[0] < g[-1] else "behind"
    if abs(v[1] - 1) < 0.01:
        return "behind, then before"
    if v[-1] > 50:
        return "no norm"
    return "both sides" if v[-1] > 8 else "before"


def of_growth(v, g):
    grown = g[0] / g[-1]
    limits = (1, 1.65, 1.85, 3, 3.5, 1e9)
    nets = ("DeepNorm", "behind", "before", "both sides")
    nets += ("behind, then before", "no norm")
    return nets[np.searchsorted(limits, grown)]


for name, answer in (
    ("variance-alone", called(DeepNorm="behind")),
    ("behind-not-seen", called(behind="DeepNorm")),
    ("beginning-not-seen", called(behind_then_before="before")),
    ("end-not-seen", called(behind_then_before="behind")),
    ("bend-not-seen", called(no_norm="both sides")),
    ("slope-not-seen", called(both_sides="before")),
    ("before-not-seen", called(before="both sides")),
    (
        "variance-alone slope-not-seen",
        called(DeepNorm="behind", both_sides="before"),
    ),
    ("read-off", of_ends),
    ("factor-not-seen", called(no_norm="before")),
    ("", called(no_norm="before", DeepNorm="behind", before="behind")),
    ("", lambda v, g: "before" if g[0] > g[-1] else "DeepNorm"),
    ("", lambda v, g: by_variation(v[::-1], g[::-1])),
    ("slope-not-seen", lambda v, g: by_variation(v**0.5, g)),
    ("", lambda v, g: "pre"),
    ("", lambda v, g: by_variation(v * 2, g)),
    ("", of_growth),
):
    wrong("layer_norm.which", *name.split())(answer)


def changed(where, step, done=None):
    def net(x, sublayers, last, place):
        if place != where:
            return place_by_place(x, sublayers, last, place)
        for f, first, second in sublayers:
            x = step(x, f, first, second, len(sublayers))
        return x if done or (done is None and x is None) else last(x)

    return net


def ends(where, end):
    def net(x, sublayers, last, place):
        y = place_by_place(x, sublayers, lambda x: x, place)
        if place not in where:
            return place_by_place(x, sublayers, last, place)
        return end(y, sublayers, last)

    return net


DEEP = (
    ("alpha-on-the-branch", lambda x, f, a, b, n: b(x + n**0.25 * f(x))),
    ("alpha-without-effect", lambda x, f, a, b, n: b(n**0.25 * (x + f(x)))),
    ("alpha-without-effect", lambda x, f, a, b, n: b(x + f(x))),
    (
        "sublayers-for-blocks",
        lambda x, f, a, b, n: b((2 * n) ** 0.25 * x + f(x)),
    ),
    ("square-root", lambda x, f, a, b, n: b(n**0.5 * x + f(x))),
    ("deepnorm-not-behind", lambda x, f, a, b, n: n**0.25 * x + b(f(x))),
    (
        "blocks-for-sublayers",
        lambda x, f, a, b, n: b((n / 2) ** 0.25 * x + f(x)),
    ),
    (
        "beta-again",
        lambda x, f, a, b, n: b(n**0.25 * x + (4 * n) ** -0.25 * f(x)),
    ),
)
for name, where, step in (
    ("residual-normed", "before", lambda x, f, a, b, n: a(x) + f(a(x))),
    ("output-normed", "before", lambda x, f, a, b, n: x + a(f(x))),
    ("", "before", lambda x, f, a, b, n: x + b(f(x))),
    ("", "before", lambda x, f, a, b, n: a(x) + f(x)),
    ("", "before", lambda x, f, a, b, n: x + f(b(x))),
    (
        "one-norm-for-both",
        "both sides",
        lambda x, f, a, b, n: x + a(f(a(x))),
    ),
    ("norms-exchanged", "both sides", lambda x, f, a, b, n: x + a(f(b(x)))),
    ("sum-normed", "both sides", lambda x, f, a, b, n: b(x + f(a(x)))),
    ("", "both sides", lambda x, f, a, b, n: x + f(b(a(x)))),
    ("before-unnormed", "before", lambda x, f, a, b, n: x + f(x)),
    ("second-for-both", "both sides", lambda x, f, a, b, n: x + b(f(b(x)))),
    (
        "outputs-read-normed",
        "outputs",
        lambda x, f, a, b, n: x + b(f(a(x))),
    ),
    ("", "outputs", lambda x, f, a, b, n: b(x + f(x))),
    ("", "outputs", lambda x, f, a, b, n: x + a(f(x))),
    ("last-twice", "behind", lambda x, f, a, b, n: b(x + f(x))),
):
    wrong("layer_norm.port", *name.split())(changed(where, step))
for name, step in DEEP:
    wrong("layer_norm.port", *name.split())(changed("DeepNorm", step, True))
for name, step in (
    ("branch-normed", lambda x, f, a, b, n: x + b(f(x))),
    ("behind-like-before", lambda x, f, a, b, n: x + f(b(x))),
    ("", lambda x, f, a, b, n: b(x) + f(x)),
    ("", lambda x, f, a, b, n: a(x + f(x))),
):
    wrong("layer_norm.port", *name.split())(changed("behind", step, True))
NORMED = ("before", "both sides", "outputs")
for name, answer in (
    ("last-missing", ends(NORMED, lambda y, sublayers, last: y)),
    ("last-missing", ends(NORMED[:1], lambda y, sublayers, last: y)),
    (
        "last-twice-in-deepnorm",
        ends(["DeepNorm"], lambda y, sublayers, last: last(y)),
    ),
    (
        "last-for-before-only",
        ends(NORMED[1:], lambda y, sublayers, last: y),
    ),
    ("", ends(NORMED, lambda y, sublayers, last: sublayers[-1][2](y))),
):
    wrong("layer_norm.port", *name.split())(answer)
