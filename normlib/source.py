"""Show the source of a function on a page, straight from the package."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Python text that a notebook renders with colours."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def show(*functions: Callable, docstring: bool = False) -> Source:
    """Return the source of functions or classes, without docstrings.

    What a page shows is therefore what the package runs.
    """
    return Source("\n\n\n".join(_text(f, docstring) for f in functions))


def show_in(file: str, *names: str) -> Source:
    """Return functions of a file of normlib that may not be importable.

    `show_in("kernels/forward.py", "whole_rows")` needs no Triton.
    """
    text = (Path(__file__).parent / file).read_text("utf-8")
    lines = text.splitlines()
    found = {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }
    return Source("\n\n\n".join(_bare(found[name]) for name in names))


def _text(function: Callable, docstring: bool) -> str:
    source = textwrap.dedent(inspect.getsource(function)).rstrip()
    return source if docstring else _bare(source)


def _bare(source: str) -> str:
    """Take the docstring off, if there is one."""
    body = ast.parse(source).body[0].body
    first = body[0]
    said = isinstance(first, ast.Expr) and isinstance(
        first.value, ast.Constant
    )
    if not said:
        return source
    lines = source.splitlines()
    del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines)
