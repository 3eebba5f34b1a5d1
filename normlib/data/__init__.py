"""Data that needs no network."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch

from .images import glyphs
from .split import Split
from .text import Text, crops, sources

__all__ = [
    "Split",
    "Text",
    "crops",
    "digits",
    "glyphs",
    "relabel",
    "sources",
]


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    data = load_digits()
    return data.data.astype(np.float32), data.target


def digits(seed: int) -> Split:
    """Split scikit-learn's 1797 digits (8×8) into 1200, 297 and 300.

    Each seed draws another split. Pixels are standardized with one mean
    and one deviation, those of the training images.
    """
    x, y = _digits()
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = torch.from_numpy(x[order]), torch.from_numpy(y[order])
    x = (x - x[:1200].mean()) / x[:1200].std()
    parts = [slice(0, 1200), slice(1200, 1497), slice(1497, 1797)]
    return Split(*(v for part in parts for v in (x[part], y[part])))


@cache
def _digits_digest() -> str:
    x, y = _digits()
    return hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()[:16]


# A record keeps it, and so notices when the data change.
digits.data_digest = _digits_digest


def relabel(
    data: Split, seeds: Sequence[int], share: float, classes: int = 10
) -> Split:
    """Give a share of the training labels a class drawn at random.

    `data` holds one split a seed, stacked: labels (E, n).
    """
    if not share:
        return data
    drawn = []
    for labels, seed in zip(data.train_y, seeds, strict=True):
        g = torch.Generator().manual_seed(20_000 + seed)
        new = torch.randint(classes, labels.shape, generator=g)
        chosen = torch.rand(labels.shape, generator=g) < share
        new, chosen = new.to(labels.device), chosen.to(labels.device)
        drawn.append(torch.where(chosen, new, labels))
    return data._replace(train_y=torch.stack(drawn))
