"""Every place a mistake links to is a heading of a page that stands."""

import re
from pathlib import Path

import nbformat
import pytest

from normlib.checks.batch_norm.places import PLACES as BATCH
from normlib.checks.rms_norm.places import PLACES as RMS

CHAPTERS = Path(__file__).parents[2] / "chapters"


def headings(path):
    found = set()
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "markdown":
            heads = re.findall(r"^#+ +(.*)$", cell.source, re.M)
            found |= {head.replace("$", "").strip() for head in heads}
    return found


@pytest.mark.parametrize("place", sorted({*BATCH.values(), *RMS.values()}))
def test_the_place_exists(place):
    stem, _, heading = place.partition("#")
    assert heading in headings(CHAPTERS / f"{stem}.ipynb")
