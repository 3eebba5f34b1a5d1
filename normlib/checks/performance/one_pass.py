"""performance.one_pass: mean and variance, each number read once."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable, Iterator

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .places import PLACES


def moments(row):
    """Return mean and variance of the numbers of a row, read once."""
    n = one = two = 0
    for v in row:
        if n == 0:
            c = v
        d = v - c
        one += d
        two += d * d
        n += 1
    r = one / n
    return c + r, two / n - r * r


class Number(float):
    """A number of a row, which knows how many others are still there."""

    alive = most = 0

    def __init__(self, _: float) -> None:
        Number.alive += 1
        Number.most = max(Number.most, Number.alive)

    def __del__(self) -> None:
        Number.alive -= 1


class Row:
    """Numbers that come one after the other, and count their readings."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.read = values.tolist(), 0

    def __iter__(self) -> Iterator[Number]:
        for v in self.values:
            self.read += 1
            yield Number(v)


def draw(case: dict) -> np.ndarray:
    """Draw a row: its mean, deviation and first number.

    A mean of 10⁷ is to float64 what a few thousand are to float32.
    """
    rng = np.random.default_rng(case["seed"])
    row = case["mean"] + case["sigma"] * rng.normal(size=case["n"])
    if "first" in case:
        row[0] = case["mean"] + case["first"] * case["sigma"]
    return row


def read(f: Callable, case: dict) -> Answer:
    """Return mean, variance, how often the row was read, what was kept."""
    row = Row(draw(case))
    Number.alive = Number.most = 0
    try:
        found = f(row)
    except TypeError as error:
        if "Row" not in str(error):
            raise
        raise Unusable(
            "row has no length and no indices: it must be read number by "
            "number, as it comes from memory. Use `for v in row`."
        ) from None
    if found is None:
        raise Blank("Your function returns None.")
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise Unusable("What you return must be a mean and a variance.")
    if any(np.ndim(v) for v in found):
        raise Unusable("Mean and variance must be one number each.")
    mean, variance = map(float, found)
    once, few = row.read <= case["n"], Number.most < case["n"]
    return {
        "mean": mean,
        "variance": variance,
        "the row is read": "once" if once else "more than once",
        "kept of it": "a few numbers" if few else "all of it",
    }


one_pass = Exercise(
    id="performance.one_pass",
    answer=moments,
    file=__file__,
    places=PLACES,
    slips=True,
    use=read,
    cases=lambda: [
        {"seed": 0, "n": 7, "mean": 0.5, "sigma": 2.0},
        {"seed": 1, "n": 300, "mean": -3.0, "sigma": 1.0, "first": 1.0},
        {"seed": 2, "n": 64, "mean": 1e7, "sigma": 1.0, "first": -0.5},
    ],
    hints=(
        "mean(v²) − μ² needs one reading and loses its digits where the "
        "mean is large. What could you subtract from every number before "
        "you know the mean?",
        "With d = v − c, for any c: the mean is c + mean(d), the variance "
        "mean(d²) − mean(d)². Which c near the mean do you have at once?",
        "if n == 0: c = v; then d = v - c; one += d; two += d * d; n += 1",
    ),
    afterwards="Worth knowing next: our loop subtracts the row's first "
    "number, some deviations off the mean at most, unless it is an "
    "outlier. Then the variance is a small difference again, and the row "
    "is read a second time, from its mean. Welford's way, in which the "
    "mean moves with every number, needs a division for each.",
)
