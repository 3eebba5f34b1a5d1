"""LSTM and GRU whose sums are normalized, as in Ba et al. (2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .lstm import StepNorm

GATES = {"LSTM": 4, "GRU": 3}


class Gated(nn.Module):
    """Read tokens (B, T), give logits (B, T, symbols) at every step.

    W_x x and W_h h are normalized, and an LSTM's cell; b stands for the
    shift of the sums. One γ serves all steps. Weights are normal, so that
    sums start with a deviation near 1, and gates that keep the old state
    start open, with b = 1; or all start as in torch.nn, uniform within
    1/√hidden. BatchNorm keeps running statistics for `kept` steps.
    """

    def __init__(
        self,
        seed: int,
        *,
        cell: str,
        norm: str,
        hidden: int,
        symbols: int = 4,
        start: str = "wide",
        gamma: float = 1.0,
        kept: int = 1,
    ) -> None:
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        self.cell, self.by_step = cell, norm == "batch"
        H, C = hidden, GATES[cell] * hidden
        self.W_x, self.W_h, self.W_y, self.b, self.b_y = (
            nn.Parameter(torch.zeros(shape))
            for shape in (
                (symbols + 2, C),
                (H, C),
                (H, symbols),
                C,
                symbols,
            )
        )
        with torch.no_grad():
            if start == "wide":
                self.W_x.normal_(0, 1, generator=g)  # x is one-hot
                self.W_h.normal_(0, H**-0.5, generator=g)
                self.W_y.normal_(0, H**-0.5, generator=g)
                self.b[:H] = 1.0
            else:
                for p in self.parameters():
                    p.uniform_(-(H**-0.5), H**-0.5, generator=g)
        sizes = (C, C, H) if cell == "LSTM" else (C, C)
        self.norms = nn.ModuleList(
            StepNorm(norm, size, gamma, kept) for size in sizes
        )
        shifted = cell == "LSTM" and norm != "none"
        self.beta = nn.Parameter(torch.zeros(H)) if shifted else None

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, T) to logits (B, T, symbols)."""
        step = self.lstm if self.cell == "LSTM" else self.gru
        norm_x, norm_h = self.norms[:2]
        if not self.by_step:  # of a token, whenever it comes
            table = norm_x(self.W_x, 0)
        h = self.W_h.new_zeros(len(x), len(self.W_h))
        c, seen = h, []
        for t, x_t in enumerate(x.unbind(1)):
            W_x = norm_x(self.W_x[x_t], t) if self.by_step else table[x_t]
            h, c = step(W_x + self.b, norm_h(h @ self.W_h, t), h, c, t)
            seen.append(h)
        return torch.stack(seen, 1) @ self.W_y + self.b_y

    def lstm(
        self, x: Tensor, z: Tensor, h: Tensor, c: Tensor, t: int
    ) -> tuple[Tensor, Tensor]:
        """Take a step; x and z (B, 4H) are the normalized sums."""
        f, i, o, g = (x + z).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        cell = self.norms[2](c, t)
        cell = cell if self.beta is None else cell + self.beta
        return torch.sigmoid(o) * torch.tanh(cell), c

    def gru(
        self, x: Tensor, z: Tensor, h: Tensor, c: Tensor, t: int
    ) -> tuple[Tensor, Tensor]:
        """Take a step; x and z (B, 3H) are the normalized sums."""
        H = h.shape[1]
        keep, r = torch.sigmoid(x[:, : 2 * H] + z[:, : 2 * H]).chunk(2, 1)
        new = torch.tanh(x[:, 2 * H :] + r * z[:, 2 * H :])
        return keep * h + (1 - keep) * new, c
