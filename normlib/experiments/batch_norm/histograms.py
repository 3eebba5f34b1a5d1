"""What is left of the input, and of the gradient, layer by layer.

Not a trial: a picture of one net at initialization. What a layer says
about the samples is the part of h that differs between them, so the mean
over the batch is taken off before anything is counted.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from ... import figures
from ...data import digits
from ..nets.mlp import MLP

LAYERS = (1, 7, 14, 20)


def signals(
    norm: str, depth: int = 20, batch: int = 128, seed: int = 0
) -> tuple[list[Tensor], list[Tensor]]:
    """Return, layer by layer, what varies in h and ∂loss/∂h (batch, D)."""
    net = MLP(seed, norm=norm, init="default", depth=depth, width=128)
    data = digits(seed)
    logits, hidden = net.double()(data.train_x[:batch].double(), every=True)
    loss = F.cross_entropy(logits, data.train_y[:batch])
    grads = torch.autograd.grad(loss, hidden)
    varies = [(h - h.mean(0)).detach() for h in hidden]
    return varies, list(grads)


def decades(values: Tensor) -> Tensor:
    """Return log10 of the magnitudes, zeros left out."""
    size = values.abs().flatten()
    return torch.log10(size[size > 0])


def picture(norms: tuple[str, ...] = ("none", "batch")) -> Figure:
    """Draw histograms of both, a row a layer, the input at the top."""
    fig, axes = figures.grid(len(LAYERS), 2, height=1.35)
    for norm in norms:
        label, color, _, _ = figures.STYLES[norm]
        for column, layers in enumerate(signals(norm)):
            for row, layer in enumerate(LAYERS):
                axes[row][column].hist(
                    decades(layers[layer - 1]).numpy(),
                    bins=80, range=(-13, 2), density=True,
                    color=color, alpha=0.6, label=label,
                )  # fmt: skip
    for row, layer in enumerate(LAYERS):
        axes[row][0].set_ylabel(f"layer {layer}")
        for ax in axes[row]:
            ax.set_yticks([])
    axes[0][0].set_title("what varies in h")
    axes[0][1].set_title("gradient")
    for ax in axes[-1]:
        ax.set_xlabel("log₁₀ of size")
    return figures.finish(fig)
