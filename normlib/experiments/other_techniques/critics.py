"""How far apart can a critic push two clouds? Rows, and whole matrices.

Not a trial. One cloud is the other, moved by 2. A function that never
changes faster than its input gives them means that differ by 2 at most; a
critic that exceeds 2 changes faster. This is a Wasserstein critic's task.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from ...layers import weight_norm

APART, FEATURES, WIDTH = 2.0, 8, 32


def unit_rows(layer: nn.Linear) -> nn.Linear:
    """Give each row of the weight length 1, for good."""
    g = weight_norm(layer).parametrizations.weight.original0
    g.requires_grad_(False).fill_(1.0)
    return layer


def unit_matrix(layer: nn.Linear) -> nn.Linear:
    """Divide the weight by its largest singular value."""
    return spectral_norm(layer)


def pushed_apart(
    wrap: Callable[[nn.Linear], nn.Linear], steps: int = 200
) -> float:
    """Train a critic of three layers; return how far apart the means are.

    Its activations, ReLUs, are no faster than their inputs.
    """
    torch.manual_seed(0)
    critic = nn.Sequential(
        wrap(nn.Linear(FEATURES, WIDTH)), nn.ReLU(),
        wrap(nn.Linear(WIDTH, WIDTH)), nn.ReLU(),
        wrap(nn.Linear(WIDTH, 1)),
    )  # fmt: skip
    here = torch.randn(64, FEATURES)
    there = here + APART * torch.eye(FEATURES)[0]
    learns = [p for p in critic.parameters() if p.requires_grad]
    adam = torch.optim.Adam(learns, lr=0.02)
    for _ in range(steps):
        adam.zero_grad()
        (critic(here).mean() - critic(there).mean()).backward()
        adam.step()
    critic.eval()
    with torch.no_grad():
        return (critic(there).mean() - critic(here).mean()).item()
