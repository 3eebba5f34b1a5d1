"""layer_norm.race: how many times fewer steps, with nets that never end."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, named
from ..exercise import Exercise
from .places import PLACES


def times_fewer(plain, normed, target):
    """Return the lowest and the highest factor that is possible."""
    took, open_end = [], []
    for curves in (plain, normed):  # (rates, seeds, looks)
        there = curves <= target
        never = ~there.any(axis=2)
        looks = there.argmax(axis=2) + 1.0
        looks[never] = curves.shape[2]
        means = np.log10(looks).mean(axis=1)
        quickest = means.argmin()
        took.append(10 ** means[quickest])
        open_end.append(never[quickest].any())
    factor = took[0] / took[1]
    low = 0.0 if open_end[1] else factor
    high = np.inf if open_end[0] else factor
    return low, high


def curves(seed: int, paces: list[float], never: list[int]) -> np.ndarray:
    """Draw per cents (rates, 6 seeds, 40 looks), of a pace for each rate.

    The last seeds of a rate, `never` of them, stay above 8 %.
    """
    rng = np.random.default_rng(seed)
    looks = np.arange(1, 41)
    pace = np.array(paces)[:, None, None] * rng.lognormal(0, 0.4, (6, 1))
    found = 75 * np.exp(-looks * pace) + rng.uniform(0, 3, (6, 40))
    for rate, n in zip(found, never, strict=True):
        rate[6 - n :] = np.maximum(rate[6 - n :], 8)
        rate[0, 30:] += 2.5  # learned, and partly lost again
    return np.round(2 * found) / 2  # 5 % itself occurs


CASES = {  # paces and runs that never end, for either side
    "all learn": ([0.1, 0.15], [0, 0], [0.2, 0.35, 0.1], [0, 0, 0]),
    "a plain net does not": ([0.2, 0.4], [0, 1], [0.3, 0.2], [0, 0]),
    "a normed one does not": ([0.3, 0.2], [0, 3], [0.1, 0.5], [3, 2]),
    "neither": ([0.12, 0.2, 0.3], [0, 6, 3], [0.9, 0.2], [2, 5]),
}


def read(f: Callable, name: str) -> Answer:
    """Return both ends, and say of which race they are."""
    p, p_never, n, n_never = CASES[name]
    ends = f(curves(1, p, p_never), curves(2, n, n_never), 5.0)
    if isinstance(ends, tuple | list) or np.ndim(ends):
        ends = tuple(map(np.float64, ends))
    found = named(ends, ("lowest", "highest"))
    return {f"{end}, where {name}": v for end, v in found.items()}


race = Exercise(
    id="layer_norm.race",
    answer=times_fewer,
    file=__file__,
    places=PLACES,
    slips=True,
    use=read,
    cases=lambda: [*CASES],
    hints=(
        "What do you know of a net that was above the target at all 40 "
        "looks? And what does argmax return for it?",
        "It takes 40 or more: a lower bound. Count 40, take the mean of "
        "the logarithms for each rate, and the rate where it is lowest. A "
        "bound above the line opens the factor upwards, and one below it?",
        "looks[never] = curves.shape[2]; high = np.inf if a plain net at "
        "its rate never got there; low = 0.0 if a normed one did not",
    ),
    afterwards="Worth knowing next: a choice of the quickest rate flatters "
    "whoever has more rates to choose from. Give both arms the same grid, "
    "and let the choice be part of the interval.",
)
