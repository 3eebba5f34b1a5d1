"""What a number depends on: the code and the data that made it.

A fingerprint follows a function to everything of ours that it reaches:
functions, classes with their bases, constants, through modules and
containers. Each piece is hashed as its syntax tree, so that comments,
docstrings, type hints and layout don't count and all else does. Data
sets are hashed by their values. Libraries are left to provenance.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
import sysconfig
import textwrap
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import FunctionType, ModuleType
from typing import Any

from ..records import digest

Pieces = dict[str, str]  # name of a piece → its hash
PACKAGE = __name__.partition(".")[0]
LIBRARIES = tuple({sysconfig.get_path(p) for p in ("stdlib", "purelib")})
SCALARS = bool | int | float | complex | str | bytes
# Fields of a syntax tree that change nothing, or not in every Python.
IDLE = {"ctx", "kind", "type_comment", "type_params"}
IDLE |= {"annotation", "returns"}


def of(*functions: Callable) -> Pieces:
    """Return all pieces that the functions reach, each with its hash."""
    found: Pieces = {}
    for function in functions:
        _follow("", function, found)
    return dict(sorted(found.items()))


def changed(old: Pieces, new: Pieces) -> list[str]:
    """Return the names of the pieces that differ, or came or went."""
    return sorted({name for name, _ in old.items() ^ new.items()})


def _follow(name: str, value: Any, found: Pieces) -> None:
    """Add a value under its name, and then what it reaches."""
    if value is None:
        return
    if isinstance(value, partial):
        _follow(f"{name}()", (value.args, value.keywords), found)
        value = value.func
    if callable(value) and hasattr(value, "__wrapped__"):
        value = inspect.unwrap(value)  # torch.no_grad, cache, compile
    if isinstance(value, FunctionType | type):
        _follow_code(value, found)
    elif isinstance(_opened(value), SCALARS | dict | list | tuple | set):
        found[name] = digest(_text(value))
        for part in _leaves(value):
            if callable(part):
                _follow("", part, found)


def _follow_code(value: FunctionType | type, found: Pieces) -> None:
    name = f"{value.__module__}.{value.__qualname__}"
    if name in found and "<lambda>" not in name:
        return
    if not _is_ours(value):
        return
    tree = _parse(value)
    found[name] = digest(found.get(name, "") + _canonical(tree))
    if hasattr(value, "data_digest"):  # normlib.data
        found[f"{name}: data"] = value.data_digest()
    for base in value.__bases__ if isinstance(value, type) else ():
        _follow("", base, found)
    scope = _scope(value)
    for chain in _names(tree):
        _resolve(chain, scope, found)


def _resolve(chain: list[str], scope: dict, found: Pieces) -> None:
    """Follow a name such as nets.mlp.MLP as far as it leads."""
    place, *rest = chain
    if place not in scope:
        return  # local, or of the language
    value, home = scope[place], scope.get("__name__", "")
    while isinstance(value, ModuleType):
        ours = value.__name__.startswith(PACKAGE)
        if not ours or not rest or not hasattr(value, rest[0]):
            return
        home, place = value.__name__, rest.pop(0)
        value = getattr(value, place)
    _follow(f"{home}.{place}", value, found)


def _scope(value: FunctionType | type) -> dict[str, Any]:
    if isinstance(value, type):
        return vars(sys.modules[value.__module__])
    cells = [cell.cell_contents for cell in value.__closure__ or ()]
    free = dict(zip(value.__code__.co_freevars, cells, strict=True))
    return value.__globals__ | free


def _is_ours(value: FunctionType | type) -> bool:
    home = value.__module__.partition(".")[0]
    if home == PACKAGE:
        return True
    if home in sys.stdlib_module_names:  # wherever links put its files
        return False
    try:
        file = inspect.getsourcefile(value)
    except TypeError:  # written in C
        return False
    return file is not None and not file.startswith((*LIBRARIES, "<frozen"))


@cache
def _parse(value: FunctionType | type) -> ast.AST:
    if value.__name__ == "<lambda>":  # its source is some part of a line
        line = value.__code__.co_firstlineno
        tree = ast.parse(inspect.getsource(inspect.getmodule(value)))
        here = [n for n in ast.walk(tree) if isinstance(n, ast.Lambda)]
        return ast.Tuple([n for n in here if n.lineno == line])
    source = textwrap.dedent(inspect.getsource(value))
    return ast.parse(source).body[0]


def _names(tree: ast.AST) -> Iterator[list[str]]:
    """Yield every name in the tree with its attributes: ["a", "b"]."""
    for node in ast.walk(tree):
        chain: list[str] = []
        while isinstance(node, ast.Attribute):
            chain.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            yield [node.id, *chain]


def _canonical(node: Any) -> str:
    """Write a tree down, the same in every version of Python."""
    if isinstance(node, list):
        return f"[{' '.join(_canonical(part) for part in node)}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = [type(node).__name__]
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(value, list):
            value = [v for v in value if not _is_docstring(v)]
        if name == "decorator_list":
            value = [v for v in value if next(_names(v))[0] != "trial"]
        if name not in IDLE and value not in (None, []):
            parts.append(f"{name}={_canonical(value)}")
    return f"({' '.join(parts)})"


def _is_docstring(node: ast.AST) -> bool:
    text = getattr(node, "value", None)
    alone = isinstance(node, ast.Expr) and isinstance(text, ast.Constant)
    return alone and isinstance(text.value, str)


def _opened(value: Any) -> Any:
    """Return what an instance of a dataclass holds; others as they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: vars(value)}
    return set(value) if isinstance(value, frozenset) else value


def _text(value: Any) -> str:
    """Write a value down; a function by its name alone."""
    value = _opened(value)
    if isinstance(value, dict):
        pairs = (f"{_text(k)}: {_text(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, set):
        return f"set({', '.join(sorted(map(_text, value)))})"
    if value is None or isinstance(value, SCALARS):
        return repr(value)
    return getattr(value, "__qualname__", type(value).__name__)


def _leaves(value: Any) -> Iterator[Any]:
    """Yield what containers hold, however deep."""
    value = _opened(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set):
        for part in value:
            yield from _leaves(part)
    else:
        yield value
