"""A lone notebook in a bare environment installs normlib, once.

Colab has torch and NumPy and no normlib. The stand-in is a fresh virtual
environment that sees the packages of this one by a path entry, without
normlib. git is told to fetch the public address from this clone.
"""

import json
import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from tools import address

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python without normlib; returns its path."""
    home = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    python = home / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = home / "lib" / version / "site-packages"
    (packages / "colab.pth").write_text(site.getsitepackages()[0] + "\n")
    return python


def environment():
    clone = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{ROOT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{address.current()}",
    }
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return kept | clone


def run_first_cell(python, folder):
    """Run the install cell of a notebook alone, as IPython runs it."""
    name = "chapters/01_introduction/what_for.ipynb"
    cells = json.loads((ROOT / name).read_text())["cells"]
    first = next(c for c in cells if c["cell_type"] == "code")
    (folder / "cell.ipy").write_text("".join(first["source"]))
    done = subprocess.run(
        [python, "-m", "IPython", "--no-banner", "cell.ipy"],
        cwd=folder,
        env=environment() | {"IPYTHONDIR": str(folder / "ipython")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def where(python, folder):
    return subprocess.run(
        [python, "-c", "import normlib; print(normlib.__file__)"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_the_first_cell_installs_normlib_once(bare, tmp_path):
    assert where(bare, tmp_path) == ""
    run_first_cell(bare, tmp_path)
    place = where(bare, tmp_path)
    assert Path(place).is_relative_to(bare.parents[1])
    assert "site-packages" in place
    before = Path(place).stat().st_mtime_ns
    run_first_cell(bare, tmp_path)
    assert Path(place).stat().st_mtime_ns == before
    said = subprocess.run(
        [bare, "-m", "normlib", "claims", "intro."],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert "intro.vanishing" in said.stdout, said.stderr
