"""What an array of channels is made of, and how it lies in memory."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .operators import Dtype, flat

Array = np.ndarray


class Sizes(NamedTuple):
    """Of x: samples, channels, positions; and the sets of a sample."""

    N: int
    C: int
    L: int
    G: int
    images: int  # that have statistics of their own: 1 for batch norm


def sizes(x: Tensor, groups: int) -> Sizes:
    """Read them of x (N, C, *)."""
    N, C, *places = x.shape
    return Sizes(N, C, math.prod(places), groups or C, N if groups else 1)


def as_it_lies(x: Tensor, last: bool, dtype: Dtype = None) -> Array:
    """Return x (N, C, *) flat, in the order of (N, *, C) with `last`."""
    return flat(x.movedim(1, -1) if last else x, dtype)


def empty_as(x: Tensor, last: bool, dtype: torch.dtype) -> Tensor:
    """Return what has x's shape, and lies as `as_it_lies` takes it.

    Not as x does now: what was kept or traced may come back otherwise.
    """
    if not last:
        return x.new_empty(x.shape, dtype=dtype)
    _, C, *places = x.shape
    steps = [C]
    for n in reversed(places):
        steps.insert(0, n * steps[0])
    image, *steps = steps
    return x.new_empty_strided(x.shape, (image, 1, *steps), dtype=dtype)
