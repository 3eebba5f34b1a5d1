"""Execute notebooks in place and rewrite only outputs that changed."""

import io
import sys
import time
from pathlib import Path

import nbclient
import nbformat
from PIL import Image, ImageChops

ROOT = Path(__file__).parent.parent
# A rasterized line may move by a shade between machines.
SAME_PIXELS = 8


def execute(file: Path) -> bool:
    """Run one notebook; write it if it changed, and say whether."""
    old = nbformat.read(file, as_version=4)
    new = nbformat.read(file, as_version=4)
    place = {"metadata": {"path": str(file.parent)}}
    nbclient.NotebookClient(
        new, timeout=120, kernel_name="python3", resources=place,
        record_timing=False,
        coalesce_streams=True,
    ).execute()  # fmt: skip
    new.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for before, after in zip(old.cells, new.cells, strict=True):
        if after.cell_type == "code" and same(
            before.outputs, after.outputs
        ):
            after.outputs = before.outputs
    text = nbformat.writes(new, version=4) + "\n"
    if text == file.read_text():
        return False
    file.write_text(text)
    return True


def same(old: list, new: list) -> bool:
    """Say whether two lists of outputs show the same."""
    return len(old) == len(new) and all(
        same_output(a, b) for a, b in zip(old, new, strict=True)
    )


def same_output(a: dict, b: dict) -> bool:
    """Compare two outputs; pictures by their pixels."""
    a, b = dict(a), dict(b)
    one, two = dict(a.pop("data", {})), dict(b.pop("data", {}))
    for d in (a, b):
        d.pop("execution_count", None)
    pictures = one.pop("image/png", None), two.pop("image/png", None)
    if (
        a != b
        or one != two
        or (pictures[0] is None) != (pictures[1] is None)
    ):
        return False
    return pictures[0] is None or same_picture(*pictures)


def same_picture(a: str, b: str) -> bool:
    """Compare two PNG files in base64 pixel by pixel."""
    if a == b:
        return True
    import base64

    one, two = (
        Image.open(io.BytesIO(base64.b64decode(x))).convert("RGB")
        for x in (a, b)
    )
    if one.size != two.size:
        return False
    worst = ImageChops.difference(one, two).getextrema()
    return max(high for _, high in worst) <= SAME_PIXELS


if __name__ == "__main__":
    for name in sys.argv[1:]:
        start = time.monotonic()
        changed = execute(ROOT / name)
        took = time.monotonic() - start
        print(f"{name}: {'rewritten' if changed else 'same'}, {took:.0f} s")
