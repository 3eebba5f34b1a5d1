"""Each norm of `normlib.reference` beside its counterpart in torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from normlib import reference as ref

torch.set_num_threads(1)


@dataclass(frozen=True)
class Case:
    """One norm at one shape; `forward` and `twin` take x, then params."""

    name: str
    forward: Callable
    backward: Callable
    twin: Callable
    shape: tuple[int, ...]
    params: tuple[tuple[int, ...], ...]

    def arrays(self, dtype=np.float64, seed=0):
        """Return [x, *params] and dy, none of them 0 or 1."""
        rng = np.random.default_rng(seed)
        x = rng.normal(0.7, 1.5, size=self.shape)
        params = [np.array(rng.normal(0.3, 1.2, s)) for s in self.params]
        dy = rng.normal(0.2, 1.0, size=self.shape)
        return [a.astype(dtype) for a in (x, *params)], dy.astype(dtype)


def batch(*shape):
    def twin(x, gamma, beta):
        return F.batch_norm(x, None, None, gamma, beta, True)

    c = shape[1:2]
    fns = ref.batch_norm_forward, ref.batch_norm_backward, twin
    return Case(f"batch{shape}", *fns, shape, (c, c))


def layer(*shape, axis):
    tail = shape[axis:]
    forward = partial(ref.layer_norm_forward, axis=axis)
    fns = forward, ref.layer_norm_backward
    return Case(
        f"layer{shape}[{axis}]",
        *fns,
        lambda x, g, b: F.layer_norm(x, tail, g, b),
        shape,
        (tail, tail),
    )


def rms(*shape, axis):
    tail = shape[axis:]
    # None would be another ε in float64, where torch_answer computes.
    forward = partial(ref.rms_norm_forward, axis=axis, eps=1e-6)
    return Case(
        f"rms{shape}[{axis}]",
        forward,
        ref.rms_norm_backward,
        lambda x, g: F.rms_norm(x, tail, g, 1e-6),
        shape,
        (tail,),
    )


def instance(*shape):
    def twin(x, gamma, beta):
        return F.instance_norm(x, None, None, gamma, beta)

    c = shape[1:2]
    fns = ref.instance_norm_forward, ref.instance_norm_backward, twin
    return Case(f"instance{shape}", *fns, shape, (c, c))


def group(*shape, groups):
    c = shape[1:2]

    def twin(x, gamma, beta):
        if gamma is None:  # torch's backward fails on β without γ
            gamma = torch.ones(c, dtype=x.dtype)
        return F.group_norm(x, groups, gamma, beta)

    return Case(
        f"group{shape}/{groups}",
        partial(ref.group_norm_forward, num_groups=groups),
        ref.group_norm_backward,
        twin,
        shape,
        (c, c),
    )


def weight(*shape, dim):
    torch_dim = -1 if dim is None else dim
    g = torch.norm_except_dim(torch.ones(shape), 2, torch_dim).shape
    return Case(
        f"weight{shape}[{dim}]",
        partial(ref.weight_norm_forward, dim=dim),
        ref.weight_norm_backward,
        lambda v, g: torch._weight_norm(v, g, torch_dim),
        shape,
        (tuple(g),),
    )


# C, N and the space differ everywhere: a wrong axis changes a shape.
CASES = [
    batch(7, 5),
    batch(4, 5, 3),
    batch(4, 5, 3, 2),
    batch(2, 5, 3, 2, 4),
    layer(6, 5, axis=-1),
    layer(2, 3, 4, 5, axis=1),
    layer(2, 3, 4, 5, axis=-2),
    layer(7, axis=0),
    rms(6, 5, axis=-1),
    rms(2, 3, 4, 5, axis=-2),
    rms(7, axis=0),
    instance(4, 5, 6),
    instance(4, 5, 3, 2),
    group(4, 6, groups=3),
    group(4, 6, 5, groups=2),
    group(2, 6, 3, 4, groups=1),
    group(2, 6, 3, 4, groups=6),
    weight(4, 3, dim=0),
    weight(4, 3, 2, 5, dim=0),
    weight(4, 3, 2, dim=1),
    weight(4, 3, 2, dim=-2),
    weight(4, 3, 2, dim=2),
    weight(4, 3, dim=-1),
    weight(4, 3, dim=None),
]


def torch_answer(case, arrays, dy):
    """Return y and all gradients of torch in float64."""
    leaves = [
        None if a is None else torch.tensor(a, dtype=torch.float64)
        for a in arrays
    ]
    given = [t.requires_grad_() for t in leaves if t is not None]
    y = case.twin(*leaves)
    y.backward(torch.tensor(dy, dtype=torch.float64))
    grads = iter([t.grad.numpy() for t in given])
    found = [None if t is None else next(grads) for t in leaves]
    return y.detach().numpy(), found
