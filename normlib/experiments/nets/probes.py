"""What is looked at in a net besides its error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ...data import digits
from ..protocol import Config, Rows, seeds
from .ensemble import Ensemble, State
from .mlp import MLP
from .training import for_all, gradients


def layer_gradients(
    config: Config,
    make: Callable[[int], MLP],
    batch: int,
    layers: Iterable[int],
    device: str,
) -> Rows:
    """Return log10 ‖∂loss/∂h_l‖ at the start, a row a seed and layer l.

    In float64: fifty sigmoid layers leave float32's range, and without
    a norm skips double the variance in each layer.
    """
    rows: Rows = []
    for seed in seeds(config):
        data, net = digits(seed), make(seed).double().to(device)
        x = data.train_x[:batch].double().to(device)
        logits, hidden = net(x, every=True)
        loss = F.cross_entropy(logits, data.train_y[:batch].to(device))
        grads = torch.autograd.grad(loss, [hidden[l - 1] for l in layers])
        for layer, g in zip(layers, grads, strict=True):
            decades = round(g.norm().log10().item(), 4)
            rows.append(
                {"seed": seed, "layer": layer, "log10_grad": decades}
            )
    return rows


Moments = list[tuple[Tensor, Tensor]]


@torch.no_grad()
def moments(nets: Ensemble, x: Tensor) -> Moments:
    """Return mean and deviation (E, D) of what each layer hands on."""
    _, hidden = nets(x, every=True)
    return [(h.mean(1), h.std(1)) for h in hidden]


def shift(before: Moments, after: Moments) -> Tensor:
    """Return log10 of the shift (E,), averaged over the layers.

    A layer's shift is √(Σ (Δμ)² + (Δs)²) / √Σs², summed over its units:
    a shift of 1 moves a typical unit by its own deviation s.
    """
    layers = []
    for (mu, s), (new_mu, new_s) in zip(before, after, strict=True):
        moved = (new_mu - mu).square() + (new_s - s).square()
        layers.append(moved.sum(1) / s.square().sum(1))
    return torch.stack(layers).log10().mean(0) / 2


def dot(a: State, b: State) -> Tensor:
    """Return the inner product (E,) over all parameters of a member."""
    return sum((a[k] * b[k]).flatten(1).sum(1) for k in a)


def turned(
    nets: Ensemble, before: State, after: State, x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor]:
    """Return log10 ‖G′ − G‖/‖G‖ (E,) and of ‖G′ − G‖, over the layers.

    The mean of the layers. G is the gradient of layer l's weights before
    a step; for G′ only the layers below l have taken it.
    """
    depth = len(nets.form.linear)
    start = gradients(nets, before, x, y)
    found = []
    for layer in range(1, depth + 1):
        mixed = {
            name: after[name] if layer_of(name, depth) < layer else old
            for name, old in before.items()
        }
        weights = _weights(layer, depth)
        G = start[weights]
        moved = gradients(nets, mixed, x, y)[weights]
        change = (moved - G).flatten(1).norm(dim=1)
        length = G.flatten(1).norm(dim=1)
        found.append(torch.stack([change / length, change]))
    relative, whole = torch.stack(found).log10().mean(0)
    return relative, whole


def layer_of(name: str, depth: int) -> int:
    """Return the layer of a parameter of an MLP, the output's is depth."""
    kind, _, rest = name.partition(".")
    return depth if kind == "output" else int(rest.partition(".")[0])


def _weights(layer: int, depth: int) -> str:
    place = "output" if layer == depth else f"linear.{layer}"
    return f"{place}.weight"


def walk(
    nets: Ensemble,
    x: Tensor,
    y: Tensor,
    rates: Sequence[float],
    lengths: Sequence[float],
) -> list[tuple[str, float, Tensor]]:
    """Step down the gradient; compare it with the one found there.

    Returns ("rate" or "length", how far, cosine (E,)). A rate multiplies
    the gradient; a length is relative to that of all parameters.
    """
    here = {k: p.detach() for k, p in nets.parameters.items()}
    g = gradients(nets, here, x, y)
    size, norm = dot(here, here).sqrt(), dot(g, g).sqrt()
    steps = [("rate", far, torch.full_like(norm, far)) for far in rates]
    steps += [("length", far, far * size / norm) for far in lengths]
    found = []
    for kind, far, rate in steps:
        there = {k: p - for_all(rate, p) * g[k] for k, p in here.items()}
        new = gradients(nets, there, x, y)
        cosine = dot(g, new) / (norm * dot(new, new).sqrt())
        found.append((kind, far, cosine.nan_to_num(0.0)))
    return found
