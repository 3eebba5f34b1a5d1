"""The exercise notebooks, as shipped and with answers put in."""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from normlib.checks import all_exercises

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "exercises").rglob("*.ipynb"))
names = pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("NORMLIB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return tmp_path / "progress.json"


def run(notebook, folder):
    options = {"resources": {"metadata": {"path": str(folder)}}}
    NotebookClient(notebook, timeout=60, **options).execute()
    return notebook


def data(output):
    return {k: "".join(v) for k, v in output.get("data", {}).items()}


def exercise_of(cell):
    return cell.metadata.get("exercise")


@names
def test_as_shipped_the_outputs_are_the_stored_ones(path, own_file):
    stored = nbformat.read(path, 4)
    fresh = run(nbformat.read(path, 4), path.parent)
    for old, new in zip(stored.cells, fresh.cells, strict=True):
        if old.cell_type == "code":
            assert old.execution_count == new.execution_count
            assert [*map(data, old.outputs)] == [*map(data, new.outputs)]
    told = [data(o) for c in stored.cells for o in c.get("outputs", [])]
    checks = [d["text/html"] for d in told if "nl-check" in str(d)]
    stubs = [c for c in stored.cells if exercise_of(c)]
    assert len(checks) == len(stubs) > 0
    assert all('data-status="not-attempted"' in html for html in checks)
    assert not own_file.exists()


@names
def test_with_the_solutions_put_in_all_are_correct(path, own_file):
    known = all_exercises()
    notebook = nbformat.read(path, 4)
    ids = [exercise_of(c) for c in notebook.cells if exercise_of(c)]
    for cell in notebook.cells:
        if exercise_of(cell):
            name = cell.source.partition(" = ")[0]
            text = known[exercise_of(cell)].solution().text
            stored = text.startswith("{")
            cell.source = f"{name} = {text}" if stored else text
    run(notebook, path.parent)
    told = [data(o) for c in notebook.cells for o in c.get("outputs", [])]
    checks = [d["text/html"] for d in told if "nl-check" in str(d)]
    assert len(checks) == len(ids)
    assert all('data-status="correct"' in html for html in checks)
    solved = json.loads(own_file.read_text())
    assert solved == dict.fromkeys(ids, "correct")


def test_every_exercise_has_a_stub():
    stubs = [
        exercise_of(cell)
        for path in BOOKS
        for cell in nbformat.read(path, 4).cells
        if exercise_of(cell)
    ]
    assert sorted(stubs) == sorted(all_exercises())


def test_an_error_in_a_kernel_shows_their_lines_only():
    path = next(p for p in BOOKS if p.stem == "a_deep_net_dies")
    notebook = nbformat.read(path, 4)
    stub = next(c for c in notebook.cells if exercise_of(c))
    stub.source = (
        "def batch_norm_forward(x, gamma, beta, *, eps=1e-5):\n"
        "    print('here')\n"
        "    return x + undefined_name"
    )
    run(notebook, path.parent)
    told = str([c.get("outputs") for c in notebook.cells])
    assert "line 3, in batch_norm_forward" in told
    assert "return x + undefined_name" in told
    assert "NameError" in told and "ipykernel" not in told
