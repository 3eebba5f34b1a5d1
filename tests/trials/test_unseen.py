"""What a fingerprint cannot see must not be there.

It follows functions, classes, constants and containers. A method that is
put into a class from outside, or a module's object of another kind, would
change a number under the same hash.
"""

import dataclasses
import importlib
import inspect
import pkgutil
import sysconfig
import typing
from contextvars import ContextVar, copy_context
from functools import partial
from types import FunctionType, ModuleType

import pytest

from normlib import experiments, layers
from normlib.experiments import decisions
from normlib.experiments.fingerprint import SCALARS
from normlib.experiments.protocol import Trial

SEEN = (SCALARS, dict, list, tuple, set, frozenset, type, FunctionType)
# Of normlib.data the values themselves are hashed.
CODE = (experiments, layers)
LIBRARY = sysconfig.get_path("stdlib")  # enum's and NamedTuple's methods


def modules():
    """Return every module of ours that an experiment could load."""
    return [
        importlib.import_module(found.name)
        for package in CODE
        for found in pkgutil.walk_packages(
            package.__path__, package.__name__ + "."
        )
    ]


def is_seen(value):
    """Whether the fingerprint follows it, or it holds no number."""
    if value is None or isinstance(value, ModuleType | Trial | partial):
        return True
    if dataclasses.is_dataclass(value) or callable(value):
        return True
    if typing.get_origin(value) or "typing" in type(value).__module__:
        return True
    return any(isinstance(value, kind) for kind in SEEN)


def unseen(module):
    """Return the names in a module that no fingerprint follows."""
    return [
        f"{module.__name__}.{name}"
        for name, value in vars(module).items()
        if not name.startswith("__")
        and name != "annotations"  # of the future
        and not is_seen(value)
    ]


def patched(owner):
    """Return the methods of a class that were written elsewhere."""
    lines, first = inspect.getsourcelines(owner)
    inside = range(first, first + len(lines))
    found = []
    for name, value in vars(owner).items():
        if isinstance(value, staticmethod | classmethod | property):
            value = getattr(value, "__func__", None) or value.fget
        value = inspect.unwrap(value) if callable(value) else value
        if not isinstance(value, FunctionType):
            continue
        code = value.__code__
        if code.co_filename.startswith(("<", LIBRARY)):
            continue  # made by dataclasses, NamedTuple or enum
        home = inspect.getsourcefile(owner)
        if code.co_filename != home or code.co_firstlineno not in inside:
            found.append(f"{owner.__qualname__}.{name}")
    return found


def test_all_that_modules_hold_is_seen():
    names = [
        name
        for module in modules()
        for name in unseen(module)
        if "provenance" not in name  # no number comes from there
    ]
    assert names == [f"{decisions.__name__}._factor"]


def test_what_is_not_seen_is_pinned():
    """The factor of all margins is 1 unless the firmness test sets it."""
    assert isinstance(decisions._factor, ContextVar)
    assert copy_context().run(decisions._factor.get) == 1.0


def test_no_method_comes_from_outside():
    owners = {
        value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    }
    assert len(owners) > 30
    assert [name for owner in owners for name in patched(owner)] == []


def test_a_patch_is_found(monkeypatch):
    def interval(self, comparisons=1):
        return None

    monkeypatch.setattr(decisions.Contrast, "interval", interval)
    assert patched(decisions.Contrast) == ["Contrast.interval"]


@pytest.mark.parametrize("value", [object(), iter([1]), ContextVar("x")])
def test_an_unseen_object_is_found(monkeypatch, value):
    monkeypatch.setattr(decisions, "HIDDEN", value, raising=False)
    assert f"{decisions.__name__}.HIDDEN" in unseen(decisions)
