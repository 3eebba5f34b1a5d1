"""Every place a mistake links to is a heading of a page that stands."""

import re
from pathlib import Path

import nbformat
import pytest

from normlib.checks import all_exercises

CHAPTERS = Path(__file__).parents[2] / "chapters"


def headings(path):
    found = set()
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "markdown":
            heads = re.findall(r"^#+ +(.*)$", cell.source, re.M)
            found |= {head.replace("$", "").strip() for head in heads}
    return found


PLACES = {p for e in all_exercises().values() for p in e.places.values()}


@pytest.mark.parametrize("place", sorted(PLACES))
def test_the_place_exists(place):
    stem, _, heading = place.partition("#")
    assert heading in headings(CHAPTERS / f"{stem}.ipynb")
