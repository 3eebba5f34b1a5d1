"""What the front door computes: its guess, its figure, its map."""

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "_ext"))
import facts
import front_guess
import front_map
import front_sets
import ledger_data

from normlib import ledger, records
from normlib.cards import MARKS
from normlib.experiments import trial

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def guess():
    return facts.guess()


def test_the_guess_is_counted_in_the_record(guess):
    """Counted again from the raw rows, without the trial's reading."""
    record = records.load("introduction.gradients", "cpu")
    last = max(row["layer"] for row in record.rows)
    means = []
    for act in ("relu", "sigmoid"):
        for norm in ("batch", "layer"):
            arm = {"act": act, "norm": norm, "init": "default"}
            ends = [
                np.array(record.values("log10_grad", layer=layer, **arm))
                for layer in (1, last)
            ]
            means.append(float(np.mean(ends[0] - ends[1])))
    assert guess["nets"] == 4
    assert guess["alive"] == sum(abs(m) <= guess["healthy"] for m in means)
    assert guess["worst"] == pytest.approx(max(means, key=abs))


def test_the_guess_follows_the_record(monkeypatch):
    one = trial("introduction.gradients")
    real = one.change

    def shifted(record, **arm):
        change = real(record, **arm)
        return change.times(0) if arm["norm"] == "layer" else change

    before = facts.guess()["alive"]
    monkeypatch.setattr(one, "change", shifted)
    after = facts.guess()
    assert after["alive"] == before + 1
    assert (
        after["worst"]
        == real(one.record(), act="relu", norm="batch", init="default").mean
    )


def test_the_guess_leaves_the_first_page_its_own(guess):
    """It says how many, and names no net among the answers."""
    html = front_guess.html(guess)
    answer = front_guess.answer(guess)
    assert f'data-truth="{guess["alive"]}"' in html
    assert html.count('type="radio"') == guess["nets"] + 1
    for spoils in ("ReLU", "sigmoid", "BatchNorm", "LayerNorm"):
        assert spoils not in answer
    assert guess["verdict"] in answer


@pytest.mark.parametrize(
    ("norm", "spans"),
    [
        ("batch", (3, 1, 2)),
        ("layer", (1, 4, 2)),
        ("rms", (1, 4, 2)),
        ("instance", (1, 1, 2)),
        ("group", (1, 2, 2)),
    ],
)
def test_the_figure_lights_a_set_and_counts_it(norm, spans):
    svg = front_sets.panel(norm)
    assert svg.count('class="nl-lit"') == np.prod(spans)
    assert svg.count("<rect") == np.prod(front_sets.SHAPE)
    assert f"m = {'·'.join(map(str, spans))} = {np.prod(spans)}" in svg
    assert ("mean kept" in svg) == (norm == "rms")
    assert (
        f"m = {np.prod(spans)}" in re.search('aria-label="(.*?)"', svg)[1]
    )


def test_a_page_is_read_from_its_notebook():
    page = front_map.read(ROOT, "chapters/01_introduction/what_for")
    assert page.title == "What is a norm for?"
    text = (ROOT / "chapters/01_introduction/what_for.ipynb").read_text()
    assert f"· {page.minutes} minutes" in text
    assert front_map.read(ROOT, "chapters/ledger") is None
    assert front_map.read(ROOT, "chapters/notation") is None


@pytest.fixture
def book(tmp_path):
    """A book of one chapter with two pages, and a reference."""
    (tmp_path / "_toc.yml").write_text(
        "parts:\n- caption: One & two\n  chapters:\n"
        "  - file: chapters/02_batch_normalization/one_backward\n"
        "  - file: chapters/b\n- caption: Reference\n  chapters:\n"
        "  - file: chapters/none\n"
    )
    for name, minutes in (
        ("02_batch_normalization/one_backward", 50),
        ("b", 25),
    ):
        file = tmp_path / f"chapters/{name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        said = f"# A <b>\n\n> **One · page 1 of 2 · {minutes} minutes.**"
        cell = {"cell_type": "markdown", "source": [said]}
        file.write_text(json.dumps({"cells": [cell]}))
    return tmp_path


ROWS = [
    {"verdict": "open", "page": "batch_norm/one_backward"},
    {"verdict": "holds", "page": "batch_norm/one_backward"},
    {"verdict": "untried", "page": "rms_norm"},
]
ROWS = [row | {"section": "A, b"} for row in ROWS]


def test_the_map_is_computed(book):
    html = front_map.html(front_map.chapters(book), ROWS)
    assert "2 pages stand, 1 h 15 min in all; they try 2 of 3" in html
    assert "One &amp; two" in html and "A &lt;b&gt;" in html
    assert "Reference" not in html
    line = html.partition("one_backward.html")[2].partition("</li>")[0]
    assert re.findall(r'data-verdict="([a-z-]+)"', line) == [
        "holds",
        "open",
    ]
    assert "2 claims: 1 holds, 1 open" in line
    later = html.partition("To come")[2]
    assert "1 claim, untried" in later
    assert 'href="ledger.html?verdict=untried&amp;chapter=a-b"' in later
    assert "To come" not in front_map.html(
        front_map.chapters(book), ROWS[:2]
    )


def test_files_hold_what_the_ledger_says(tmp_path):
    rows = ledger.table().rows()
    ledger_data.write(rows, tmp_path)
    assert json.loads((tmp_path / "ledger.json").read_text()) == rows
    with open(tmp_path / "ledger.csv", newline="") as file:
        assert list(csv.DictReader(file)) == rows
    assert {row["verdict"] for row in rows} <= set(MARKS)


def test_a_row_without_a_card_gets_the_name_of_one():
    body = ledger.table(("bn.mean", "bn.xhat"))._repr_html_()
    card = '<div id="verdict-bn-xhat"></div>'
    named = ledger_data.with_anchors(body + card)
    assert named.count('id="verdict-bn-mean"') == 1
    assert named.count('id="verdict-bn-xhat"') == 1


def test_facts_are_kept_until_something_changes(tmp_path, monkeypatch):
    class App:
        doctreedir = tmp_path

    made = []
    monkeypatch.setattr(facts, "rows", lambda: made.append(1) or [])
    monkeypatch.setattr(facts, "guess", dict)
    monkeypatch.setattr(facts, "fingerprint", lambda: "a")
    assert facts.facts(App) == facts.facts(App)
    assert len(made) == 1
    monkeypatch.setattr(facts, "fingerprint", lambda: "b")
    facts.facts(App)
    assert len(made) == 2
