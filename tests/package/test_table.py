"""One table, two outputs, the same words."""

import html
import re

import pytest

from normlib.table import Table

TABLE = Table(
    ("norm", "error", "where"),
    [("none", "9.8 [1.0, 2]", "a"), ("<b>", "−0.3", "at 4")],
    note="Measured.",
)


def test_text_is_aligned_and_numbers_stand_to_the_right():
    assert repr(TABLE).splitlines() == [
        "norm          error   where",
        "none   9.8 [1.0, 2]   a",
        "<b>            −0.3   at 4",
        "Measured.",
    ]


def test_html_has_the_same_words_and_is_escaped():
    rich = TABLE._repr_html_()
    words = html.unescape(re.sub("<(?!b>)[^>]*>", " ", rich)).split()
    assert words == repr(TABLE).split()
    assert "<b>" not in rich and rich.count("<tr>") == 3
    assert rich.count('scope="row"') == 2
    assert rich.count('class="nl-right"') == 3  # head and both rows


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError):
        repr(Table(("a", "b"), [("1",)]))


def test_no_rows_leave_the_head():
    empty = Table(("a", "b"), [])
    assert (
        repr(empty) == "a   b" and "<tbody></tbody>" in empty._repr_html_()
    )
