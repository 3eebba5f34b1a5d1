"""A mistake is an edit: found, made, told by its line; files are read."""

import re

import numpy as np
import pytest

from normlib.checks import all_exercises, edits, mistakes
from normlib.source import show


def answer(x, eps):
    """Say what it does."""
    sigma = np.sqrt(x.var(axis=0) + eps)
    return (x - x.mean(axis=0)) / sigma


PLACES = {"here": "page#Heading"}
WORDS = {"did": "A.", "symptom": "b.", "fix": "c.", "read": "here"}
SOURCE = "a = b + c\nd = b - c\n"


def load(tmp_path, *entries, **options):
    file = tmp_path / "some.yaml"
    shown = "\n".join(f"- {entry}" for entry in entries)
    file.write_text(shown.replace("'", '"'))
    mistakes.entries.cache_clear()
    return mistakes.load(file, answer, PLACES, **options)


def entry(**fields):
    return {"id": "one", "swap": ["+ eps", ""]} | WORDS | fields


def test_an_edit_takes_the_place_of_its_text():
    edit = edits.spans(SOURCE, [["b +", "b *"], ["d =", "e ="]])
    assert edits.edited(SOURCE, edit) == "a = b * c\ne = b - c\n"
    every = edits.spans(SOURCE, [["b ", "z ", "everywhere"]])
    assert edits.edited(SOURCE, every) == "a = z + c\nd = z - c\n"
    with pytest.raises(ValueError, match="'b' stands 2 times"):
        edits.spans(SOURCE, [["b", "z"]])
    with pytest.raises(ValueError, match="stands 0 times"):
        edits.spans(SOURCE, [["q", "z", "everywhere"]])


def test_edits_that_share_text_exclude_each_other():
    first = edits.spans(SOURCE, [["a = b", "a = c"]])
    inside = edits.spans(SOURCE, [["b +", "b *"]])
    beside = edits.spans(SOURCE, [["+ c", ""]])
    after = edits.spans(SOURCE, [[" c\nd", " e\nd"]])
    assert edits.overlap(first, inside) and edits.overlap(inside, beside)
    assert not edits.overlap(first, beside)
    assert not edits.overlap(inside, after)
    assert edits.edited(SOURCE, first, beside) == "a = c \nd = b - c\n"


def test_what_is_compiled_stands_where_the_answer_does():
    source = "def answer(x, eps):\n    return WORDS, x + eps\n"
    assert edits.compiled(answer, source)(1, 2) == (WORDS, 3)


def test_the_lines_that_differ_are_shown_to_the_left():
    before = "def f():\n    a = 1\n    if a:\n        b = 2\n"
    after = before.replace("2", "3").replace("    a = 1\n", "")
    lines = edits.changed_lines(before, after).splitlines()
    assert lines == ["− a = 1", "−     b = 2", "+     b = 3"]


def test_a_mistake_is_our_answer_after_its_edit(tmp_path):
    (one,) = load(tmp_path, entry())
    assert (one.did, one.read) == ("A.", "page#Heading")
    source = edits.edited(show(answer).text, one.spans)
    assert "x.var(axis=0) )" in source and "Say" not in source


def test_a_mistake_may_have_several_forms(tmp_path):
    forms = [["+ eps", "+ 1"], [["+ eps", "- eps"], ["/ sigma", ""]]]
    found = load(tmp_path, entry(also=forms))
    assert [m.id for m in found] == ["one"] * 3
    assert [len(m.spans) for m in found] == [1, 1, 2]
    assert len({m.spans for m in found}) == 3 and found[2].did == "A."


OFF = {
    "some.yaml: one lacks fix": entry(fix=""),
    "some.yaml: one: read is 'there', want one of here": entry(
        read="there"
    ),
    "some.yaml: one: swap is": entry(swap=["a"]),
    "want [old, new]": entry(swap=["+ eps", "+ eps"]),
    "[old, new, everywhere]": entry(swap=["+ eps", "", "twice"]),
    "'axis=0' stands 2 times": entry(swap=["axis=0", "axis=1"]),
    "some.yaml: one: unmatched": entry(swap=["+ eps", ")"]),
    "some.yaml: one lacks swap": {"id": "one"} | WORDS,
}


@pytest.mark.parametrize("words", OFF)
def test_a_file_that_is_off_is_named_with_its_entry(words, tmp_path):
    with pytest.raises(ValueError, match=re.escape(words)):
        load(tmp_path, OFF[words])


def test_an_entry_without_id_with_a_strange_field_or_twice(tmp_path):
    with pytest.raises(ValueError, match=r"some.yaml: .*'did': 'A.'"):
        load(tmp_path, WORDS)
    with pytest.raises(ValueError, match="more"):
        load(tmp_path, entry(more="x"))
    with pytest.raises(ValueError, match=r"some.yaml: one stands twice"):
        load(tmp_path, entry(), entry())


def test_shared_mistakes_come_where_their_text_stands(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(mistakes, "SHARED", tmp_path)
    common = [entry(id="one"), entry(id="two", swap=["no such text", ""])]
    common += [entry(id="three", swap=["/ sigma", ""])]
    common += [{k: v for k, v in entry(id="four").items() if k != "swap"}]
    shown = "\n".join(f"- {e}" for e in common).replace("'", '"')
    (tmp_path / "common.yaml").write_text(shown)
    own = {"id": "one", "swap": ["x.mean", "x.sum"]}
    found = load(tmp_path, own, shared=("common",))
    assert [m.id for m in found] == ["one", "three"]
    assert found[0].spans[0][2] == "x.sum" and found[0].did == "A."
    options = {"shared": ("common",), "without": ("three",)}
    assert [m.id for m in load(tmp_path, own, **options)] == ["one"]
    with pytest.raises(ValueError, match="no shared mistake is five"):
        load(tmp_path, own, shared=("common",), without=("five",))


def test_every_shared_mistake_is_made_somewhere():
    made = {m.id for e in all_exercises().values() for m in e.mistakes}
    for file in mistakes.SHARED.glob("*.yaml"):
        assert {*mistakes.entries(file)} <= made, file.name
