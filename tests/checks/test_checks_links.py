"""Every place a mistake links to is a heading of a page that stands."""

import re
from pathlib import Path

import nbformat
import pytest
from docutils.nodes import make_id

from normlib.checks.batch_norm import places

CHAPTERS = Path(__file__).parents[2] / "chapters"


def anchors(path):
    """Return the ids of headings, and targets written as (name)=."""
    found = set()
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "markdown":
            text = cell.source
            heads = re.findall(r"^#+ +(.*)$", text, re.M)
            found |= {make_id(head) for head in heads}
            found |= {*re.findall(r"^\((\S+)\)=$", text, re.M)}
    return found


@pytest.mark.parametrize("place", sorted({*places.ALL}))
def test_the_place_exists(place):
    stem, _, anchor = place.partition("#")
    assert anchor in anchors(CHAPTERS / f"{stem}.ipynb")
