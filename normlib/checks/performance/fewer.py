"""performance.rewrite: the same LayerNorm, in fewer passes."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections import Counter
from collections.abc import Callable

import numpy as np

from ..answers import Answer, Unusable, first_of
from ..exercise import Exercise
from .places import PLACES
from .traffic import Counted, counted, passes

MOST = 5  # copies
SIZE = 256  # rows and columns: a row is 1/256 of x


def layer_norm(x, gamma, beta, eps):
    """Return y for x (M, N), in five copies of x or fewer."""
    mu = x.mean(axis=-1, keepdims=True)
    y = x - mu
    var = np.vecdot(y, y)[:, None] / x.shape[1]
    y *= 1 / np.sqrt(var + eps)
    y *= gamma
    y += beta
    return y


def given(x, gamma, beta, eps):
    """Return y, as the formula stands: seven copies."""
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    x_hat = (x - mu) / np.sqrt(var + eps)
    return gamma * x_hat + beta


def trace(f: Callable, far: float) -> Answer:
    """Return y, and the copies with the operations that they went to."""
    rng = np.random.default_rng(0)
    x = far + rng.normal(size=(SIZE, SIZE)) * rng.uniform(1, 3, SIZE)
    gamma, beta = rng.uniform(0.5, 1.5, (2, SIZE))
    passes.clear()
    value = f(counted(x), gamma, beta, 0.3)
    done = [(op, size / x.nbytes) for op, size in passes]
    y = first_of(value, "y")
    first = value[0] if isinstance(value, tuple) else value
    if not isinstance(first, Counted):
        raise Unusable(
            "The count is lost; it must be kept from x to y. np.array, "
            "np.asarray and np.empty take it off: begin with x - mu, "
            "x.copy() or np.empty_like(x)."
        )
    if looped([size for _, size in done]):
        return {"y": y, "copies": "no count, for parts of x in a loop"}
    copies = round(sum(size for _, size in done)) / 2
    large = Counter(sorted(op for op, size in done if size > 0.5))
    told = ", ".join(f"{n} {op}" for op, n in large.items())
    told = f"{copies:g}, for {told}"
    return {"y": y, "copies": told * (copies > MOST) or f"{MOST} or fewer"}


def looped(sizes: list[float]) -> bool:
    """Tell a loop over rows or blocks, by sizes in units of x.

    With whole arrays an operation takes all of x or numbers a row, and
    no program needs sixty.
    """
    return len(sizes) > 60 or any(0.03 < size < 0.99 for size in sizes)


rewrite = Exercise(
    id="performance.rewrite",
    answer=layer_norm,
    file=__file__,
    places=PLACES,
    use=trace,
    cases=lambda: [2.0],
    strained=lambda: [1e8],
    hints=(
        "Which array does the given program compute twice, and which does "
        "it write only to add it up?",
        "x − μ is computed twice: keep it, in y. Its squares are written "
        "and read again: np.vecdot multiplies and adds in one pass.",
        "y = x - mu; var = np.vecdot(y, y)[:, None] / x.shape[1]; and "
        "from there on y *= … and y += …",
    ),
    afterwards="Worth knowing next: in place saves room and no traffic; "
    "what saved two copies is what you no longer compute. 256 rows at a "
    "time, all of it is one copy: the rest comes from the cache.",
)
