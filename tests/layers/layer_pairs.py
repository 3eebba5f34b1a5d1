"""A layer beside its counterpart in torch.nn, and how far apart."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn.utils import parametrizations

from normlib import layers

torch.set_num_threads(1)

MODULES = [
    ("BatchNorm1d", (3,), (4, 3)),
    ("BatchNorm2d", (3, 1e-3, None), (4, 3, 2, 2)),
    ("BatchNorm3d", (3, 1e-3, 0.2, False, False), (4, 3, 2, 2, 2)),
    ("InstanceNorm1d", (3,), (4, 3, 7)),
    ("InstanceNorm2d", (3, 1e-4, 0.3, True, True), (4, 3, 3, 2)),
    ("InstanceNorm3d", (3, 1e-4, 0.3, False, True), (4, 3, 2, 2, 2)),
    ("LayerNorm", ((2, 3),), (4, 2, 3)),
    ("RMSNorm", (3,), (4, 3)),
    ("GroupNorm", (2, 4), (4, 4, 3)),
]


def jitter(module, seed=0):
    """γ, β and the running arrays away from 1 and 0, which hide errors."""
    g = torch.Generator().manual_seed(seed)
    for name, t in module.state_dict().items():
        if t.dtype.is_floating_point:
            noise = torch.rand(t.shape, generator=g, dtype=torch.float64)
            shift = 0.5 if name.endswith(("weight", "var")) else -0.5
            t.copy_(noise + shift)


def pair(name, *args, dtype=torch.float32, train=True, **kwargs):
    """Return ours and torch's with the same state."""
    if name == "weight_norm":
        ours, theirs = (
            nn.Linear(*args).to(dtype),
            nn.Linear(*args).to(dtype),
        )
        layers.weight_norm(ours)
        parametrizations.weight_norm(theirs)
    else:
        theirs = getattr(nn, name)(*args, **kwargs, dtype=dtype)
        ours = getattr(layers, name)(*args, **kwargs, dtype=dtype)
    jitter(theirs)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours.train(train), theirs.train(train)


def close(ours, theirs, n, amplify=1.0):
    """Both are off by some roundings of size eps; a sum of n terms adds
    √n of them, as they fall either way. 8 leaves room for the handful of
    operations before and after. Errors are relative to the largest entry,
    since a gradient is a difference of terms of that size. torch takes
    x̂ as x/σ − μ/σ, so where σ is tiny its errors grow by |x|/σ: that is
    what `amplify` is for."""
    assert (ours is None) == (theirs is None)
    if ours is None:
        return
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    if not ours.dtype.is_floating_point:
        assert torch.equal(ours, theirs)
    elif ours.numel():
        scale = 1 + theirs.abs().max().item()
        limit = (
            8 * torch.finfo(ours.dtype).eps * math.sqrt(n) * scale * amplify
        )
        error = (ours - theirs).abs().max().item()
        assert error <= limit, (error, limit)


def close_states(ours, theirs, n, amplify=1.0):
    """Compare what two modules hold, name by name."""
    for (k, a), (j, b) in zip(
        ours.state_dict().items(), theirs.state_dict().items(), strict=True
    ):
        assert k == j
        close(a, b, n, amplify)


def run(module, x, steps=2, call=None):
    """y, dx and the parameters' gradients, of the last of the steps."""
    for k in range(steps):
        leaf = (x.detach() + k).clone(memory_format=torch.preserve_format)
        leaf.requires_grad_()
        y = module(leaf) if call is None else call(leaf)
        g = torch.Generator().manual_seed(7)
        dy = torch.randn(y.shape, generator=g, dtype=torch.float64)
        dy = torch.empty_like(y).copy_(dy)  # laid out as y is
        wanted = [leaf, *module.parameters()]
        grads = torch.autograd.grad(y, wanted, dy)
    return [y.detach(), *grads]
