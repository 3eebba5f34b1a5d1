"""BatchNorm over groups of n images: m is chosen, all else stays.

A step sees G·n images in G groups of n, as G machines do that hold n
images each, or one that accumulates gradients over G small batches.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ... import layers


class GhostBatchNorm(nn.Module):
    """BatchNorm2d, one group of n images after another.

    Hoffer et al. (2017) call the groups ghost batches. Evaluation, and
    n = 0, take the batch as it is. `norm` may be another norm.
    """

    def __init__(
        self, C: int, n: int, norm: type[nn.Module] = layers.BatchNorm2d
    ) -> None:
        super().__init__()
        self.norm, self.n = norm(C), n

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (G·n, C, H, W)."""
        if not (self.training and self.n):
            return self.norm(x)
        return torch.cat([self.norm(part) for part in x.split(self.n)])
