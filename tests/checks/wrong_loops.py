"""Wrong answers to the exercises of right_loops; by hand."""

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
    ("left-out", edited(row_by_numpy, "dbeta += dy", "dbeta = dbeta + dy")),
    ("left-out", edited(row_by_numpy, "- g.mean() ", "")),
    ("left-out", edited(row_by_numpy, "rstd * (g", "(g")),
):  # fmt: skip
    wrong("performance.one_row", *names.split())(answer)
