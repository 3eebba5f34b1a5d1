"""layer_norm.balance: scales moved through a norm that three maps read."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, labelled, named
from ..exercise import Exercise
from ..laws import Broken
from ..outcome import pre, say
from .places import PLACES

FIVE = ("gamma", "beta", "W_q", "W_k", "W_v")


def balanced(gamma, beta, W_q, W_k, W_v, y):
    """Return the five: the same function, feature and column even."""
    top = abs(y).max(axis=0)
    read = np.max([abs(W).max(axis=0) for W in (W_q, W_k, W_v)], axis=0)
    s = np.ones(len(gamma))
    used = top > 0
    s[used] = np.sqrt(top[used] / read[used])
    return gamma / s, beta / s, W_q * s, W_k * s, W_v * s


def norm(case: tuple) -> tuple[np.ndarray, ...]:
    """Draw the five, and y of T tokens; of six, one feature is idle."""
    seed, T, D, rows = case
    rng = np.random.default_rng(seed)
    gamma, beta = rng.uniform(0.5, 2, D), rng.normal(-0.3, 1, D)
    gamma[:2] *= -30, -1
    W = [rng.normal(-0.1, 1, (n, D)) for n in rows]
    if T > 4:
        gamma[2] = beta[2] = 0
    x_hat = rng.normal(size=(T, D)) * np.linspace(3, 1, T)[:, None]
    return gamma, beta, *W, gamma * x_hat + beta


def move(f: Callable, case: tuple) -> Answer:
    """Move scales; what a column holds whose feature is 0 is left out."""
    given = norm(case)
    found, used = named(f(*given), FIVE), given[-1].any(axis=0)
    return found | {
        n: found[n] * used
        for n in FIVE[2:]
        if found[n].shape[1:] == used.shape
    }


CASES = ((7, 4, 4, (4, 4, 4)), (2, 6, 5, (6, 3, 2)))


def other(f: Callable) -> Broken:
    """Show a map that gives something else; or sizes, if none does."""
    gamma, beta, *W, y = norm(CASES[0])
    a, b, *new = move(f, CASES[0]).values()
    z = (y - beta) / gamma * a + b
    for name, before, after in zip(FIVE[2:], W, new, strict=True):
        was, gives = before @ y[0], after @ z[0]
        if not np.allclose(was, gives):
            words = f"The function is another: see what {name} gives for a "
            words += "token. No product Wᵢⱼ yⱼ may change, whoever reads."
            shown = labelled("expected ", was), labelled("got      ", gives)
            return "", [say(words), pre("\n".join(shown))]
    top, read = (abs(np.vstack(x)).max(axis=0) for x in (z, new))
    words = "The function is the same, and they must be equally large:"
    shown = labelled("max |y| ", top), labelled("max |W| ", read)
    return "", [say(words), pre("\n".join(shown))]


balance = Exercise(
    id="layer_norm.balance",
    answer=balanced,
    file=__file__,
    places=PLACES,
    slips=True,
    use=move,
    cases=lambda: CASES,
    laws=(other,),
    hints=(
        "Who reads feature j, and through which numbers of each matrix?",
        "s = √(max |y| / max |W|), by feature, the second max over all "
        "three. γ/s, β/s, W·s. Where y is always 0, any s above 0 will do.",
        "read = np.max([abs(W).max(0) for W in (W_q, W_k, W_v)], 0); "
        "return gamma / s, beta / s, W_q * s, W_k * s, W_v * s",
    ),
    afterwards="Worth knowing next: SmoothQuant's α shares otherwise, "
    "s = max |y|^α / max |W|^(1−α). Here α is a half.",
)
