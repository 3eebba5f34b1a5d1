"""Wrong answers to the exercises of right_loops; by hand."""

import numpy as np
from register import edited, wrong
from right_loops import (
    pass_by_fractions,
    pass_by_next,
    row_by_numpy,
    row_by_zip,
)


def moments_of(summed):
    """Return an answer that keeps n, Σv and Σv²."""

    def f(row):
        n, one, two = 0, 0.0, 0.0
        for v in row:
            n, one, two = n + 1, one + v, two + v * v
        return summed(n, one, two)

    return f


@wrong("performance.one_pass", "read-twice")
def two_loops(row):
    n = total = 0
    for v in row:
        n += 1
        total += float(v)
    return total / n, sum((float(v) - total / n) ** 2 for v in row) / n


@wrong("performance.one_pass", "kept")
def by_numpy(row):
    values = list(row)
    return np.mean(values), np.var(values)


@wrong("performance.one_pass", "read-twice")
def begins_again(row):
    c, n, one, two = next(iter(row)), 0, 0.0, 0.0
    for v in row:
        n, one, two = n + 1, one + v - c, two + (v - c) ** 2
    return c + one / n, two / n - (one / n) ** 2


@wrong("performance.one_pass", "returned-early")
def in_the_loop(row):
    mean = m2 = 0.0
    for n, v in enumerate(row, 1):
        delta = v - mean
        mean += delta / n
        m2 += delta * (v - mean)
        return mean, m2 / n


@wrong("performance.one_pass")
def as_an_array(row):
    return np.array([sum(row)]), 0.0


@wrong("performance.one_pass")
def by_length(row):
    return sum(row) / len(row), 0


@wrong("performance.one_pass")
def one_number(row):
    return sum(row)


for names, answer in (
    ("not-shifted", moments_of(
        lambda n, a, b: (a / n, b / n - (a / n) ** 2))),
    ("mean-of-d-left-out", edited(pass_by_next, " - r**2", "")),
    ("c-forgotten", edited(pass_by_next, "c + r,", "r,")),
    ("c-as-mean", edited(pass_by_next, "c + r,", "c,")),
    ("unbiased", edited(
        pass_by_fractions, "two / n - (one / n) ** 2",
        "(two - one**2 / n) / (n - 1)")),
    ("sigma", edited(
        pass_by_fractions, "two / n - (one / n) ** 2",
        "float(two / n - (one / n) ** 2) ** 0.5")),
):  # fmt: skip
    wrong("performance.one_pass", *names.split())(answer)

for names, answer in (
    ("dgamma-overwritten", edited(
        row_by_zip, "dgamma[j] += d", "dgamma[j] = d")),
    ("dbeta-overwritten", edited(
        row_by_zip, "dbeta[j] += d", "dbeta[j] = d")),
    ("dgamma-overwritten dbeta-overwritten", edited(
        row_by_numpy, "dgamma += dy", "dgamma[:] = dy",
        "dbeta += dy", "dbeta[:] = dy")),
    ("g-in-dbeta", edited(row_by_zip, "dbeta[j] += d", "dbeta[j] += g")),
    ("g-for-dy", edited(row_by_zip, "+= d * hat", "+= g * hat")),
    ("x-for-x-hat", edited(row_by_zip, "+= d * hat", "+= d * v")),
    ("sums-for-means", edited(row_by_zip, " / len(x)", "")),
    ("dy-for-g", edited(
        row_by_zip, "a + g / len(x), b + g * hat",
        "a + d / len(x), b + d * hat")),
    ("dbeta-unchanged", edited(
        row_by_numpy, "dbeta += dy", "dbeta = dbeta + dy")),
    ("rms", edited(row_by_numpy, "- g.mean() ", "")),
    ("no-means", edited(
        row_by_numpy, "g - g.mean() - x_hat * (g @ x_hat) / len(g)", "g")),
    ("no-gamma", edited(row_by_numpy, "g = gamma * dy", "g = dy")),
    ("sigma-for-rstd", edited(
        row_by_numpy, "mu) * rstd", "mu) / rstd",
        "return rstd *", "return 1 / rstd *")),
    ("not-centred", edited(row_by_numpy, "- mu)", ")")),
    ("averaged", edited(row_by_zip, "+= d * hat", "+= d * hat / len(x)")),
    ("left-out", edited(row_by_numpy, "rstd * (g", "(g")),
    ("", edited(
        row_by_numpy, "    return rstd", "    return dgamma, rstd")),
):  # fmt: skip
    wrong("performance.one_row", *names.split())(answer)
