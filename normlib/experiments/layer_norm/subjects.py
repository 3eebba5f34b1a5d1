"""Layers and nets that a sample goes through twice: is it the same?

"null" is the same done again, and may change nothing; "planted" is
BatchNorm in LayerNorm's place, which has to be off.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from ... import layers
from .equations import Quantities, affine

LAYERS = ("torch.nn", "normlib")
NETS = ("MLP", "pre-norm Transformer", "post-norm Transformer")
DTYPES = {"float64": torch.float64, "float32": torch.float32,
          "bfloat16": torch.bfloat16}  # fmt: skip
B, T = 64, 5  # samples in a batch, tokens in a sentence
Pair = Callable[[nn.Module, Tensor], tuple[Tensor, Tensor]]


def make_all(rng: np.random.Generator) -> dict[str, nn.Module]:
    """Make what is tried, of D features."""
    D = 8 * int(rng.integers(4, 32))
    gamma, beta = rng.normal(size=(2, D))
    torch.manual_seed(int(rng.integers(2**31)))

    def layer(make: Callable) -> nn.Module:
        return affine(make(D), gamma, beta)

    def transformer(first: bool, dropout: float = 0.0) -> nn.Module:
        return nn.TransformerEncoderLayer(
            D, 4, 2 * D, dropout, norm_first=first, batch_first=True
        )

    mlp = (nn.Linear(D, D), nn.LayerNorm(D), nn.ReLU(), nn.Linear(D, D))
    return {
        "torch.nn": layer(nn.LayerNorm), "normlib": layer(layers.LayerNorm),
        "MLP": nn.Sequential(*mlp),
        "pre-norm Transformer": transformer(True),
        "post-norm Transformer": transformer(False),
        "with dropout": transformer(False, 0.1),
        "planted": layer(nn.BatchNorm1d),
    }  # fmt: skip


def off(a: Tensor, b: Tensor) -> float:
    """Return the largest deviation, over 1 + |b|."""
    a, b = a.detach().cpu().double(), b.detach().cpu().double()
    return float(((a - b).abs() / (1 + b.abs())).max())


def compared(
    rng: np.random.Generator, device: str, pair: Pair
) -> Quantities:
    """Compare pairs in every format: how far off, how many bits differ.

    Bits are told in numbers that are not the same to the last one.
    """
    found: Quantities = {}
    for name, net in make_all(rng).items():
        D = next(net.parameters()).shape[-1]
        flat = name in (*LAYERS, "MLP", "planted")
        x = torch.tensor(rng.normal(1, 2, (B, D) if flat else (B, T, D)))
        for dtype, kind in DTYPES.items():
            net = net.to(device, kind)
            first, second = pair(net, x.to(device, kind))
            found[f"{name}, {dtype}"] = off(first, second)
            found[f"{name}, {dtype}, bits"] = int((first != second).sum())
            if name == "torch.nn":
                same = off(pair(net, x.to(device, kind))[0], first)
                found["null"] = max(same, found.get("null", 0.0))
    found["planted"] = found.pop("planted, float64")
    return found


@torch.no_grad()
def alone(net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """Run a sample alone, and with 63 others.

    They are a thousand times as large, and one is NaN. BatchNorm, which
    bears neither that nor one sample, gets two, and the batch as it is.
    """
    mates = torch.cat([x[:1], 1000 * x[1:]])
    mates[-1] = torch.nan
    if isinstance(net, nn.BatchNorm1d):
        return net(x[:2])[0], net(x)[0]
    net.eval()  # of dropout
    return net(x[:1])[0], net(mates)[0]


def modes(net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """Run a batch in training mode, after another, and in evaluation.

    At inference, without gradients, PyTorch's Transformers take another
    route, of fused kernels.
    """
    net.train()
    net(3 * x + 5)
    trained = net(x).detach()
    net.eval()
    with torch.no_grad():
        return trained, net(x)


def batch(rng: np.random.Generator, device: str) -> Quantities:
    """Compare a sample alone with itself among 63 others."""
    return compared(rng, device, alone)


def mode(rng: np.random.Generator, device: str) -> Quantities:
    """Compare training with evaluation."""
    return compared(rng, device, modes)
