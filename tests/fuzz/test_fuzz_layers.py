"""normlib.layers on drawn inputs, against long double with error bounds.

Shapes, dtypes, memory layouts, values and options are drawn; outputs, all
gradients and running statistics are compared. A failure names the call
that draws the same input again.
"""

import zlib
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from exact_norms import FORMATS, Exact, exact, outside, values
from torch import nn

from normlib import layers

torch.set_num_threads(1)
EACH = 400  # inputs of each of the ten norms
DTYPES = ["float16", "bfloat16", "float32", "float32", "float64", "float64"]


# What is drawn


def options(rng):
    """Draw what all norms have."""
    o = SimpleNamespace(dtype=getattr(torch, rng.choice(DTYPES)))
    o.wide = torch.promote_types(o.dtype, torch.float32)
    o.params = o.wide if rng.random() < 0.5 else o.dtype
    half = o.dtype != o.wide
    o.eps = float(10.0 ** rng.uniform(-5 if half else -12, 0))
    o.affine, o.bias = bool(rng.random() < 0.7), bool(rng.random() < 0.7)
    o.training, o.track = bool(rng.random() < 0.7), bool(rng.random() < 0.7)
    o.momentum = rng.choice([None, 0.0, 0.1, 0.37, 1.0])
    o.centre = True
    return o


def sizes(rng, least, most, largest=5):
    """Draw `least` to `most` sizes from 1 to `largest`."""
    n = rng.integers(least, most, endpoint=True)
    return [int(k) for k in rng.integers(1, largest, n, endpoint=True)]


def channels(rng, o, name):
    """Batch and instance norm of (N, C, *spatial); m is not 1."""
    spatial = int(name[-2])
    if name == "BatchNorm1d" and rng.random() < 0.4:
        spatial = 0
    o.shape = sizes(rng, spatial + 2, spatial + 2)
    o.axes = tuple(range(2, len(o.shape)))
    o.axes = (0, *o.axes) if name.startswith("Batch") else o.axes
    if all(o.shape[i] == 1 for i in o.axes):
        o.shape[o.axes[-1]] = 2
    o.view, o.own = o.shape, (1,)
    o.module = getattr(layers, name)(
        o.shape[1], o.eps, o.momentum, o.affine, o.track,
        dtype=o.params, bias=o.bias,
    ).train(o.training)  # fmt: skip


def grouped(rng, o, name):
    """Group norm of (N, C, *spatial), seen as (N, G, C/G, *spatial)."""
    N, G, K, *spatial = sizes(rng, 3, 6, 4)
    N += N * K * int(np.prod(spatial)) == 1  # torch refuses it too
    o.shape, o.view = [N, G * K, *spatial], [N, G, K, *spatial]
    o.axes, o.own = tuple(range(2, len(o.view))), (1, 2)
    o.module = layers.GroupNorm(
        G, G * K, o.eps, o.affine, dtype=o.params, bias=o.bias
    )


def last(rng, o, name):
    """Layer norm and RMS norm of the last axes."""
    o.shape = o.view = sizes(rng, 1, 4)
    o.axes = tuple(range(rng.integers(len(o.shape)), len(o.shape)))
    o.own, o.centre = o.axes, name == "LayerNorm"
    more = {"bias": o.bias} if o.centre else {}
    if name == "RMSNorm":
        o.params = rng.choice([torch.float64, o.params, torch.bfloat16])
        o.eps = None if rng.random() < 0.3 else o.eps
    o.module = getattr(layers, name)(
        [o.shape[i] for i in o.axes], o.eps, o.affine,
        dtype=o.params, **more,
    )  # fmt: skip
    o.eps = torch.finfo(o.wide).eps if o.eps is None else o.eps


NORMS = {f"BatchNorm{n}d": channels for n in (1, 2, 3)}
NORMS |= {f"InstanceNorm{n}d": channels for n in (1, 2, 3)}
NORMS |= {"GroupNorm": grouped, "LayerNorm": last, "RMSNorm": last}


def laid_out(rng, a, dtype):
    """Return a tensor of these values that need not be contiguous."""
    t = torch.tensor(a).to(dtype)
    how = rng.integers(5)
    if how == 1:  # transposed
        order = rng.permutation(a.ndim)
        t = t.permute(*order).contiguous().permute(*np.argsort(order))
    elif how == 2:  # every other value of a larger one
        wide = torch.zeros([2 * n + 1 for n in a.shape], dtype=dtype)
        t = wide[(slice(1, None, 2),) * a.ndim].copy_(t)
    elif how == 3:  # one value for a whole axis
        t = t.narrow(int(rng.integers(a.ndim)), 0, 1).expand(a.shape)
    elif how == 4 and a.ndim in (4, 5):
        last = {4: torch.channels_last, 5: torch.channels_last_3d}
        t = t.to(memory_format=last[a.ndim])
    return t


def fill(rng, module):
    """Draw every parameter and running array; γ may be negative."""
    for name, t in module.state_dict().items():
        shape = tuple(t.shape)
        if name == "num_batches_tracked":
            t.fill_(int(rng.integers(5)))
        elif name == "running_var":
            t.copy_(torch.tensor(10.0 ** rng.uniform(-3, 1, shape)))
        else:
            t.copy_(torch.tensor(rng.normal(0.3, 1.0, shape)))


# What is compared


def form(dtype):
    return FORMATS[str(dtype).removeprefix("torch.")]


def numbers(t):
    return t.detach().double().numpy().astype(Exact)


def check(name, seed):
    """Compare one drawn input; return how wide its bound for y was."""
    rng = np.random.default_rng([zlib.crc32(name.encode()), seed])
    o = options(rng)
    NORMS[name](rng, o, name)
    fill(rng, o.module)
    drawn, kind = values(rng, o.shape, str(o.dtype).removeprefix("torch."))
    x = laid_out(rng, drawn, o.dtype).detach().requires_grad_()
    dy = laid_out(rng, rng.normal(0.2, 1.0, o.shape), o.dtype)
    before = {k: v.clone() for k, v in o.module.state_dict().items()}

    alone = name.startswith("Instance") and len(x) == 1  # no batch axis
    y = o.module(x[0])[None] if alone else o.module(x)
    params = dict(o.module.named_parameters())
    grads = torch.autograd.grad(y, [x, *params.values()], dy)
    got = {"y": y, "dx": grads[0]}
    names = {"weight": "dgamma", "bias": "dbeta"}
    got |= {names[k]: g for k, g in zip(params, grads[1:], strict=True)}

    want = expected(o, x, dy, params, before)
    after = dict(o.module.named_buffers())
    got |= {k: after[k] for k in after if k.startswith("running")}
    if "num_batches_tracked" in after:
        count = before["num_batches_tracked"]
        counts = o.training and name.startswith("Batch")
        assert after["num_batches_tracked"] == count + counts
    again = f"check({name!r}, {seed}): {kind} values, {o.module}"
    compare(o, got, want, x, again)
    value, bound = want["y"]
    return float((bound / (1 + abs(value))).max())


def compare(o, got, want, x, again):
    """Fail where a tensor leaves its bound, and say how to see it again."""
    for key, t in got.items():
        value, bound = want[key]
        if key in ("y", "dx"):
            value, bound = (np.broadcast_to(a, o.view) for a in want[key])
        value, bound = value.reshape(t.shape), bound.reshape(t.shape)
        found = t.detach().double().numpy()
        worst = outside(found, value, bound, form(t.dtype))
        assert worst <= 1, (
            f"{key} is {worst:.2g} times its bound off, for x of "
            f"{o.dtype}, {x.shape}, strides {x.stride()}; again: {again}"
        )


def expected(o, x, dy, params, before):
    """Return {name: (value, bound)} for all that a module makes."""
    at = [n if i in o.own else 1 for i, n in enumerate(o.view)]
    gamma, beta = np.ones(1, Exact), np.zeros(1, Exact)
    if "weight" in params:
        gamma = numbers(params["weight"]).reshape(at)
    if "bias" in params:
        beta = numbers(params["bias"]).reshape(at)
    given = None
    if not o.training and "running_mean" in before:
        given = [
            numbers(before[k]).reshape(at)
            for k in ("running_mean", "running_var")
        ]
    work = form(o.wide)
    want = exact(
        numbers(x).reshape(o.view), numbers(dy).reshape(o.view),
        gamma, beta, o.axes, o.own, eps=o.eps, centre=o.centre,
        u=work.u, tiny=work.tiny, given=given,
    )  # fmt: skip
    if "running_mean" not in before:
        return want
    return want | running(o, want, before, moves=given is None)


def running(o, want, before, moves):
    """Return what the running arrays should be, and how far off."""
    batch = 0 in o.axes
    a = o.momentum
    if a is None:  # the average of all batches, for batch norm alone
        a = 1 / (int(before["num_batches_tracked"]) + 1) if batch else 0.0
    m = np.prod([o.shape[i] for i in o.axes])
    found = {}
    for name, unbiased in (("mean", 1.0), ("var", m / max(m - 1, 1))):
        key = f"running_{name}"
        old = numbers(before[key])
        u = form(before[key].dtype).u + form(o.wide).u
        value, bound = (
            unbiased * v.reshape(-1, len(old)).mean(0) for v in want[name]
        )
        samples = len(want[name][0])
        bound = bound + (samples + 4) * form(o.wide).u * abs(value)
        new = (1 - a) * old + a * value
        rounded = 4 * u * (abs((1 - a) * old) + abs(a * value))
        found[key] = (new, a * bound + rounded) if moves else (old, 0 * old)
    return found


def check_weight(seed):
    """Compare one drawn w = g v/‖v‖ with its gradients."""
    rng = np.random.default_rng(seed)
    o = options(rng)
    o.shape = o.view = sizes(rng, 1, 4)
    dim = rng.choice([None, -1, *range(len(o.shape))])
    o.own = () if dim in (None, -1) else (int(dim),)
    o.axes = tuple(i for i in range(len(o.shape)) if i not in o.own)
    drawn, kind = values(rng, o.shape, str(o.dtype).removeprefix("torch."))
    v = laid_out(rng, drawn, o.dtype)
    if (numbers(v) ** 2).mean(o.axes).min() < 1e-20:  # ε is 0 here
        v = laid_out(rng, rng.normal(1, 0.2, o.shape), o.dtype)
    host = nn.Module()
    host.weight = nn.Parameter(v)
    layers.weight_norm(host, "weight", None if dim is None else int(dim))
    g = host.parametrizations.weight.original0
    v = host.parametrizations.weight.original1
    length = g.detach().clone()  # it starts as ‖v‖
    with torch.no_grad():
        g.copy_(torch.tensor(rng.normal(0.3, 1.0, tuple(g.shape))))
    dy = laid_out(rng, rng.normal(0.2, 1.0, o.shape), o.dtype)
    dv, dg = torch.autograd.grad(host.weight, [v, g], dy)

    m = np.prod([o.shape[i] for i in o.axes], dtype=Exact)
    work = form(o.wide)
    at = [n if i in o.own else 1 for i, n in enumerate(o.shape)]
    want = exact(
        numbers(v), numbers(dy), numbers(g).reshape(at) / np.sqrt(m),
        np.zeros(1, Exact), o.axes, o.own, eps=0, centre=False,
        u=work.u, tiny=work.tiny,
    )  # fmt: skip
    # g/√m is rounded twice, and once more on the way back.
    for key in ("y", "dx", "dgamma"):
        value, bound = want[key]
        want[key] = value, bound + 3 * work.u * abs(value)
    want["dg"] = [a / np.sqrt(m) for a in want["dgamma"]]
    mean_square, off = want["var"]
    norm = np.sqrt(m * mean_square)
    want["length"] = norm, norm * (off / mean_square + 4 * work.u)
    got = {"y": host.weight, "dx": dv, "dg": dg, "length": length}
    again = f"check_weight({seed}): {kind} values, dim {dim}"
    compare(o, got, want, v, again)


@pytest.mark.filterwarnings("ignore:num_features")
@pytest.mark.parametrize("name", NORMS)
def test_layers(name):
    loose = [check(name, seed) for seed in range(EACH)]
    # The bounds say something: nine of ten allow an error of 1e-4.
    assert np.mean(np.array(loose) < 1e-4) > 0.9


def test_weight_norm():
    for seed in range(EACH):
        check_weight(seed)
