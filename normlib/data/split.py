"""What a data set is divided into."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Split(NamedTuple):
    """One seed's division: inputs (n, …) standardized, labels (n,)."""

    train_x: torch.Tensor
    train_y: torch.Tensor
    val_x: torch.Tensor
    val_y: torch.Tensor
    test_x: torch.Tensor
    test_y: torch.Tensor
