"""Reading what came back from the learner's code, and comparing it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from itertools import groupby
from typing import Any

import numpy as np

Answer = dict[str, Any]  # what was observed, in the order it is told

JUDGED = 1e-8  # how far a right answer may be off, in float64
REPLAYED = 1e-9  # finer: two mistakes may lie close together
SINGLE = 3e-5  # both, in float32
LARGEST = 1_000_000  # bytes of an array that is looked at


@contextmanager
def quiet() -> Iterator[None]:
    """Say nothing of overflows, 0/0 and the like."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


class Blank(Exception):
    """The exercise has not been attempted; the text says what is left."""


class Unusable(Exception):
    """What came back cannot be compared; the text says why."""


def as_array(value: Any, name: str) -> np.ndarray:
    """Return a copy of a NumPy array, or say what came instead."""
    if value is None or value is Ellipsis:
        raise Blank(f"{name} is still empty.")
    if not isinstance(value, np.ndarray | np.floating):
        kind = type(value).__name__
        raise Unusable(f"{name} is a {kind}; it must be a NumPy array.")
    if value.dtype.kind not in "fiu":
        raise Unusable(f"{name} is an array of {value.dtype}, not floats.")
    not_too_large(name, value.shape, value.nbytes)
    return np.array(value)


def filled(prediction: Any, keys: tuple) -> dict:
    """Return a dict of answers, none of them empty.

    It may be a rule, as ours is, or one with a mistake: it is asked.
    """
    if callable(prediction):
        prediction = {key: prediction(key) for key in keys}
    written = {k: prediction.get(k) for k in keys}
    blank = [k for k, v in written.items() if v is None or v is ...]
    if blank:
        raise Blank(f"Still empty: {', '.join(map(str, blank))}.")
    return prediction


def told(key: Any) -> str:
    """Return what an entry is called: BN, alone; or (32, 100)."""
    words = isinstance(key, tuple) and all(isinstance(k, str) for k in key)
    return ", ".join(key) if words else str(key)


def begun(f: Callable[[str], Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Ask a function for each key; what gives None is still to come."""
    found = {}
    for key in keys:
        with suppress(NotImplementedError):
            found[key] = f(key)
    found = {key: v for key, v in found.items() if v is not None}
    if not found:
        raise NotImplementedError
    return found


def not_too_large(name: str, shape: tuple, size: int) -> None:
    """Refuse what no input is large enough for."""
    if size > LARGEST:
        raise Unusable(
            f"{name} has the shape {tuple(shape)} and takes "
            f"{size / 1e6:.0f} MB. The inputs are small: look for axes "
            "that are broadcast against each other."
        )


def first_of(value: Any, name: str, when: str = "") -> np.ndarray:
    """Return y from y or from (y, cache)."""
    if value is None:
        raise Blank(
            f"Your function returns None{when}: it needs `return {name}`."
        )
    if isinstance(value, tuple):
        if not value:
            raise Unusable(f"You returned an empty tuple, not {name}.")
        value = value[0]
    return as_array(value, name)


def named(value: Any, names: tuple[str, ...]) -> Answer:
    """Return a tuple of arrays, or a dict of them, under its names."""
    if value is None:
        raise Blank("Your function returns None.")
    if isinstance(value, dict) and not value:
        raise Blank("Your dict is empty.")
    if isinstance(value, dict):
        lacking = [name for name in names if name not in value]
        if lacking:
            raise Unusable(f"Your dict lacks {', '.join(lacking)}.")
        value = tuple(value[name] for name in names)
    if not isinstance(value, tuple | list) or len(value) != len(names):
        kind = type(value).__name__
        came = {"ndarray": "one array"}.get(kind, f"a {kind}")
        came += (
            f" of {len(value)}" if isinstance(value, tuple | list) else ""
        )
        raise Unusable(
            f"You returned {came}; wanted is ({', '.join(names)}), or a "
            "dict with these names."
        )
    pairs = zip(names, value, strict=True)
    return {name: as_array(part, name) for name, part in pairs}


def staged(value: Any, names: tuple[str, ...]) -> Answer:
    """Return what a dict has of the stages; a tuple has them all."""
    if not isinstance(value, dict):
        return named(value, names)
    for name in value.keys() - {*names}:
        if meant := get_close_matches(str(name), names, 1, 0.8):
            raise Unusable(f"Your dict has {name}; is it {meant[0]}?")
    blank = (type(None), type(...))
    begun = [n for n in names if not isinstance(value.get(n), blank)]
    if not begun:
        raise Blank(f"Your dict holds none of {', '.join(names)}.")
    return {n: as_array(value[n], n) for n in begun}


def is_number(value: Any) -> bool:
    """Tell a number from a word, a flag or an array."""
    kinds = float | int | np.number
    return isinstance(value, kinds) and not isinstance(value, bool)


def same(a: Any, b: Any, tol: float) -> bool:
    """Tell whether two observations agree; NaN equals NaN."""
    if isinstance(b, np.ndarray | float):
        if not isinstance(a, np.ndarray | float | int | np.number):
            return False
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape:
            return False
        if b.dtype == np.float32:
            tol = max(tol, SINGLE)
        if a.size and abs(a.item(0) - b.item(0)) > tol + tol * abs(
            b.item(0)
        ):
            return False  # most differ at once, and many are compared
        with np.errstate(all="ignore"):
            near = abs(a - b) <= tol + tol * np.minimum(abs(a), abs(b))
        if not near.all():  # NaN and infinities may agree all the same
            near |= (a == b) | ((a != a) & (b != b))
        return bool(near.all())
    return type(a) is type(b) and a == b


def agree(got: list[Answer], wanted: list[Answer], tol: float) -> bool:
    """Tell whether all observations of all cases agree."""
    if len(got) != len(wanted):
        return False
    return all(
        a.keys() == b.keys() and all(same(a[k], b[k], tol) for k in b)
        for a, b in zip(got, wanted, strict=True)
    )


def dtype_off(got: list[Answer], wanted: list[Answer]) -> tuple | None:
    """Return name, dtype and the one wanted where they first differ."""
    for a, b in zip(got, wanted, strict=True):
        for name, value in b.items():
            if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                have = np.asarray(a[name]).dtype
                if have != value.dtype:
                    return name, have, value.dtype
    return None


def first_off(
    got: list[Answer], right: list[Answer]
) -> tuple[str, Any, Any]:
    """Return the first observation that differs, yours and expected."""
    for a, b in zip(got, right, strict=False):
        for name in (n for n in b if n in a):
            if not same(a[name], b[name], JUDGED):
                return name, a[name], b[name]
    raise AssertionError("nothing differs")


def text_of(value: Any) -> str:
    """Print an observation in few characters."""
    if isinstance(value, np.ndarray):
        return np.array2string(
            value, precision=5, suppress_small=True, threshold=24
        )
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, list):
        runs = [(key, len(list(same))) for key, same in groupby(value)]
        shown = [f"{n} × {key}" if n > 1 else str(key) for key, n in runs]
        return ", ".join(shown) or "nothing"
    return str(value)


def labelled(label: str, value: Any) -> str:
    """Print an observation behind a label, all its lines aligned."""
    return label + text_of(value).replace("\n", "\n" + " " * len(label))
