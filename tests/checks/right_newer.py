"""Right answers on what a norm is for, on why it works, on the ladder.

Written differently; nothing from the catalogue.
"""

import math

import numpy as np
from register import right


@right("introduction.chi")
def chi_by_hermite(phi, slope, gain, bias):
    x, w = np.polynomial.hermite.hermgauss(150)
    w = w / np.sqrt(np.pi)
    q, before = 0.5, -1.0
    while abs(q - before) > 1e-12:
        z = np.sqrt(2 * q) * x
        before, q = q, bias + gain * np.dot(w, np.square(phi(z)))
    return gain * np.dot(w, slope(np.sqrt(2 * q) * x) ** 2)


@right("introduction.chi")
def chi_by_density(phi, slope, gain, bias):
    def mean(f, q):
        z = np.linspace(-8 * q**0.5, 8 * q**0.5, 4001)
        density = np.exp(-z * z / 2 / q) / math.sqrt(2 * math.pi * q)
        return np.trapezoid(f(z) ** 2 * density, z)

    q = 2.0
    for _ in range(100):
        q = gain * mean(phi, q) + bias
    return np.array([gain * mean(slope, q)])


@right("introduction.chi")
def chi_by_bisection(phi, slope, gain, bias):
    z = np.arange(-8, 8, 0.01) + 0.005
    p = np.exp(-0.5 * z**2)
    low, high = 1e-6, 100.0
    for _ in range(100):
        q = (low + high) / 2
        up = gain * np.average(phi(q**0.5 * z) ** 2, weights=p) + bias
        low, high = (q, high) if up > q else (low, q)
    return float(gain * np.average(slope(q**0.5 * z) ** 2, weights=p))


SWEEP = {("none", 0.5): -16.7, ("layer", 0.5): 0, ("batch", 0.5): 0.7}
SWEEP |= {("batch", 0.2): 2.3, ("batch", -1): 10.8}
right("introduction.sweep")(SWEEP)
right("introduction.sweep")(
    {
        ("none", 0.5): 49 * math.log10(math.sqrt(1.25 / 6)),
        ("layer", 0.5): -0.0,
        ("batch", 0.5): np.float32(0.69990),
        ("batch", 0.2): 2.3196786,
        ("batch", -1): -24.5 * math.log10(1 - 2 / math.pi),
    }
)
right("introduction.sweep")({k: np.float64(v) for k, v in SWEEP.items()})
for by in (-0.1, 0.1):
    right("introduction.sweep")({k: v + by for k, v in SWEEP.items()})
right("introduction.sweep")(SWEEP | {("none", 0.5): -16.75})


@right("shift")
def shift_by_units(before, after):
    moved = spread = 0.0
    for j in range(before.shape[1]):
        a, b = before[:, j], after[:, j]
        moved += (b.mean() - a.mean()) ** 2 + (b.std() - a.std()) ** 2
        spread += a.var()
    return (moved / spread) ** 0.5


@right("shift")
def shift_by_norms(before, after):
    read = [np.stack([v.mean(0), v.std(0)]) for v in (before, after)]
    return np.linalg.norm(read[1] - read[0]) / np.linalg.norm(read[0][1])


@right("shift")
def shift_pooled(before, after):
    squares = (after.mean(0) - before.mean(0)) ** 2
    squares = squares + (np.sqrt(after.var(0)) - before.std(0)) ** 2
    return np.array(np.sqrt(squares.mean() / before.var(0).mean()))


def arm(norm="batch", noise=0.0, rate="quickest", weights="same"):
    return {"norm": norm, "noise": noise, "rate": rate, "weights": weights}


def designs(**other):
    return {
        "control": [arm(), arm(noise=0.3)],
        "null": [arm(), arm(weights="other")],
        "positive": [arm(), arm(noise=0.9)],
        "read": "steps",
        "seeds": 8,
    } | other


@right("design")
def design_by_noise():
    return designs(seeds=20)


@right("design")
def design_by_rate():
    return designs(control=(arm(), arm(rate="plain's")))


@right("design")
def design_without_norm_as_positive():
    positive = (arm(), arm(norm="none"))
    return designs(positive=positive, null=(arm(weights="other"), arm()))


def design_turned_around():
    """Return a design that is wrong: the lead is where the noise is."""
    return designs(control=(arm(noise=0.3), arm()))


@right("performance.copies")
def copies_by_last_use(program, large, kept):
    last = {name: len(program) for name in kept}
    for i, kernel in enumerate(program):
        for _, names in kernel:
            last |= {n: max(i, last.get(n, i)) for n in names}
    total = 0.0
    for i, kernel in enumerate(program):
        at_hand = set()
        for out, names in kernel:
            for name in names:
                if name not in at_hand:
                    total += 0.5 * (name in large)
                at_hand.add(name)
            at_hand.add(out)
        made = {out for out, _ in kernel} & large
        total += 0.5 * sum(last.get(n, -1) > i for n in made)
    return total


@right("performance.copies")
def copies_backwards(program, large, kept):
    wanted, halves = {*kept}, 0
    for kernel in reversed(program):
        made = {out for out, _ in kernel}
        halves += len(made & wanted & large)
        need = set()
        for out, names in reversed(kernel):
            need = (need - {out}) | {*names}
        halves += len(need & large)
        wanted |= need
    return np.float64(halves / 2)


@right("performance.copies")
def copies_by_lists(program, large, kept):
    steps = [(i, o, n) for i, k in enumerate(program) for o, n in k]
    moves = set()
    for at, (i, out, names) in enumerate(steps):
        own = [o for j, o, _ in steps[:at] if i == j]
        moves |= {("read", i, n) for n in names if n not in own}
        if out in kept or any(out in n for j, _, n in steps if j > i):
            moves.add(("write", i, out))
    return sum(name in large for *_, name in moves) / 2


@right("performance.rewrite")
def rewrite_by_folding(x, gamma, beta, eps):
    y = np.subtract(x, x.mean(-1)[:, None])
    inverse = 1 / np.sqrt(np.einsum("ij,ij->i", y, y) / len(gamma) + eps)
    return np.einsum("ij,i,j->ij", y, inverse, gamma) + beta


@right("performance.rewrite")
def rewrite_out_of_place(x, gamma, beta, eps):
    d = x - np.mean(x, axis=1, keepdims=True)
    sigma = np.sqrt(np.vecdot(d, d) / x.shape[-1] + eps)
    return d / sigma[:, None] * gamma + beta, sigma


@right("performance.rewrite")
def rewrite_by_products(x, gamma, beta, eps):
    y = x - (x @ np.ones(x.shape[1]))[:, None] / x.shape[1]
    y /= np.sqrt((np.vecdot(y, y) / x.shape[1] + eps)[:, None])
    np.multiply(y, gamma, out=y)
    np.add(y, beta, out=y)
    return y


@right("performance.rewrite")
def rewrite_by_moments(x, gamma, beta, eps):
    mu = x.mean(-1, keepdims=True)
    var = np.vecdot(x, x)[:, None] / x.shape[1] - mu * mu
    y = x - mu
    y *= 1 / np.sqrt(var + eps)
    y *= gamma
    y += beta
    return y
