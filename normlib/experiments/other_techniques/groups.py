"""Groups of channels: their sets, what they forget, and their weights."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from ... import reference as ref
from ...figures import BASE, STYLES

C, SIDE = 8, 2  # of the picture: channels, and rows of positions


def shares(G: int) -> np.ndarray:
    """Return which inputs (C, positions) reach the first output."""
    x = np.random.default_rng(0).normal(size=(1, C, SIDE, SIDE))
    y, cache = ref.group_norm_forward(x, None, None, num_groups=G)
    dy = np.zeros_like(y)
    dy[0, 0, 0, 0] = 1.0
    dx = ref.norm_backward(dy, cache)[0]
    return np.abs(dx[0]).reshape(C, -1) > 1e-12


def picture() -> Figure:
    """Draw the set of the first value for each number of groups."""
    plt.rcParams.update(BASE)
    counts = [G for G in range(1, C + 1) if C % G == 0]
    fig, axes = plt.subplots(
        len(counts), 1, figsize=(5.6, 1.15 * len(counts)),
        layout="constrained",
    )  # fmt: skip
    plt.close(fig)
    for ax, G in zip(axes, counts, strict=True):
        lit = shares(G)
        for c in range(C):
            left = c * (SIDE + 0.5) + c * G // C * 0.7
            for p in range(SIDE * SIDE):
                at = (left + p % SIDE, SIDE - 1 - p // SIDE)
                color = STYLES["group"][1] if lit[c, p] else "#f3f3f3"
                ax.add_patch(plt.Rectangle(
                    at, 1, 1, facecolor=color, edgecolor="#555555", lw=0.8
                ))  # fmt: skip
        many = "group" if G == 1 else "groups"
        ax.set_title(
            f"{G} {many}, m = {lit.sum()}", fontsize=13, loc="left"
        )
        ax.set(xlim=(-0.2, C * (SIDE + 0.5) + 5), ylim=(-0.2, SIDE + 0.2))
        ax.set_aspect("equal")
        ax.axis("off")
    return fig


def kept(norm: nn.Module, *shape: int) -> int:
    """Count the directions that small changes of x pass through."""
    x = torch.randn(
        1, *shape, dtype=torch.float64,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    J = torch.autograd.functional.jacobian(norm.double(), x)
    J = J.reshape(x.numel(), x.numel())
    return int(torch.linalg.matrix_rank(J, atol=1e-3, rtol=0.0))


def pushes(G: int, channels: int = 6) -> Tensor:
    """Return the gradient (C,) of a bias that stands before the norm."""
    g = torch.Generator().manual_seed(0)
    b = torch.zeros(channels, dtype=torch.float64, requires_grad=True)
    x, dy = torch.randn(
        2, 2, channels, 5, 5, dtype=torch.float64, generator=g
    )
    y = nn.functional.group_norm(x + b[:, None, None], G)
    return torch.autograd.grad((y * dy).sum(), b)[0]
