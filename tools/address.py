"""Set the course's public address everywhere it is repeated.

The one place is repository.url in _config.yml. README, pyproject and the
first cell of every notebook repeat it.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def current(root: Path = ROOT) -> str:
    """Return owner/name as _config.yml has it."""
    text = (root / "_config.yml").read_text()
    found = re.search(r"url: https://github\.com/([\w.-]+/[\w.-]+)", text)
    if not found:
        raise SystemExit("_config.yml has no repository url")
    return found.group(1)


def places(root: Path = ROOT) -> list[Path]:
    """Return the tracked files that may repeat the address."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "-z",
            "--",
            "*.ipynb",
            "*.md",
            "*.toml",
            "*.yml",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [root / name for name in listed.split("\0") if name]


def change(new: str, root: Path = ROOT) -> list[Path]:
    """Replace owner/name everywhere; return the files that changed."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", new):
        raise SystemExit("make address REPO=owner/name")
    old, changed = current(root), []
    for file in places(root):
        text = file.read_text()
        fresh = text.replace(
            f"github.com/{old}", f"github.com/{new}"
        ).replace(f"/github/{old}/", f"/github/{new}/")
        if fresh != text:
            file.write_text(fresh)
            changed.append(file)
    return changed


if __name__ == "__main__":
    for file in change(sys.argv[1] if len(sys.argv) > 1 else ""):
        print(file.relative_to(ROOT))
