"""Train small nets, and see what becomes of the means of a parameter."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

RATE, DECAY, STEPS = 0.05, 0.1, 20


def logits(p: dict[str, Tensor], net: str) -> Tensor:
    """Run two blocks on all six bytes; features lie on axis 0."""

    def norm(h: Tensor) -> Tensor:
        h = h - h.mean(0) * ("Layer" in net)
        return p["γ"] * h / (h.square().mean(0) + 1e-5).sqrt() + p["β"]

    behind, h = "behind" in net, p["bytes"]
    for k in (0, 1):
        y = p["W1"][k] @ (h if behind else norm(h)) + p["b1"][k]
        h = h + p["W2"][k] @ y.tanh() + p["b2"][k]
        h = norm(h) if behind else h
    out = p["bytes"].T if "tied" in net else p["out"]
    return out @ (h if behind else norm(h))


def trained(net: str, name: str, how: str) -> tuple[Tensor, Tensor]:
    """Return the means of a parameter, before and after training."""
    g = torch.Generator().manual_seed(0)
    shapes = {"bytes": (8, 6), "W1": (2, 5, 8), "b1": (2, 5, 1)}
    shapes |= {"W2": (2, 8, 5), "b2": (2, 8, 1), "out": (6, 8)}
    shapes |= {"γ": (8, 1), "β": (8, 1)}
    p = {
        n: (0.5 + 0.5 * torch.randn(s, generator=g)).double()
        for n, s in shapes.items()
    }
    values = [v.requires_grad_() for v in p.values()]
    before = p[name].detach().mean(-2)
    if how == "Adam":
        optimizer = torch.optim.Adam(values, RATE)
    else:
        options = {"momentum": 0.9 * (how == "momentum")}
        options |= {"weight_decay": DECAY * (how == "decay")}
        optimizer = torch.optim.SGD(values, RATE, **options)
    for _ in range(STEPS):
        optimizer.zero_grad()
        wanted = torch.arange(6).roll(1)
        cross_entropy(logits(p, net).T, wanted).backward()
        if how == "clipped":
            clip_grad_norm_(values, 0.1)
        optimizer.step()
    return before, p[name].detach().mean(-2)


def measured(case: tuple[str, str, str]) -> str:
    """Say what training does to the means."""
    before, after = trained(*case)
    left = {"stays": 1, "shrinks": (1 - RATE * DECAY) ** STEPS}
    for what, share in left.items():
        if torch.allclose(after, share * before, rtol=1e-9, atol=1e-12):
            return what
    return "moves"
