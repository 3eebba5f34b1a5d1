"""layer_norm.decide: as good, worse, or open, by an interval."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from numbers import Real

import numpy as np
from scipy.special import stdtrit

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .places import PLACES


def compare(layer, rms, margin):
    """Return low, high and the verdict on RMSNorm's test bits."""
    a, b = (test[val.mean(axis=1).argmin()] for val, test in (layer, rms))
    more = 100 * (b - a) / a.mean()
    n = len(more)
    half = stdtrit(n - 1, 0.975) * more.std(ddof=1) / np.sqrt(n)
    low, high = more.mean() - half, more.mean() + half
    if high < margin:
        return low, high, "as good"
    if low > margin:
        return low, high, "worse"
    return low, high, "open"


def bits(case: dict) -> tuple[tuple, tuple]:
    """Draw val and test (rates, seeds) of both norms.

    Seeds differ by 5 %. `more` is how RMSNorm's per cent differ from
    seed to seed: their mean and deviation. Its best rate is another one
    than LayerNorm's, and on test a third looks best.
    """
    rng = np.random.default_rng(case["seed"])
    n, (mean, spread) = case["n"], case["more"]
    seeds = rng.normal(4, 0.2, n)
    off = rng.normal(size=n)
    off = mean + spread * (off - off.mean()) / off.std(ddof=1)
    found = []
    for best, factor in ((1, np.ones(n)), (2, 1 + off / 100)):
        val = 1.2 * seeds * factor * rng.uniform(1, 1.04, (4, n))
        val[best] = seeds * factor * rng.uniform(1.1, 1.22, n)
        if n > 7:  # one lucky seed at a rate that is bad for the others
            val[3, 0] = 0.9 * val.min()
        test = seeds * rng.uniform(1.03, 1.05, (4, n))
        test[best], test[0] = seeds * factor, 0.97 * test[0]
        found.append((val, test))
    return found[0], found[1]


def judge(f: Callable, case: dict) -> Answer:
    """Return both ends and the verdict."""
    found = f(*bits(case), case["margin"])
    if found is None:
        raise Blank("Your function returns None.")
    if not isinstance(found, tuple | list) or len(found) != 3:
        raise Unusable("What you return must be low, high and a verdict.")
    low, high, verdict = found
    if not all(isinstance(v, Real) or np.size(v) == 1 for v in (low, high)):
        raise Unusable("low and high must be one number each.")
    if verdict not in ("as good", "worse", "open"):
        raise Unusable('The verdict is "as good", "worse" or "open".')
    return {"low": float(low), "high": float(high), "verdict": verdict}


decide = Exercise(
    id="layer_norm.decide",
    answer=compare,
    file=__file__,
    places=PLACES,
    slips=True,
    use=judge,
    cases=lambda: [
        {"seed": i, "n": n, "more": more, "margin": 1.5}
        for i, (n, more) in enumerate(
            [
                (8, (0.3, 0.8)),  # around 0, below the margin
                (8, (0.8, 0.5)),  # above 0, below the margin
                (4, (-0.3, 1.6)),  # around 0 and the margin
                (6, (2.1, 0.4)),  # above the margin
                (6, (1.9, 0.9)),  # above 0, around the margin
                (9, (-2.5, 0.6)),  # far better
                (5, (1.2, 0.5)),  # the mean below, the end above
            ]
        )
    ],
    hints=(
        "Which rate is a norm read at, if the test may not choose it? And "
        "which two numbers belong together, seed by seed?",
        "d is one number a seed: 100·(rms − layer)/mean of layer. Its "
        "mean varies by s/√n, with s over n − 1. Which end of the "
        "interval must lie where, for each verdict?",
        "half = stdtrit(n - 1, 0.975) * d.std(ddof=1) / np.sqrt(n); as "
        "good where high < margin, worse where low > margin, else open",
    ),
    afterwards="Worth knowing next: this interval takes the chosen rate "
    "as given. The trial chooses anew in each resample, and its interval "
    "is wider where two rates are about equal.",
)
