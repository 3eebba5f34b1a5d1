"""performance.one_pass: mean and variance, each number read once."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable, Iterator

import numpy as np

from ..answers import Answer, Unusable
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


class Row:
    """Numbers that come one after the other, and count their readings."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.read = values, 0

    def __iter__(self) -> Iterator[np.float64]:
        for v in self.values:
            self.read += 1
            yield v


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
    """Return mean, variance, and how often the row was read."""
    row = Row(draw(case))
    try:
        found = f(row)
    except TypeError as error:
        if "Row" not in str(error):
            raise
        raise Unusable(
            "row has no length and no places: it must be read number by "
            "number, as it comes from memory. Use `for v in row`."
        ) from None
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise Unusable("What you return must be a mean and a variance.")
    mean, variance = (float(v) for v in found)
    once = row.read <= case["n"]
    return {
        "mean": mean,
        "variance": variance,
        "the row is read": "once" if once else "more than once",
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
    afterwards="Worth knowing next: c is one number of the row, so it "
    "lies some deviations off at most, unless it is an outlier. Then the "
    "variance is a small difference again: our loop reads such a row a "
    "second time, from its mean.",
)
