"""An array that counts what NumPy reads and writes, operation by operation.

As on the page: each operation finishes before the next one begins, reads
its arrays from memory and writes a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

# Operations that cost the same and stand for each other have one name.
SAME = {"power": "square", "add.reduce": "sum", "add": "±"}
SAME |= {"subtract": "±", "multiply": "×", "divide": "×"}
COUNTED = ("einsum", "dot", "inner", "tensordot", "where", "copyto")

passes: list[tuple[str, int]] = []  # operation, bytes


def plain(value: Any) -> Any:
    """Return the array beneath."""
    if isinstance(value, tuple | list):
        return type(value)(map(plain, value))
    return value.view(np.ndarray) if isinstance(value, Counted) else value


def note(name: str, reads: tuple, written: Any) -> None:
    """Count the distinct arrays that are read, and what is written."""
    arrays = [a for a in reads if isinstance(a, np.ndarray)]
    distinct = {(a.ctypes.data, a.shape, a.strides): a for a in arrays}
    if name == "multiply" and len(arrays) == 2 and len(distinct) == 1:
        name = "square"
    size = sum(a.nbytes for a in distinct.values())
    size += getattr(written, "nbytes", 0)
    passes.append((SAME.get(name, name), size))


class Counted(np.ndarray):
    """A NumPy array whose operations are noted in `passes`."""

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Any:
        """Run the operation on plain arrays, and note it."""
        inputs = plain(inputs)
        options = {key: plain(value) for key, value in options.items()}
        result = getattr(ufunc, method)(*inputs, **options)
        name = ufunc.__name__ + (
            f".{method}" if method != "__call__" else ""
        )
        note(name, inputs, result)
        return counted(result)

    def __array_function__(
        self, f: Callable, types: Any, args: tuple, kwargs: dict
    ) -> Any:
        """Note what does its work in C without being a ufunc."""
        if f.__name__ not in COUNTED:
            return super().__array_function__(f, types, args, kwargs)
        args, kwargs = plain(args), {k: plain(v) for k, v in kwargs.items()}
        result = f(*args, **kwargs)
        written = args[0] if f.__name__ == "copyto" else result
        note(f.__name__, args[f.__name__ == "copyto" :], written)
        return counted(result)

    def copy(self, order: str = "C") -> Counted:
        """Copy, and note it."""
        note("copy", (plain(self),), self)
        return counted(plain(self).copy(order))

    def dot(self, other: Any, out: Any = None) -> Any:
        """Multiply, and note it."""
        return np.dot(self, other)

    def clone(self) -> Counted:
        """Copy for the checker, which is not the learner's doing."""
        return counted(plain(self).copy())


def counted(value: Any) -> Any:
    """Return an array that counts."""
    return value.view(Counted) if isinstance(value, np.ndarray) else value
