"""Right answers on loops, written differently; and nearly so.

Nothing from the catalogue.
"""

import math
from fractions import Fraction
from functools import reduce
from itertools import count

import numpy as np
from register import right


@right("performance.one_pass")
def pass_by_welford(row):
    """Welford (1962): the mean moves with each number."""
    mean = m2 = 0.0
    for n, v in enumerate(row, 1):
        delta = float(v) - mean
        mean += delta / n
        m2 += delta * (float(v) - mean)
    return [mean, m2 / n]


@right("performance.one_pass")
def pass_by_reduce(row):
    """The sums as one complex number, seen from the first of the row."""
    numbers = iter(row)
    c = float(next(numbers))
    n, sums = reduce(
        lambda so, v: (so[0] + 1, so[1] + complex(v - c, (v - c) ** 2)),
        numbers, (1, 0j),
    )  # fmt: skip
    r = sums.real / n
    return [c + r, sums.imag / n - r * r]


@right("performance.one_pass")
def pass_by_next(row):
    numbers = iter(row)
    c = float(next(numbers))
    d = [0.0]
    d += [float(v) - c for v in numbers]
    r = math.fsum(d) / len(d)
    return c + r, math.fsum(e * e for e in d) / len(d) - r**2


@right("performance.one_pass")
def pass_by_fractions(row):
    """No digit is lost, so no shift is needed."""
    n = one = two = 0
    for v in map(Fraction, row):
        n, one, two = n + 1, one + v, two + v**2
    return float(one / n), float(two / n - (one / n) ** 2)


@right("performance.one_row")
def row_by_numpy(dy, x, gamma, mu, rstd, dgamma, dbeta):
    dy, x_hat = np.array(dy), (np.array(x) - mu) * rstd
    dgamma += dy * x_hat
    dbeta += dy
    g = gamma * dy
    return rstd * (g - g.mean() - x_hat * (g @ x_hat) / len(g))


@right("performance.one_row")
def row_by_jacobian(dy, x, gamma, mu, rstd, dgamma, dbeta):
    N = len(x)
    x_hat = [(v - mu) * rstd for v in x]
    for j, d in enumerate(dy):
        dgamma[j] = dgamma[j] + d * x_hat[j]
        dbeta[j] = dbeta[j] + d
    return [
        rstd * sum(
            ((i == j) - 1 / N - x_hat[i] * x_hat[j] / N) * gamma[i] * dy[i]
            for i in range(N)
        )
        for j in range(N)
    ]  # fmt: skip


@right("performance.one_row")
def row_by_zip(dy, x, gamma, mu, rstd, dgamma, dbeta):
    a = b = 0
    kept = []
    for j, d, v, w in zip(count(), dy, x, gamma):
        hat, g = (v - mu) * rstd, w * d
        kept.append((g, hat))
        a, b = a + g / len(x), b + g * hat / len(x)
        dbeta[j] += d
        dgamma[j] += d * hat
    return [rstd * (g - a) - rstd * b * hat for g, hat in kept]
