"""Laws of a norm, tried in order when no named mistake fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .answers import first_of, labelled
from .outcome import Part, pre, say

Failed = tuple[str, list[Part]]
Call = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
EPS = 0.25


def small() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield x, γ, β from the smallest on."""
    x = np.array([[1.0, 4.0], [3.0, 9.0], [8.0, 2.0]])
    gamma, beta = np.array([2.0, 0.5]), np.array([0.3, -0.7])
    for n, c in ((2, 1), (3, 1), (3, 2)):
        yield x[:n, :c], gamma[:c], beta[:c]


def law(
    name: str, says: str, sides: Callable[[Call, tuple], tuple]
) -> Callable[[Callable], Failed | None]:
    """Make a property: `sides` returns what is expected and what came."""

    def holds(f: Callable) -> Failed | None:
        images = _for_images(f)

        def call(
            x: np.ndarray, gamma: np.ndarray, beta: np.ndarray
        ) -> np.ndarray:
            given = x[:, :, None, None] if images else x
            y = first_of(f(given, gamma, beta, eps=EPS), "y")
            return y.reshape(x.shape) if y.shape == given.shape else y

        for given in small():
            try:
                expected, got = sides(call, given)
            except Exception:
                continue  # this input is too small for it
            if not _near(expected, got):
                seen = _seen(given, images, expected, got)
                told = f"The first property that fails is {name}: {says}"
                return name, [say(told), pre(seen)]
        return None

    return holds


def _for_images(f: Callable) -> bool:
    """Tell whether f takes (N, C, H, W) alone."""
    try:
        f(*next(small()), eps=EPS)
    except Exception:
        return True
    return False


def _near(expected: object, got: object) -> bool:
    if isinstance(expected, np.ndarray):
        return np.shape(got) == expected.shape and np.allclose(
            got, expected, rtol=1e-4, atol=1e-6
        )
    return expected == got


def _seen(given: tuple, images: bool, expected: object, got: object) -> str:
    lines = [
        labelled(f"{k} = ", v)
        for k, v in zip(("x", "γ", "β"), given, strict=True)
    ]
    lines += [f"ε = {EPS}"]
    lines += ["x is given with the shape (N, C, 1, 1)"] * images
    lines += [labelled("expected ", expected), labelled("got      ", got)]
    return "\n".join(lines)


def _shape(f: Call, given: tuple) -> tuple:
    return given[0].shape, f(*given).shape


def _dtype(f: Call, given: tuple) -> tuple:
    return given[0].dtype, f(*given).dtype


def _mean(f: Call, given: tuple) -> tuple:
    return given[2], f(*given).mean(0)


def _variance(f: Call, given: tuple) -> tuple:
    x, gamma, _ = given
    return gamma**2 * x.var(0) / (x.var(0) + EPS), f(*given).var(0)


def _scale(f: Call, given: tuple) -> tuple:
    x, gamma, beta = given
    return 2 * (f(*given) - beta), f(x, 2 * gamma, beta) - beta


def _offset(f: Call, given: tuple) -> tuple:
    x, gamma, beta = given
    return f(*given) + 3.0, f(x, gamma, beta + 3.0)


def _shift(f: Call, given: tuple) -> tuple:
    x, gamma, beta = given
    return f(*given), f(x + 5.0, gamma, beta)


def _independent(f: Call, given: tuple) -> tuple:
    x, gamma, beta = given
    if x.shape[1] == 1:
        return None, None
    other = x.copy()
    other[:, 1:] = other[::-1, 1:] * 3
    return f(*given)[:, 0], f(other, gamma, beta)[:, 0]


def _order(f: Call, given: tuple) -> tuple:
    x, gamma, beta = given
    return f(*given)[::-1], f(x[::-1].copy(), gamma, beta)


FORWARD = (
    law("shape", "y has the shape of x.", _shape),
    law("dtype", "y has the dtype of x.", _dtype),
    law("mean", "the mean of y over a channel is β.", _mean),
    law(
        "variance",
        "the variance of y over a channel is γ²·var/(var + ε).",
        _variance,
    ),
    law("scale", "twice γ gives twice y − β.", _scale),
    law("offset", "β + 3 gives y + 3.", _offset),
    law("shift", "adding 5 to x changes nothing.", _shift),
    law("independence", "a channel does not feel another.", _independent),
    law("order", "samples in another order give the same values.", _order),
)
