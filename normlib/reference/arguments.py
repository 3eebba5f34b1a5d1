"""What the norms take; and what they refuse, always with a ValueError."""

from math import inf, isfinite, prod
from types import SimpleNamespace
from typing import Any

import numpy as np

Array = np.ndarray
Coef = Array | None  # γ or β; None stands for γ = 1, β = 0
Cache = SimpleNamespace  # what a forward keeps, under the names it uses


def check(ok: bool, name: str, wanted: str, got: Any) -> None:
    """Raise a ValueError that names all three, unless `ok`."""
    if not ok:
        raise ValueError(f"{name} must be {wanted}, got {got}")


def array(name: str, a: Any, ndim: int = 0) -> None:
    """Need an array of floats with at least `ndim` axes."""
    wanted = "a NumPy array of float16, float32 or float64"
    check(isinstance(a, Array), name, wanted, f"a {type(a).__name__}")
    known = a.dtype in (np.float16, np.float32, np.float64)
    check(known, name, wanted, f"an array of {a.dtype}")
    check(a.ndim >= ndim, name, f"{ndim}D or more", f"shape {a.shape}")


def shape(name: str, a: Any, shape: tuple, *dtypes: np.dtype) -> None:
    """Need an array of this shape and, where given, of one of `dtypes`."""
    array(name, a)
    check(a.shape == shape, name, f"of shape {shape}", f"shape {a.shape}")
    wanted = " or ".join(str(d) for d in dtypes)
    check(not dtypes or a.dtype in dtypes, name, f"of {wanted}", a.dtype)


def params(x: Array, wanted: tuple, **named: Any) -> None:
    """Need None or this shape, with the dtype of x or, half, float32."""
    dtypes = dict.fromkeys([x.dtype, np.promote_types(x.dtype, np.float32)])
    for name, p in named.items():
        if p is not None:
            shape(name, p, wanted, *dtypes)


def running(x: Array, mean: Any, var: Any, train: bool) -> None:
    """Need both or, in training, none; and leave to update them."""
    params(x, x.shape[1:2], running_mean=mean, running_var=var)
    for name, a in (("running_mean", mean), ("running_var", var)):
        ok = a is not None or (train and mean is var)  # is None
        check(ok, name, "given with the other or, to train, not at all", a)
        ok = not train or a is None or a.flags.writeable
        check(ok, name, "writeable", "a read-only array")


def number(name: str, n: Any, low: int = 0, high: float = inf) -> None:
    """Need a finite number from `low` to `high`."""
    ok = isinstance(n, int | float | np.integer | np.floating)
    ok = ok and not isinstance(n, bool) and isfinite(n) and low <= n <= high
    check(ok, name, f"a finite number from {low} to {high}", repr(n))


def integer(name: str, n: Any, low: int, high: int) -> None:
    """Need an integer from `low` to `high`."""
    ok = isinstance(n, int | np.integer) and not isinstance(n, bool)
    ok, wanted = ok and low <= n <= high, f"an integer from {low} to {high}"
    check(ok, name, wanted, repr(n))


def values(name: str, a: Array, axes: tuple, least: int = 1) -> int:
    """Need axes of `a` with m ≥ `least` values in a set; return m."""
    for axis in axes:
        integer("axes", axis, 0, a.ndim - 1)
    check(len({*axes}) == len(axes), "axes", "different", axes)
    m = prod(a.shape[i] for i in axes)
    got = f"shape {a.shape} with m = {m} over axes {axes}"
    check(m >= least, name, f"of m ≥ {least} values a set", got)
    return m
