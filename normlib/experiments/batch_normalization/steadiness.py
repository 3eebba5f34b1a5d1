"""How steady are a net's inputs, and how steady its gradients?

What the trials noisy and landscape measure, on ensembles: each function
returns one number a member, (E,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from .. import ensemble


@dataclass
class Net(ensemble.Net):
    """A net whose every layer is followed by y ← eᵃ y + b.

    a and b are normal with deviation `noise`, one of each for a channel
    (E, 1, D), new in every forward pass. Evaluation is without noise and
    takes the statistics of all rows it is given.
    """

    noise: float = 0.0
    draw: torch.Generator = field(default_factory=torch.Generator)

    def _normalize(self, z: Tensor, layer: int, training: bool) -> Tensor:
        y = z
        if self.norm != "plain":
            y = super()._normalize(z, layer, True)
        if not (training and self.noise):
            return y
        shape = (2, z.shape[0], 1, z.shape[2])
        a, b = self.noise * torch.randn(shape, generator=self.draw)
        return y * a.exp().to(y.device) + b.to(y.device)


def make(norm: str, noise: float, seeds: list[int], **shape: object) -> Net:
    """Draw one net a seed, with its noise."""
    plain = ensemble.make(norm=norm, act="relu", seeds=seeds, **shape)
    net = Net(**vars(plain), noise=noise)
    net.draw.manual_seed(20_000 + seeds[0])
    if norm == "none":
        net.norm = "plain"  # "none" would leave _normalize out
    return net


@torch.no_grad()
def moments(net: ensemble.Net, x: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return mean and deviation (E, D) of what each layer hands on."""
    hidden = net.activations(x, training=True)[:-1]
    return [(h.mean(1), h.std(1)) for h in hidden]


def shift(
    before: list[tuple[Tensor, Tensor]], after: list[tuple[Tensor, Tensor]]
) -> Tensor:
    """Return log10 of the shift (E,), averaged over the layers.

    A layer's shift is √(Σ (Δμ)² + (Δσ)²) / √Σσ², summed over its units:
    a shift of 1 moves a typical unit by its own deviation.
    """
    layers = []
    for (mu, sd), (new_mu, new_sd) in zip(before, after, strict=True):
        moved = (new_mu - mu).square() + (new_sd - sd).square()
        layers.append(moved.sum(1) / sd.square().sum(1))
    return torch.stack(layers).log10().mean(0) / 2


def at(net: Net, parameters: Sequence[Tensor]) -> Net:
    """Return the net with other parameters, in the order of its own."""
    rest = iter([p.detach().requires_grad_() for p in parameters])
    groups = {
        name: [next(rest) for _ in getattr(net, name)]
        for name in ("W", "b", "gamma", "beta")
    }
    # A noise of its own: the same for every net that is made so.
    noise = torch.Generator().manual_seed(0)
    return replace(net, running=list(net.running), draw=noise, **groups)


def gradients(
    net: Net, parameters: Sequence[Tensor], x: Tensor, y: Tensor
) -> Sequence[Tensor]:
    """Return the gradients of each member's loss at `parameters`."""
    there = at(net, parameters)
    loss = F.cross_entropy(there(x).flatten(0, 1), y.flatten())
    # The mean over members, times their number: each sees its own loss.
    return torch.autograd.grad(loss * len(x), there.parameters())


def dot(a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    """Return the inner product (E,) over all tensors of a member."""
    pairs = zip(a, b, strict=True)
    return torch.stack([(p * q).flatten(1).sum(1) for p, q in pairs]).sum(0)


def turned(
    net: Net,
    before: Sequence[Tensor],
    after: Sequence[Tensor],
    x: Tensor,
    y: Tensor,
) -> Tensor:
    """Return log10 ‖G′ − G‖/‖G‖ (E,), averaged over the layers.

    G is the gradient of layer l's weights before a step; for G′ only the
    layers below l have taken it.
    """
    depth = len(net.W) - 1
    start = gradients(net, before, x, y)
    found = []
    for layer in range(1, depth + 1):
        # Parameters lie as W, b (depth + 1 each), then γ, β (depth each).
        mixed = [
            new if k < layer else old
            for k, old, new in zip(places(net), before, after, strict=True)
        ]
        moved = gradients(net, mixed, x, y)
        g = start[layer]
        change = (moved[layer] - g).flatten(1).norm(dim=1)
        found.append(change / g.flatten(1).norm(dim=1))
    return torch.stack(found).log10().mean(0)


def places(net: Net) -> list[int]:
    """Return the layer of each parameter, in the net's order."""
    groups = (net.W, net.b, net.gamma, net.beta)
    return [k for group in groups for k in range(len(group))]


def walk(
    net: Net,
    x: Tensor,
    y: Tensor,
    rates: Sequence[float],
    lengths: Sequence[float],
) -> list[tuple[str, float, Tensor]]:
    """Step down the gradient; compare it with the one found there.

    Returns ("rate" or "length", how far, cosine (E,)). A rate multiplies
    the gradient; a length is relative to that of all parameters.
    """
    here = net.parameters()
    g = gradients(net, here, x, y)
    size, norm = dot(here, here).sqrt().detach(), dot(g, g).sqrt()
    steps = [("rate", far, torch.full_like(norm, far)) for far in rates]
    steps += [("length", far, far * size / norm) for far in lengths]
    found = []
    for kind, far, rate in steps:
        down = rate.view(-1, 1, 1)
        there = [p - down * q for p, q in zip(here, g, strict=True)]
        new = gradients(net, there, x, y)
        cosine = dot(g, new) / (norm * dot(new, new).sqrt())
        found.append((kind, far, cosine.nan_to_num(0.0)))
    return found
