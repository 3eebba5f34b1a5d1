"""Imports run one way; a module has no name of a function it exports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "normlib"
FILES = sorted(PACKAGE.rglob("*.py"))
# What a folder of the house may import, besides itself.
ALLOWED = {
    "reference": set(),
    "kernels": {"table"},
    "layers": {"kernels", "reference"},
    "loops": {"layers", "reference"},
    "table": set(),
    "source": set(),
    "chapters": set(),
    "data": set(),
    "records": set(),
    "claims": {"chapters"},
    "figures": {"layers", "records", "reference", "table"},
    "experiments": {
        "claims", "data", "figures", "kernels", "layers", "loops",
        "records", "reference", "table",
    },
    "forest": {"experiments"},
    "cards": {
        "chapters", "claims", "experiments", "forest", "records",
        "table",
    },
    "card_tables": {"cards", "chapters"},
    "ledger": {
        "card_tables", "cards", "claims", "experiments", "records",
    },
    "checks": {
        "chapters", "layers", "records", "reference", "source", "table",
    },
    "commands": {"cards", "claims", "experiments", "ledger", "records"},
    "__main__": {"commands"},
    "__init__": set(),
}  # fmt: skip


def name_of(file):
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in FILES}


def imports(file):
    """Yield the modules of ours that a file imports, wherever it does.

    Under TYPE_CHECKING and inside of functions as well.
    """
    own = name_of(file)
    package = own if file.stem == "__init__" else own.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in MODULES)
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: 1 - node.level or None]
                base = ".".join([*up, *base.split(".")]).rstrip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                if inner in MODULES:
                    yield inner
                elif base in MODULES:
                    yield base


GRAPH = {
    name: set(imports(file)) - {name} for name, file in MODULES.items()
}


def circle(graph):
    """Return a circle of the graph, or nothing."""
    done, path = set(), []

    def walk(node):
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        path.append(node)
        for other in sorted(graph[node]):
            if found := walk(other):
                return found
        done.add(path.pop())
        return []

    for node in sorted(graph):
        if found := walk(node):
            return found
    return []


def test_no_circle_of_imports():
    assert circle(GRAPH) == []


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == [*"abca"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_imports_run_one_way():
    for name, others in GRAPH.items():
        place = name.split(".")[1] if "." in name else "__init__"
        for other in others - {"normlib"}:
            target = other.split(".")[1]
            if target != place:
                assert target in ALLOWED[place], f"{name} imports {other}"


# The names are part of records' fingerprints; with the next ones they go.
NAMED_ALIKE = {"stretched", "hybrid"}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_module_has_the_name_of_a_function_it_exports(file):
    if file.stem == "__init__":
        beside = {f.stem for f in file.parent.iterdir()} - {"__init__"}
        tree = ast.parse(file.read_text())
        defined = {n.name for n in tree.body if hasattr(n, "name")}
        assert not defined & beside
    else:
        body = ast.parse(file.read_text()).body
        functions = [n for n in body if isinstance(n, ast.FunctionDef)]
        names = {n.name for n in functions} - NAMED_ALIKE
        assert file.stem not in names


DOOR = """
import sys, normlib
from normlib import ref
assert ref.batch_norm_forward
assert normlib.__version__
assert "torch" not in sys.modules, "torch was loaded"
from normlib import demo, figures, layers, ledger, show, trial, verdict
assert layers.BatchNorm1d and figures.sets.picture
"""


def test_the_door_opens_and_loads_no_torch_before_it_must():
    run = [sys.executable, "-c", DOOR]
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_no_door():
    import normlib

    with pytest.raises(AttributeError, match="normlib has no 'window'"):
        normlib.window
