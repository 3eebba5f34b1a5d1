"""Under CI a skip fails the run, unless a GPU is what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("reason", "ci", "code"),
    [
        ("no GPU on this machine", "true", 0),
        ("no browser", "true", 1),
        ("no browser", "", 0),
    ],
)
def test_a_skip_under_ci(reason, ci, code, tmp_path):
    (tmp_path / "test_a.py").write_text(
        f"import pytest\ndef test_b():\n    pytest.skip({reason!r})\n"
    )
    (tmp_path / "conftest.py").write_text(
        (TESTS / "conftest.py").read_text()
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--rootdir",
            ".",
            "test_a.py",
        ],
        cwd=tmp_path,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout
