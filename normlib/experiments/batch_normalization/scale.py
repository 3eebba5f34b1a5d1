"""Retrace a path: weights ten times larger, a rate a hundred times.

Not a trial: algebra says that the two runs are the same, and this shows
it on a small net with BatchNorm before every activation.
"""

from __future__ import annotations

import torch

from .. import ensemble


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
    of its own. `decay` is subtracted from W as rate·decay·W.
    """
    net = ensemble.make(
        norm=norm, act="relu", init="scaled", depth=3, width=32,
        seeds=[seed], gain=gain, dtype=torch.float64,
    )  # fmt: skip
    with torch.no_grad():
        net.W[-1] /= gain  # no norm follows the last layer
    net.eps = 0.0  # with ε the two runs differ by a fraction ε/σ²
    data = ensemble.splits([seed])
    x, y = data.train_x.double(), data.train_y
    draw = torch.Generator().manual_seed(seed)
    losses, lengths = [], []
    for _ in range(steps):
        pick = torch.randint(x.shape[1], (64,), generator=draw)
        logits = net(x[:, pick])
        loss = torch.nn.functional.cross_entropy(logits[0], y[0, pick])
        grads = torch.autograd.grad(loss, net.W[:-1])
        losses.append(loss.item())
        lengths.append(net.W[0].norm().item())
        with torch.no_grad():
            for W, g in zip(net.W[:-1], grads, strict=True):
                W -= rate * (g + decay * W)
    return losses, lengths
