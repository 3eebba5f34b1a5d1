"""Wrong answers to the exercises of right_newer; none of the catalogue."""

import numpy as np
import right_newer as newer
from register import wrong
from right_newer import SWEEP, arm, designs


@wrong("introduction.chi")
def chi_by_sampling(phi, slope, gain, bias):
    z, q = np.random.default_rng(0).normal(size=100_000), 1.0
    for _ in range(50):
        q = gain * np.mean(phi(q**0.5 * z) ** 2) + bias
    return gain * np.mean(slope(q**0.5 * z) ** 2)


@wrong("introduction.chi", "no-step")
def chi_as_behind_a_norm(phi, slope, gain, bias):
    z = np.linspace(-10, 10, 5000)
    p = np.exp(-(z**2) / 2)
    return gain * (p * slope(z) ** 2).sum() / p.sum()


for name, entries in (
    ("batch-as-layer", {("batch", a): 0.0 for a in (0.5, 0.2, -1)}),
    ("weights-forgotten", {("none", 0.5): -5.0}),
    ("layers-upside-down", {k: -v for k, v in SWEEP.items()}),
    ("one-layer", {k: round(v / 49, 1) for k, v in SWEEP.items()}),
    ("slope-of-relu", {("none", 0.5): -19.1}),
    ("measured-for-theory", {("batch", -1): 9.3}),
    (
        "measured-for-theory",
        {("batch", 0.5): 1.0, ("layer", 0.5): 0.1, ("batch", -1): 9.3},
    ),
    ("", {("none", 0.5): -17.0}),
    ("", {("batch", -1): 11.0}),
    ("", {("batch", -1): 9.3, ("batch", 0.2): 5.0}),
    ("fifty-factors", {("none", 0.5): -17.0, ("batch", -1): 11.0}),
):
    wrong("introduction.sweep", *name.split())(SWEEP | entries)

for name, changes in (
    ("norm-taken-away", {"control": (arm(), arm("none"))}),
    ("no-lead-to-lose", {"control": (arm("none"), arm("none", 0.3))}),
    (
        "two-things-changed",
        {"control": (arm(), arm("batch", 0.3, "plain's"))},
    ),
    ("dose-too-weak", {"control": (arm(), arm(noise=0.1))}),
    ("", {"control": (arm(), arm())}),
    ("null-of-noise", {"null": (arm(), arm(noise=0.9))}),
    ("null-of-noise", {"null": (arm(noise=0.1), arm())}),
    ("null-of-rate", {"null": [arm(rate="plain's"), arm()]}),
    ("", {"null": (arm("none"), arm("none", weights="other"))}),
    ("null-missing", {"null": None}),
    ("positive-in-dispute", {"positive": (arm(), arm(rate="plain's"))}),
    ("", {"positive": (arm(), arm(weights="other"))}),
    ("reads-no-lead", {"read": "test error"}),
    ("few-seeds", {"seeds": 2}),
    ("few-seeds", {"seeds": 7}),
    ("one-seed", {"seeds": 1}),
    ("", {"seeds": 0}),
    ("", {"control": (arm(noise=0.3), arm())}),
    ("lead-itself", {"control": (arm("none"), arm())}),
    ("compared-with-plain", {"control": (arm("none"), arm(noise=0.3))}),
    ("null-of-norm", {"null": (arm(), arm("none"))}),
):
    wrong("design", *name.split())(
        lambda changes=changes: designs(**changes)
    )


@wrong("shift", "sigma-after")
def shift_after(before, after):
    return newer.shift_by_norms(after, before)


@wrong("performance.copies")
def copies_of_steps(program, large, kept):
    return float(sum(len(kernel) for kernel in program))


@wrong("performance.rewrite", "var-of-numpy")
def rewrite_by_std(x, gamma, beta, eps):
    y = x - x.mean(1, keepdims=True)
    return gamma * (y / np.sqrt(y.std(1, keepdims=True) ** 2 + eps)) + beta


@wrong("performance.rewrite")
def rewrite_by_copying(x, gamma, beta, eps):
    y = x.copy()
    y -= y.mean(1, keepdims=True)
    y /= np.sqrt(np.vecdot(y, y)[:, None] / y.shape[1] + eps)
    y *= gamma
    y += beta
    return y


@wrong("performance.rewrite")
def rewrite_untracked(x, gamma, beta, eps):
    return newer.rewrite_by_folding(np.array(x), gamma, beta, eps)


@wrong("performance.rewrite", "loop")
def rewrite_by_rows(x, gamma, beta, eps):
    y = np.empty_like(x)
    for i in range(len(x)):
        d = x[i] - x[i].mean()
        y[i] = gamma * (d / np.sqrt((d**2).mean() + eps)) + beta
    return y


@wrong("performance.rewrite", "loop")
def rewrite_row_by_row(x, gamma, beta, eps):
    y = x.copy()
    for row in y:
        row -= row.mean()
        row *= gamma / np.sqrt(np.vecdot(row, row) / len(row) + eps)
        row += beta
    return y


def rewrite_by_blocks(rows):
    def rewrite(x, gamma, beta, eps):
        y = np.empty_like(x)
        for i in range(0, len(x), rows):
            part = slice(i, i + rows)
            y[part] = newer.rewrite_by_folding(x[part], gamma, beta, eps)
        return y

    return rewrite


for rows in (1, 2, 8, 64, 128):
    wrong("performance.rewrite", "loop")(rewrite_by_blocks(rows))
