"""An LSTM whose sums are normalized, as in Cooijmans et al. (2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ... import layers
from .stretched import SIDE, stretched

PIXELS = 4  # that a step reads


class StepNorm(nn.Module):
    """γ times a norm of (B, C), with statistics by step or shared.

    One γ serves all steps. Of `kept` > 1 BatchNorms each keeps the running
    statistics of one step; the last serves all later steps too.
    """

    def __init__(
        self, technique: str, C: int, gamma: float, kept: int
    ) -> None:
        super().__init__()

        def make() -> nn.Module:
            return {
                "none": nn.Identity,
                "layer": lambda: layers.LayerNorm(
                    C, elementwise_affine=False
                ),
                "batch": lambda: layers.BatchNorm1d(C, affine=False),
            }[technique]()

        self.norms = nn.ModuleList(make() for _ in range(kept))
        self.gamma = None
        if technique != "none":
            self.gamma = nn.Parameter(torch.full((C,), gamma))

    def forward(self, z: Tensor, step: int) -> Tensor:
        """Normalize the sums (B, C) of one step."""
        x_hat = self.norms[min(step, len(self.norms) - 1)](z)
        return x_hat if self.gamma is None else self.gamma * x_hat


class LSTM(nn.Module):
    """Read (B, 64) in steps of 4 pixels; name the digit at the end.

    W_x x, W_h h and the cell are normalized; b stands for the β of the
    first two. Weights are normal with deviation 1/√D_in; forget gates
    start open, with b = 1. Gates come in the order i f o g. `kept` > 1 is
    of how many steps BatchNorm keeps statistics.

    `rows` may be set: the images are stretched to as many, and read in
    2 rows steps: 16 of 8 rows.
    """

    def __init__(
        self,
        seed: int,
        *,
        norm: str,
        hidden: int,
        kept: int = 1,
        gamma: float = 1.0,
    ) -> None:
        super().__init__()
        self.rows = SIDE
        g = torch.Generator().manual_seed(seed)
        shapes = ((PIXELS, 4 * hidden), (hidden, 4 * hidden), (hidden, 10))
        self.W_x, self.W_h, self.W_y = (
            nn.Parameter(torch.randn(s, generator=g) / s[0] ** 0.5)
            for s in shapes
        )
        b = torch.zeros(4 * hidden)
        b[hidden : 2 * hidden] = 1.0
        self.b, self.b_y = nn.Parameter(b), nn.Parameter(torch.zeros(10))
        self.norm_x, self.norm_h, self.norm_c = (
            StepNorm(norm, C, gamma, kept)
            for C in (4 * hidden, 4 * hidden, hidden)
        )
        self.beta = (
            None if norm == "none" else nn.Parameter(torch.zeros(hidden))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, 64) to logits (B, 10)."""
        if self.rows != SIDE:
            x = stretched(x, self.rows)
        h = c = x.new_zeros(len(x), len(self.W_h))
        for t, x_t in enumerate(x.split(PIXELS, 1)):
            z = self.norm_x(x_t @ self.W_x, t) + self.norm_h(
                h @ self.W_h, t
            )
            i, f, o, g = (z + self.b).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            cell = self.norm_c(c, t)
            cell = cell if self.beta is None else cell + self.beta
            h = torch.sigmoid(o) * torch.tanh(cell)
        return h @ self.W_y + self.b_y
