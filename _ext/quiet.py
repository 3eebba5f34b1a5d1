"""Quiet code: what only fetches a result folds behind a small switch.

`verdict("bn.mean")` or `drift.plot()` teaches nobody anything, and stands
above each result. On the site it is folded below it; imports fold where
they are. A cell with a line of any other kind stays as it is.
"""

import ast

from docutils import nodes
from guesses import fold

FETCH = {"trial", "demo", "record"}
SHOW = {"verdict", "show", "plot", "picture", "table", "some", "kept"}
SHOW |= {"on_gpu"}


def _called(node):
    """Return the name of what is called, or ""."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def kind(source):
    """Return "imports", "code" for what fetches and shows, or ""."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:  # a %magic
        return ""
    imports = [isinstance(x, ast.Import | ast.ImportFrom) for x in lines]
    if all(imports):
        return "imports"
    quiet = [
        (isinstance(x, ast.Assign) and _called(x.value) in FETCH)
        or (isinstance(x, ast.Expr) and _called(x.value) in SHOW)
        for x in lines
    ]
    return "code" if all(quiet) else ""


def _part(cell, name):
    return next((c for c in cell if name in c.get("classes", [])), None)


def quieten(app, doctree):
    """Fold such cells of a notebook."""
    if app.builder.format != "html":
        return
    for cell in list(doctree.findall(nodes.container)):
        if "cell" not in cell["classes"]:
            continue
        code, output = _part(cell, "cell_input"), _part(cell, "cell_output")
        word = kind(code.astext()) if code else ""
        if not word or (word == "code" and not output):
            continue
        cell.remove(code)
        kept = fold("", code, kind="nl-code", summary=word)
        cell.append(kept)


def setup(app):
    app.connect("doctree-read", quieten)  # after the guesses
    return {
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
