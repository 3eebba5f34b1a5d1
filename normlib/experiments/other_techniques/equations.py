"""Three equations, written out in NumPy, beside the layers that bear them.

"null" is the same layer on one sample alone, or on rows in another order,
which may change nothing; "planted" is an equation with a mistake, and has
to be off.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

import numpy as np
import torch
from torch import nn

from ... import layers, reference
from ..layer_norm.equations import EPS, affine, off, run

Quantities = dict[str, float]
AVERAGING = "running statistics"
KINDS = {"series": 1, "images": 2, "volumes": 3}  # axes behind the channel
TRANSPOSED = "ConvTranspose2d"
# A layer, the axis of its weight that has one entry a unit, i.e. an output
# of a group, the axes behind the first two, groups (0: one an input), and
# what a wrapper is told.
UNITS = {
    "Linear": (nn.Linear, 0, 0, 1, {}),
    "Conv2d": (nn.Conv2d, 0, 2, 1, {}),
    TRANSPOSED: (nn.ConvTranspose2d, 1, 2, 1, {}),
    f"{TRANSPOSED} with dim=1": (nn.ConvTranspose2d, 1, 2, 1, {"dim": 1}),
    f"{TRANSPOSED} with dim=1 and groups": (
        nn.ConvTranspose2d, 1, 2, 2, {"dim": 1}
    ),
    f"{TRANSPOSED}, a group an input": (nn.ConvTranspose2d, 1, 2, 0, {}),
}  # fmt: skip
WRAPPERS = {
    "torch": nn.utils.parametrizations.weight_norm,
    "normlib": layers.weight_norm,
}


def standard(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return (x − μ)/√(var + ε), moments over the axes."""
    d = x - x.mean(axes, keepdims=True)
    return d / np.sqrt((d**2).mean(axes, keepdims=True) + EPS)


def images(
    rng: np.random.Generator, axes: int, C: int | None = None
) -> np.ndarray:
    """Draw (N, C, …): each channel of each sample has its own moments."""
    N, *sides = map(int, rng.integers(3, 8, size=1 + axes))
    shape = (N, C or int(rng.integers(3, 8)))
    own = shape + (1,) * axes
    return rng.normal(
        rng.normal(size=own), rng.uniform(0.5, 3, own), (*shape, *sides)
    )


def instance(rng: np.random.Generator, device: str) -> Quantities:
    """Compare with moments over the positions of one channel."""
    found: Quantities = {}
    for kind, axes in KINDS.items():
        x = images(rng, axes)
        C = x.shape[1]
        gamma, beta = rng.normal(size=(2, C, *(1,) * axes))
        last = tuple(range(2, x.ndim))
        y = gamma * standard(x, last) + beta
        name, g, b = f"InstanceNorm{axes}d", gamma.ravel(), beta.ravel()
        make = getattr(nn, name)
        theirs, averaging, ours, grouped = (
            affine(layer, g, b)
            for layer in (
                make(C, affine=True),
                make(C, affine=True, track_running_stats=True),
                getattr(layers, name)(C, affine=True),
                nn.GroupNorm(C, C),
            )
        )
        numpy, _ = reference.instance_norm_forward(x, g, b, eps=EPS)
        three = [run(theirs, x, device), run(ours, x, device), numpy]
        if kind == "images":
            found["null"] = off(three[0][:1], run(theirs, x[:1], device))
            wrong = gamma * standard(x, (1, *last)) + beta
            found["planted"] = off(three[0], wrong)
        found |= {
            f"{kind}: formula": max(off(v, y) for v in three),
            f"{kind}: in evaluation": off(run(theirs.eval(), x, device), y),
            f"{kind}: float32": off(run(theirs, np.float32(x), device), y),
            f"{kind}: one channel a group": off(run(grouped, x, device), y),
            f"{kind}: {AVERAGING}, training": off(
                run(averaging, x, device), y
            ),
            f"{kind}: {AVERAGING}": off(
                run(averaging.eval(), x, device), y
            ),
        }
    return found


def bridge(rng: np.random.Generator, device: str) -> Quantities:
    """Compare both ends of GroupNorm with three neighbours."""
    x = images(rng, 2, C=2 * int(rng.integers(2, 5)))
    _, C, H, W = x.shape
    gamma, beta = rng.normal(size=(2, C))

    def grouped(G: int, x: np.ndarray = x) -> np.ndarray:
        return run(affine(nn.GroupNorm(G, C), gamma, beta), x, device)

    def whole(
        v: np.ndarray,
    ) -> np.ndarray:  # one γ a channel, at each pixel
        return np.broadcast_to(v[:, None, None], (C, H, W))

    def at_a_pixel(x: np.ndarray) -> np.ndarray:
        layer = affine(nn.LayerNorm(C), gamma, beta)
        moved = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        return np.moveaxis(run(layer, moved, device), -1, 1)

    sample = affine(nn.LayerNorm((C, H, W)), whole(gamma), whole(beta))
    each = affine(nn.InstanceNorm2d(C, affine=True), gamma, beta)
    each, sample = run(each, x, device), run(sample, x, device)
    ends = {
        "InstanceNorm, as many groups as channels": (C, each),
        "LayerNorm of (C, H, W), one group": (1, sample),
        "LayerNorm of C at each position, one group": (1, at_a_pixel(x)),
    }
    found = {
        "null": off(grouped(2)[:1], grouped(2, x[:1])),
        "planted": off(grouped(2), grouped(1)),
    }
    return found | {
        name: off(grouped(G), y) for name, (G, y) in ends.items()
    }


def weight(rng: np.random.Generator, device: str) -> Quantities:
    """Compare with one length and one direction an output."""
    found: Quantities = {}
    for kind, (make, unit, sides, groups, told) in UNITS.items():
        sizes = list(
            map(int, rng.permutation(np.arange(2, 8))[: 2 + sides])
        )
        if groups == 0:  # as many as there are inputs, and one output each
            groups = sizes[1] = sizes[0]
        else:
            sizes[:2] = (groups * n for n in sizes[:2])
        more = {"groups": groups} if groups > 1 else {}
        layer = make(*sizes[:2], *[tuple(sizes[2:])][:sides], **more)
        v, c = rng.normal(size=(2, *layer.weight.shape))  # of a loss Σ c w
        parts = v.reshape(groups, -1, *v.shape[1:])
        axes = tuple(i for i in range(1, parts.ndim) if i != 1 + unit)
        direction = parts / np.sqrt((parts**2).sum(axes, keepdims=True))
        g = rng.uniform(0.5, 2, direction.sum(axes, keepdims=True).shape)
        for name, wrap in WRAPPERS.items():
            norm = partial(wrap, **told)
            got, dv, room = wrapped(norm, layer, v, g, c, device)
            w = (g if room else 1) * direction
            along = (dv.reshape(parts.shape) * parts).sum(axes)
            found |= {
                f"{kind}: formula, {name}": off(got, w.reshape(v.shape)),
                f"{kind}: gradient along v, {name}": off(along, 0),
            }
        if kind == "Linear":
            g = g[0]
            got, _ = reference.weight_norm_forward(v, g)
            again, _ = reference.weight_norm_forward(v[::-1], g[::-1])
            found |= {
                "Linear: formula, NumPy": off(got, g * direction[0]),
                "null": off(got, again[::-1]),
                "planted": off(got, g * v / np.sqrt((v**2).sum())),
            }
    return found


def wrapped(
    wrap: Callable, layer: nn.Module, v: np.ndarray, g: np.ndarray,
    c: np.ndarray, device: str,
) -> tuple[np.ndarray, np.ndarray, bool]:  # fmt: skip
    """Return w, the gradient of Σ c w in v, and whether there is room for
    all g, which are 1 if not.
    """
    layer = wrap(deepcopy(layer).double().to(device))
    lengths, directions = layer.parametrizations.weight.parameters()
    room = lengths.numel() == g.size
    with torch.no_grad():
        directions.copy_(torch.tensor(v))
        lengths.fill_(1.0)
        if room:
            lengths.copy_(torch.tensor(g).view(lengths.shape))
    w = layer.weight
    (w * torch.tensor(c, device=device)).sum().backward()
    return w.detach().cpu().numpy(), directions.grad.cpu().numpy(), room
