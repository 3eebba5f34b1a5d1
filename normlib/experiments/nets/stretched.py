"""Digits with other numbers of rows: sequences of other lengths."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...data import Split
from .ensemble import Ensemble
from .training import Watch, error

SIDE = 8  # of an image


def stretched(x: Tensor, rows: int) -> Tensor:
    """Give images (B, 64) other numbers of rows: (B, 8 rows).

    Between the rows there were, it interpolates; the ends stay.
    """
    at = torch.linspace(0, SIDE - 1, rows, device=x.device)
    far = at[:, None] - torch.arange(SIDE, device=x.device)
    weights = (1 - far.abs()).clamp(min=0)  # (rows, 8)
    return (weights @ x.unflatten(1, (SIDE, SIDE))).flatten(1)


def lengths(rows: Sequence[int], steps: int) -> Watch:
    """Give every step of training one of some numbers of rows.

    They are drawn once, the same for all seeds. In the end it is 8.
    """
    draw = torch.Generator().manual_seed(30_000)
    picks = torch.randint(len(rows), (steps,), generator=draw).tolist()

    def watch(step: int, nets: Ensemble, data: Split) -> None:
        nets.form.rows = rows[picks[step]] if step < steps else SIDE

    return watch


def mean_error(nets: Ensemble, data: Split, rows: Sequence[int]) -> Tensor:
    """Return the mean test error (E,) at some numbers of rows."""
    found = []
    for count in rows:
        with nets.options(rows=count):
            found.append(error(nets, data.test_x, data.test_y))
    return torch.stack(found).mean(0)


def mixed_error(nets: Ensemble, data: Split) -> Tensor:
    """Return the mean test error (E,) in 12, 16 and 20 steps."""
    return mean_error(nets, data, (6, 8, 10))


def longer_error(nets: Ensemble, data: Split) -> Tensor:
    """Return the test error (E,) in 24 steps."""
    return mean_error(nets, data, (12,))


def halved(data: Split, seeds: Sequence[int]) -> Split:
    """Wipe out the lower half of every image: (S, n, 64)."""
    half = [x.clone() for x in (data.train_x, data.val_x, data.test_x)]
    for x in half:
        x[..., SIDE * SIDE // 2 :] = x.amin((-2, -1), keepdim=True)
    names = ("train_x", "val_x", "test_x")
    return data._replace(**dict(zip(names, half, strict=True)))
