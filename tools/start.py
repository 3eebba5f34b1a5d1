"""Copy the exercises into work/, where git does not look."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent


def start(source: Path, work: Path) -> tuple[list[str], list[str]]:
    """Copy what is not there yet; return what was copied and kept."""
    copied, kept = [], []
    for file in sorted(source.rglob("*")):
        if not file.is_file() or ".ipynb_checkpoints" in file.parts:
            continue
        name = file.relative_to(source)
        target = work / name
        if target.exists():
            kept.append(str(name))
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        copied.append(str(name))
    return copied, kept


if __name__ == "__main__":
    new, old = start(ROOT / "exercises", ROOT / "work")
    for name in new:
        print(f"work/{name}")
    for name in old:
        print(f"work/{name} is yours and was kept")
