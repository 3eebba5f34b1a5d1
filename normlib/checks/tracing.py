"""Whose code ran: the learner's lines, and norms it borrowed."""

from __future__ import annotations

import inspect
import linecache
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = os.path.dirname(HERE)
NORMS = ("batch", "layer", "group", "instance", "rms")
BUILT_IN = {f"{p}{n}_norm" for n in NORMS for p in ("", "native_")}
BUILT_IN |= {"fused_layer_norm", "fused_rms_norm", "_native_batch_norm"}
LIBRARY = (
    os.path.join(OURS, "reference"),
    os.path.join(OURS, "layers"),
    os.path.join("torch", "nn", "modules", "batchnorm"),
    os.path.join("torch", "nn", "modules", "instancenorm"),
    os.path.join("torch", "nn", "modules", "normalization"),
)


def own_lines(error: BaseException) -> str:
    """Return the frames of the learner's code, without file names."""
    lines, trace = [], error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if _learners(code.co_filename):
            line = linecache.getline(code.co_filename, trace.tb_lineno)
            lines.append(f"line {trace.tb_lineno}, in {code.co_name}")
            lines.append(f"    {line.strip()}")
        trace = trace.tb_next
    if len(lines) > 8:  # a recursion
        lines = [*lines[:4], "…", *lines[-2:]]
    message = f"{type(error).__name__}: {error}".rstrip(": ")
    lines += textwrap.wrap(message[:600], 72)
    return "\n".join(lines)


def in_own_lines(error: BaseException) -> bool:
    """Tell whether the error came up in the learner's code."""
    trace = error.__traceback__
    while trace:
        if _learners(trace.tb_frame.f_code.co_filename):
            return True
        trace = trace.tb_next
    return False


def _learners(filename: str) -> bool:
    library = (
        "site-packages",
        "dist-packages",
        os.path.dirname(os.__file__),
    )
    ours = filename.startswith(OURS + os.sep)
    return not ours and not any(part in filename for part in library)


@contextmanager
def borrowed() -> Iterator[list[str]]:
    """Collect the names of library norms that are called meanwhile."""
    found: list[str] = []

    def note(frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            name = getattr(arg, "__name__", "")
            if name in BUILT_IN and name not in found:
                found.append(name)
        elif event == "call":
            code = frame.f_code
            norm = any(part in code.co_filename for part in LIBRARY)
            runs = code.co_name == "forward" or "norm" in code.co_name
            runs = runs or code.co_name.startswith("standardize")
            name = code.co_qualname
            if norm and runs and name not in found:
                found.append(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)


def _is_array(value: Any) -> bool:
    """Tell a NumPy array, or a tensor, without loading torch."""
    return isinstance(value, np.ndarray) or hasattr(value, "data_ptr")


def _spare(value: Any) -> Any:
    copy = getattr(value, "clone", getattr(value, "copy", None))
    return copy() if _is_array(value) else value


def _differ(was: Any, now: Any) -> bool:
    """Tell whether an array is another now; a tensor may want gradients."""
    if not _is_array(was):
        return False
    was, now = (getattr(v, "detach", lambda v=v: v)() for v in (was, now))
    return not np.array_equal(was, now, equal_nan=True)


def _names(function: Callable, n: int) -> list[str]:
    """Return what a function calls its first n arguments."""
    names: list[str] = []
    with suppress(TypeError, ValueError):
        known = inspect.signature(function).parameters.values()
        names = [p.name for p in known if p.kind <= p.POSITIONAL_OR_KEYWORD]
    more = range(len(names), n)
    return [*names[:n], *(f"argument {i + 1}" for i in more)]


class Watched:
    """A function, and what it changed and borrowed when called."""

    def __init__(
        self, function: Callable, may_change: tuple[str, ...]
    ) -> None:
        self.function, self.may_change = function, may_change
        self.changed: list[str] = []
        self.taken: list[str] | None = None  # library norms it called
        self.entries = 0  # of the tuple it returned, if it was one

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call with copies, and note what happened."""
        given = [_spare(a) for a in args]
        named = {
            k: v if k in self.may_change else _spare(v)
            for k, v in kwargs.items()
        }
        if self.taken is None:  # the first call says enough
            with borrowed() as self.taken:
                result = self.function(*given, **named)
        else:
            result = self.function(*given, **named)
        if isinstance(result, tuple):
            self.entries = len(result)
        places = [*_names(self.function, len(args)), *kwargs]
        before, after = (*args, *kwargs.values()), (*given, *named.values())
        for name, was, now in zip(places, before, after, strict=True):
            if name not in self.changed and _differ(was, now):
                self.changed.append(name)
        return result
