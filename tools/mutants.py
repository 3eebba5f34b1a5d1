"""Mutation testing of the reference and the layers, by cosmic-ray.

A seeded draw of the mutants that can matter: of binary operators only
+ − × ÷ and powers, for the others end in a TypeError or stand in
annotations. Works on a clone, so the tree stays as it is. Four mutants a
minute; `python -m tools.mutants 40` draws 40.
"""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TREE = ROOT / "_build/mutants/tree"
SKIP = "BitOr RShift LShift BitXor BitAnd FloorDiv _Mod _Invert _UAdd _Not_"
TESTS = (
    "-m pytest -q -x -p no:cacheprovider tests/reference tests/layers "
    "tests/kernels/test_layers_backend.py::test_without_triton_it_says_so "
    "--ignore tests/reference/test_reference_frameworks.py "
    "--deselect tests/layers/test_layers_places.py "
    "-k 'not compile and not export and not processes and not generates'"
)
CONFIG = f"""[cosmic-ray]
module-path = ["normlib/reference", "normlib/layers"]
timeout = 120.0
excluded-modules = []
test-command = "env PYTHONPATH={TREE} {sys.executable} {TESTS}"
[cosmic-ray.distributor]
name = "local"
"""
SURVIVORS = """
    SELECT module_path, start_pos_row, operator_name, occurrence
    FROM mutation_specs JOIN work_results USING (job_id)
    WHERE test_outcome = 'SURVIVED' ORDER BY 1, 2
"""


def draw(session: sqlite3.Connection, count: int) -> None:
    """Keep a seeded draw of the mutants that can matter."""
    every = session.execute(
        "SELECT job_id, operator_name FROM mutation_specs ORDER BY "
        "module_path, start_pos_row, start_pos_col, operator_name"
    ).fetchall()
    skip = SKIP.split()
    jobs = [job for job, name in every if not any(s in name for s in skip)]
    drawn = random.Random(0).sample(jobs, min(count, len(jobs)))
    marks = ",".join("?" * len(drawn))
    for table in ("mutation_specs", "work_items"):
        session.execute(
            f"DELETE FROM {table} WHERE job_id NOT IN ({marks})", drawn
        )
    session.commit()


def main(count: int) -> None:
    """Draw, try, print the survivors and the score."""
    subprocess.run(["rm", "-rf", TREE], check=True)
    subprocess.run(["git", "clone", "-q", ROOT, TREE], check=True)
    (TREE / "cr.toml").write_text(CONFIG)
    tool = [Path(sys.executable).with_name("cosmic-ray")]
    subprocess.run([*tool, "init", "cr.toml", "s"], cwd=TREE, check=True)
    with sqlite3.connect(TREE / "s") as session:
        draw(session, count)
        run = [*tool, "exec", "cr.toml", "s"]
        subprocess.run(run, cwd=TREE, check=True)
        alive = session.execute(SURVIVORS).fetchall()
        tried = session.execute("SELECT COUNT(*) FROM work_results")
        (total,) = tried.fetchone()
    for file, row, name, occurrence in alive:
        print(f"{file}:{row} {name.split('/')[-1]} {occurrence}")
    print(f"{total - len(alive)} of {total} mutants killed")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 240)
