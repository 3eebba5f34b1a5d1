"""Which input moves which output: the Jacobian of a norm, by samples."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from .. import figures
from ..layers import BatchNorm1d, LayerNorm

LAYERS = {"batch": BatchNorm1d, "layer": LayerNorm}


def jacobian(norm: str, x: Tensor, *, training: bool = True) -> Tensor:
    """Return ∂y_i/∂x_j of x (N, C), with i and j over all N·C values."""
    layer = LAYERS[norm](x.shape[1], dtype=x.dtype).train(training)
    J = torch.autograd.functional.jacobian(layer, x)
    return J.reshape(x.numel(), x.numel())


def picture(*, N: int = 4, C: int = 3) -> Figure:
    """Draw |∂y/∂x| of BatchNorm and LayerNorm, samples boxed."""
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.normal(size=(N, C)))
    fig, (row,) = figures.grid(1, 2, height=3.2)
    for ax, norm in zip(row, LAYERS, strict=True):
        size = jacobian(norm, x).abs() > 1e-9
        ax.imshow(size, cmap="Blues", vmin=0, vmax=1.4)
        for edge in range(1, N):
            ax.axhline(edge * C - 0.5, color="black", lw=0.8)
            ax.axvline(edge * C - 0.5, color="black", lw=0.8)
        middle = [(n + 0.5) * C - 0.5 for n in range(N)]
        names = [str(n + 1) for n in range(N)]
        ax.set_xticks(middle, names)
        ax.set_yticks(middle, names)
        ax.grid(False)
        ax.set(title=figures.STYLES[norm][0], xlabel="input of sample")
    row[0].set_ylabel("output of sample")
    return fig
