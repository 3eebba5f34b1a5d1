"""normlib.reference on drawn inputs, against long double with bounds.

It computes in float64 whatever x is, and rounds once: u is 2⁻⁵³ for all.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from exact_norms import FORMATS, Exact, exact, outside, values

from normlib import reference as ref

EACH = 150  # inputs of each of the six norms
DTYPES = ["float16", "float32", "float64"]
WORK = FORMATS["float64"]


def sizes(rng, least, most, largest=5):
    n = rng.integers(least, most, endpoint=True)
    return [int(k) for k in rng.integers(1, largest, n, endpoint=True)]


def laid_out(rng, a, dtype):
    """Return an array of these values that need not be contiguous."""
    a = np.asarray(a).astype(dtype)
    how = rng.integers(4)
    if how == 1:
        a = np.asfortranarray(a)
    elif how == 2:
        wide = np.zeros([2 * n + 1 for n in a.shape], dtype)
        wide[(slice(1, None, 2),) * a.ndim] = a
        a = wide[(slice(1, None, 2),) * a.ndim]
    elif how == 3 and a.ndim:
        one = a.take([0], int(rng.integers(a.ndim)))
        a = np.broadcast_to(one, a.shape)  # read-only, too
    return a


def batch(rng, o):
    o.shape = o.view = sizes(rng, 2, 5)
    o.axes, o.own = (0, *range(2, len(o.shape))), (1,)
    if all(o.shape[i] == 1 for i in o.axes):
        o.shape[0] = 2
    o.call = {"momentum": float(rng.choice([0.0, 0.1, 0.37, 1.0]))}
    if rng.random() < 0.7:
        C = o.shape[1]
        mean, var = rng.normal(size=C), 10.0 ** rng.uniform(-3, 1, C)
        o.call["training"] = bool(rng.random() < 0.6)
        o.call["running_mean"] = mean.astype(o.params)
        o.call["running_var"] = var.astype(o.params)


def instance(rng, o):
    o.shape = o.view = sizes(rng, 3, 5)
    o.axes, o.own = tuple(range(2, len(o.shape))), (1,)
    if all(o.shape[i] == 1 for i in o.axes):
        o.shape[-1] = 2


def group(rng, o):
    N, G, K, *spatial = sizes(rng, 3, 6, 4)
    o.shape, o.view = [N, G * K, *spatial], [N, G, K, *spatial]
    o.axes, o.own = tuple(range(2, len(o.view))), (1, 2)
    o.call = {"num_groups": G}


def layer(rng, o):
    o.shape = o.view = sizes(rng, 1, 4)
    first = int(rng.integers(-len(o.shape), len(o.shape)))
    o.axes = o.own = tuple(range(len(o.shape)))[first:]
    o.call = {"axis": first}


def rms(rng, o):
    layer(rng, o)
    o.centre, o.absent = False, {"beta"}


def weight(rng, o):
    o.shape = o.view = sizes(rng, 1, 4)
    dim = rng.choice([None, *range(-len(o.shape), len(o.shape))])
    whole = dim is None or dim == -1
    o.own = () if whole else (int(dim) % len(o.shape),)
    o.axes = tuple(i for i in range(len(o.shape)) if i not in o.own)
    o.call, o.centre, o.absent = {"dim": dim}, False, {"beta"}


NORMS = dict(batch=batch, instance=instance, group=group)
NORMS |= dict(layer=layer, rms=rms, weight=weight)


def check(name, seed):
    """Compare one drawn input with its gradients and running arrays."""
    rng = np.random.default_rng([len(name), seed])
    o = SimpleNamespace(dtype=str(rng.choice(DTYPES)), call={}, centre=True)
    wide = "float64" if o.dtype == "float64" else "float32"
    o.params = wide if rng.random() < 0.5 and name != "weight" else o.dtype
    o.absent = {p for p in ("gamma", "beta") if rng.random() < 0.3}
    NORMS[name](rng, o)
    drawn, kind = values(rng, o.shape, o.dtype)
    x = laid_out(rng, drawn, o.dtype)
    dy = laid_out(rng, rng.normal(0.2, 1, o.shape), o.dtype)
    eps = float(10.0 ** rng.uniform(-5 if o.dtype == "float16" else -12, 0))
    like = [n if i in o.own else 1 for i, n in enumerate(o.view)]
    one = [o.view[i] for i in o.own]  # of γ; (C,) for group norm
    one = [o.shape[1]] if name == "group" else one
    gamma, beta = (
        None if p in o.absent else rng.normal(0.3, 1, one).astype(o.params)
        for p in ("gamma", "beta")
    )
    factor = Exact(1)
    if name == "weight":
        if (x.astype(Exact) ** 2).mean(o.axes).min() < 1e-280:  # no ε
            x = rng.normal(1, 0.2, o.shape).astype(o.dtype)
        eps, g = 0.0, rng.normal(0.3, 1, like if o.own else ())
        gamma = np.array(g).astype(o.dtype)
        factor = np.sqrt(np.prod([o.shape[i] for i in o.axes], dtype=Exact))
    else:
        o.call["eps"] = eps
    args = [p for p in (gamma, beta) if name not in ("rms", "weight")]
    args = args or [gamma]
    old = {k: a.copy() for k, a in o.call.items() if k.startswith("run")}
    y, cache = getattr(ref, f"{name}_norm_forward")(x, *args, **o.call)
    grads = getattr(ref, f"{name}_norm_backward")(dy, cache)

    def numbers(a, default):
        if a is None:
            return np.full(1, default, Exact)
        return a.astype(Exact).reshape(like)

    evaluates = o.call.get("training") is False
    given = [numbers(a, 0) for a in old.values()] if evaluates else None
    want = exact(
        x.astype(Exact).reshape(o.view), dy.astype(Exact).reshape(o.view),
        numbers(gamma, 1) / factor, numbers(beta, 0), o.axes, o.own,
        eps=eps, centre=o.centre, u=WORK.u, tiny=WORK.tiny, given=given,
    )  # fmt: skip
    want["dgamma"] = [a / factor for a in want["dgamma"]]
    names = ["y", "dx", "dgamma", "dbeta"]
    got = dict(zip(names, (y, *grads), strict=False))
    for k, a in old.items():
        got[k], batch = o.call[k], want[k.removeprefix("running_")]
        want[k] = moved(o, batch, a, k, evaluates)
    for key, a in got.items():
        if a is None:
            assert key.removeprefix("d") in o.absent
            continue
        value, bound = want[key]
        if key in ("y", "dx"):
            value, bound = (np.broadcast_to(v, o.view) for v in want[key])
        # A few more roundings than `exact` allows for: √m, momentum.
        bound = (bound + 4 * WORK.u * abs(value)).reshape(a.shape)
        form = FORMATS[str(a.dtype)]
        worst = outside(a, value.reshape(a.shape), bound, form)
        assert worst <= 1, (
            f"{key} is {worst:.2g} times its bound off, for {kind} values "
            f"of {o.dtype}, {x.shape}, strides {x.strides}, {o.call}; "
            f"again: check({name!r}, {seed})"
        )


def moved(o, batch, old, key, evaluates):
    """Return what a running array should be, and how far off."""
    if evaluates:
        return old.astype(Exact), np.zeros(old.shape, Exact)
    m = np.prod([o.shape[i] for i in o.axes])
    factor = m / Exact(m - 1) if key == "running_var" else 1
    a = o.call["momentum"]
    value, bound = (factor * v.ravel() for v in batch)
    return (1 - a) * old.astype(Exact) + a * value, a * bound


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("name", NORMS)
def test_reference(name):
    for seed in range(EACH):
        check(name, seed)
