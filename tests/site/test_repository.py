"""The repository keeps its promises: size, paths, one address."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

from normlib.chapters import CHAPTERS
from normlib.experiments import NAMES
from tools import address

ROOT = Path(__file__).parents[2]
HOSTS = (
    "pypi" + ".org",
    "files.python" + "hosted",
    "download.py" + "torch",
)
OUTSIDE = ".." + "/shared"


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / n for n in listed.stdout.split("\0") if n]


def texts():
    for file in tracked():
        if file.suffix not in (".png", ".svg", ".xz") and file.is_file():
            yield file, file.read_text(encoding="utf-8")


def test_it_stays_small():
    assert sum(f.stat().st_size for f in tracked() if f.is_file()) < 30e6


def test_no_file_names_a_registry_or_leaves_the_project():
    for file, text in texts():
        for word in (*HOSTS, OUTSIDE):
            assert word not in text, f"{word} in {file.relative_to(ROOT)}"


def test_no_file_names_a_machine():
    path = re.compile("/(?:root|work/" + "main|home/[a-z]+)/")
    for file, text in texts():
        if "tests/notebooks" not in file.as_posix():
            assert not path.search(text), file.relative_to(ROOT)


def test_every_address_is_the_one_in_config():
    want = address.current()
    named = re.compile(
        r"github\.com/([\w.-]+/[\w.-]+?)(?=[\"'\s)\\,]|\.git|/|$)"
    )
    own = want.split("/")[1]
    seen = 0
    for file, text in texts():
        if file.suffix not in (".ipynb", ".md", ".toml", ".yml"):
            continue
        for found in named.findall(text):
            if found.split("/")[1] == own or found.startswith("OWNER"):
                assert found == want, f"{found} in {file.relative_to(ROOT)}"
                seen += 1
    assert seen >= 5


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_readme_names_targets_that_exist(name):
    makefile = (ROOT / "Makefile").read_text()
    text = (ROOT / name).read_text()
    for target in set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target


def code_lines(text):
    """Count lines that hold code: no blanks, comments or docstrings."""
    held, lines = set(), text.splitlines()
    docs = set()
    for node in ast.walk(ast.parse(text)):
        first = getattr(node, "body", [None])
        first = first[0] if isinstance(first, list) and first else None
        if isinstance(first, ast.Expr) and isinstance(
            first.value, ast.Constant
        ):
            docs |= set(range(first.lineno, first.end_lineno + 1))
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if bare and not bare.startswith("#") and number not in docs:
            held.add(number)
    return len(held)


def test_normlib_stays_small():
    """About 4,000 lines, without checks and chapters' trials and nets.

    Docstrings and comments are not counted; 350 lines draw and pack the
    data sets, 750 are the kernels with their plans and their report, 1,000
    are the loops of five norms, 170 are cited claims and their cards.
    """
    trials = {f"experiments/{chapter}" for chapter in (*CHAPTERS, "nets")}
    library = 0
    for file in (ROOT / "normlib").rglob("*.py"):
        place = file.parent.relative_to(ROOT / "normlib").as_posix()
        if place not in trials and not place.startswith("checks"):
            library += code_lines(file.read_text())
    assert library <= 5850


def test_a_trial_is_a_page_to_read():
    """Half of them fit a hundred lines of code, and none is long."""
    sizes = [
        code_lines((ROOT / "normlib" / "experiments" / file).read_text())
        for file in (f"{name.replace('.', '/')}.py" for name in NAMES)
    ]
    assert statistics.median(sizes) <= 100 and max(sizes) <= 200
