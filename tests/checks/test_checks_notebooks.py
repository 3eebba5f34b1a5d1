"""The exercise notebooks: what they store, and with answers put in."""

import ast
import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from normlib.checks import all_exercises

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "exercises").rglob("*.ipynb"))
names = pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)


@pytest.fixture
def environment(own_file, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return own_file


def run(notebook, folder):
    options = {"resources": {"metadata": {"path": str(folder)}}}
    NotebookClient(notebook, timeout=60, **options).execute()
    return notebook


def data(output):
    return {k: "".join(v) for k, v in output.get("data", {}).items()}


def exercise_of(cell):
    return cell.metadata.get("exercise")


def outputs(notebook):
    return [data(o) for c in notebook.cells for o in c.get("outputs", [])]


def stubs(notebook):
    return [cell for cell in notebook.cells if exercise_of(cell)]


@names
def test_as_shipped_nothing_is_attempted(path):
    """What is stored; nbval executes it, and demands the same."""
    notebook = nbformat.read(path, 4)
    checks = [
        d["text/html"] for d in outputs(notebook) if "nl-check" in str(d)
    ]
    assert len(checks) == len(stubs(notebook)) > 0
    assert all('data-status="not-attempted"' in html for html in checks)


@names
def test_a_stub_has_a_name_of_its_own_and_the_line_of_our_answer(path):
    found = []
    for cell in stubs(nbformat.read(path, 4)):
        exercise = all_exercises()[exercise_of(cell)]
        (stub,) = ast.parse(cell.source).body
        if exercise.takes == "dict":
            (target,) = stub.targets
            found.append(target.id)
            continue
        (ours,) = ast.parse(exercise.solution().text).body
        found.append(stub.name)
        assert stub.name == ours.name
        if exercise.takes == "function":
            assert ast.dump(stub.args) == ast.dump(ours.args)
    assert len({*found}) == len(found)


@names
def test_with_the_solutions_put_in_all_are_correct(path, environment):
    known = all_exercises()
    notebook = nbformat.read(path, 4)
    ids = [exercise_of(cell) for cell in stubs(notebook)]
    for cell in stubs(notebook):
        name = cell.source.partition(" = ")[0]
        text = known[exercise_of(cell)].solution().text
        stored = text.startswith("{")
        cell.source = f"{name} = {text}" if stored else text
    run(notebook, path.parent)
    checks = [
        d["text/html"] for d in outputs(notebook) if "nl-check" in str(d)
    ]
    assert len(checks) == len(ids)
    assert all('data-status="correct"' in html for html in checks)
    solved = json.loads(environment.read_text())
    assert solved == dict.fromkeys(ids, "correct")


def test_every_exercise_has_a_stub():
    found = [
        exercise_of(cell)
        for path in BOOKS
        for cell in stubs(nbformat.read(path, 4))
    ]
    assert sorted(found) == sorted(all_exercises())


def test_an_error_in_a_kernel_shows_their_lines_only(environment):
    path = next(p for p in BOOKS if p.stem == "a_deep_net_dies")
    notebook = nbformat.read(path, 4)
    stub = stubs(notebook)[0]
    stub.source = (
        "def batch_norm_forward(x, gamma, beta, *, eps=1e-5):\n"
        "    print('here')\n"
        "    return x + undefined_name"
    )
    run(notebook, path.parent)
    shown = str(outputs(notebook))
    assert "line 3, in batch_norm_forward" in shown
    assert "return x + undefined_name" in shown
    assert "NameError" in shown and "ipykernel" not in shown
