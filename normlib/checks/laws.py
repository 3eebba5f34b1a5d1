"""Laws: what must hold of an answer, tried when no mistake fits.

A law compares two things on small inputs, the smallest first, and shows
the first input on which they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .answers import labelled
from .outcome import Part, pre, say

Given = dict[str, Any]  # an input: what is printed, by name
Sides = Callable[[Any, Given], tuple[Any, Any]]  # expected, and got
Broken = tuple[str, list[Part]]


def law(
    name: str, says: str, sides: Sides, inputs: Iterable[Given]
) -> Callable[[Any], Broken | None]:
    """Make a law; called with an answer it returns None where it holds.

    `sides(f, given)` uses the answer f and returns what is expected and
    what came. Where it raises, the input is too small, or another law
    says more.
    """
    inputs = tuple(inputs)

    def broken(f: Any) -> Broken | None:
        for given in inputs:
            try:
                expected, got = sides(f, given)
            except Exception:
                continue
            if not _near(expected, got):
                lines = [labelled(f"{k} = ", v) for k, v in given.items()]
                lines += [labelled("expected ", expected)]
                lines += [labelled("got      ", got)]
                message = f"The first property that fails is {name}: {says}"
                return "", [say(message), pre("\n".join(lines))]
        return None

    return broken


def _near(expected: Any, got: Any) -> bool:
    if not isinstance(expected, np.ndarray):
        return expected == got
    return np.shape(got) == expected.shape and np.allclose(
        got, expected, rtol=1e-4, atol=1e-6
    )
