"""Show the source of a function on a page, straight from the package."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Source:
    """Python text that a notebook renders with colours."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def show(*things: Callable | str) -> Source:
    """Return the source of functions or classes, without docstrings.

    A thing may be named from the package on, as "layers.running.update_";
    then it is read and not imported. What a page shows is therefore what
    the package runs. Raises ValueError where there is no such thing.
    """
    texts = (
        _read(thing) if isinstance(thing, str) else inspect.getsource(thing)
        for thing in things
    )
    return Source("\n\n\n".join(map(_bare, texts)))


def _read(name: str) -> str:
    """Return the text of what a dotted name stands for."""
    file, rest = HERE, name.split(".")
    while rest and (file / rest[0]).is_dir():
        file /= rest.pop(0)
    file = (file / rest.pop(0)).with_suffix(".py") if rest else file
    if not (rest and file.is_file()):
        raise ValueError(f"show: got {name!r}, and there is no such file")
    text = file.read_text("utf-8")
    node: ast.AST = ast.parse(text)
    for part in rest:
        inside = {n.name: n for n in node.body if hasattr(n, "name")}
        if part not in inside:
            raise ValueError(
                f"show: got {name!r}; {file.name} has no {part!r}"
            )
        node = inside[part]
    top = min(n.lineno for n in [node, *node.decorator_list])
    return "\n".join(text.splitlines()[top - 1 : node.end_lineno])


def _bare(source: str) -> str:
    """Move the text to the left margin; take the docstring off."""
    source = textwrap.dedent(source).rstrip()
    first = ast.parse(source).body[0].body[0]
    text = getattr(first, "value", None)
    if not (isinstance(first, ast.Expr) and isinstance(text, ast.Constant)):
        return source
    lines = source.splitlines()
    del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines)
