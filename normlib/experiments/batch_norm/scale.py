"""Retrace a path: weights ten times larger, a rate a hundred times.

Not a trial: algebra says that the two runs are the same, and this shows
it on a small net with BatchNorm before every activation.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from ...data import digits
from ..nets.mlp import MLP


def path(
    gain: float,
    rate: float,
    *,
    norm: str = "batch",
    steps: int = 60,
    decay: float = 0.0,
    seed: int = 0,
) -> tuple[list[float], list[float]]:
    """Train a net of three layers; return losses and ‖W‖ of the first.

    Only the weights before a norm learn, so that nothing else has a rate
    of its own, and ε is nearly 0: with it the two runs differ by a
    fraction ε/σ². `decay` is subtracted from W as rate·decay·W.
    """
    net = MLP(
        seed, norm=norm, depth=3, width=32, gain=gain, gain_output=False
    ).double()
    for layer in net.norm:
        layer.eps = 1e-300  # torch refuses 0
    weights = [linear.weight for linear in net.linear]
    data, draw = digits(seed), torch.Generator().manual_seed(seed)
    losses, lengths = [], []
    for _ in range(steps):
        pick = torch.randint(len(data.train_y), (64,), generator=draw)
        logits = net(data.train_x[pick].double())
        loss = F.cross_entropy(logits, data.train_y[pick])
        grads = torch.autograd.grad(loss, weights)
        losses.append(loss.item())
        lengths.append(weights[0].norm().item())
        with torch.no_grad():
            for W, g in zip(weights, grads, strict=True):
                W -= rate * (g + decay * W)
    return losses, lengths
