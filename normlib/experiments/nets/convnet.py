"""A CNN in three stages, plain or residual, for images of any side."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norms import for_images
from .patches import convolution

STAGES = 3


class ConvNet(nn.Module):
    """Map images (B, 1, side, side) to logits (B, classes).

    h ← ReLU(norm(conv h)), a 3×3 convolution of stride 2 to `width`
    channels; then three stages of `blocks` blocks of two 3×3
    convolutions,

        h ← ReLU(s(h) + norm(conv(ReLU(norm(conv h))))),

    where stages two and three begin with stride 2 and twice the channels;
    then the mean over all positions, and a linear layer. With `skip`
    s(h) = h, where the shape changes every second row and column, and 0
    for new channels (He et al., 2016, option A); without it s = 0.
    The depth is 2 + 6 · `blocks`, counted as He et al. do.

    W is normal with deviation √(2/D_in), times `branch` in the second
    convolution of a block. Without a norm E[h²] grows with each of the
    B = 3 · `blocks` skips, up to twofold, and a deep net does not train;
    branch = 1/√B keeps it below e times the first. `norm` is a technique,
    or makes a norm from C. Only where it does not centre is there a bias.
    """

    def __init__(
        self,
        seed: int,
        *,
        norm: str | Callable[[int], nn.Module],
        side: int,
        width: int = 8,
        blocks: int = 1,
        skip: bool = False,
        branch: float = 1.0,
        classes: int = 62,
    ) -> None:
        super().__init__()
        g, self.skip = torch.Generator().manual_seed(seed), skip
        bias = norm in ("none", "rms")
        self.conv, self.norm = nn.ModuleList(), nn.ModuleList()

        def add(d_in: int, d_out: int, stride: int, side: int) -> None:
            self.conv.append(
                convolution(g, d_in, d_out, 3, stride, 1, bias=bias)
            )
            self.norm.append(
                norm(d_out) if callable(norm)
                else for_images(norm, d_out, side)
            )  # fmt: skip

        side, C = side // 2, width
        add(1, C, 2, side)
        for stage in range(STAGES):
            for k in range(blocks):
                stride = 2 if stage and not k else 1
                side = side // stride
                add(C, C * stride, stride, side)
                C = C * stride
                add(C, C, 1, side)
                self.conv[-1].weight.data.mul_(branch)
        self.output = nn.Linear(C, classes, bias=False)
        W = torch.randn(C, classes, generator=g) * (2 / C) ** 0.5
        self.output.weight = nn.Parameter(W.T.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, 1, side, side) to logits (B, classes)."""
        first, *layers = map(nn.Sequential, self.conv, self.norm)
        h = F.relu(first(x))
        for one, two in zip(layers[::2], layers[1::2], strict=True):
            new = two(F.relu(one(h)))
            h = F.relu(new + shortcut(h, new) if self.skip else new)
        return self.output(h.mean((2, 3)))


def shortcut(h: Tensor, new: Tensor) -> Tensor:
    """Bring (B, C, H, W) to the shape of `new`, without parameters."""
    step = h.shape[2] // new.shape[2]
    h = h[:, :, ::step, ::step]
    return F.pad(h, (0, 0, 0, 0, 0, new.shape[1] - h.shape[1]))
