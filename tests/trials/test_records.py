"""Records: whole or absent, never overwritten when damaged, current."""

import json
from dataclasses import replace

import pytest

from normlib import ledger, records
from normlib.experiments import MODULES, trial, trials
from normlib.experiments.recording import OutOfTime, make_record
from normlib.records import RecordError

GRADIENTS = trial("introduction.gradients")
SMALL = GRADIENTS.presets["live"] | {
    "depth": 4,
    "width": 8,
    "batch": 4,
    "every": 3,
    "seeds": 5,
}


@pytest.fixture
def small():
    presets = GRADIENTS.presets | {"cpu": SMALL}
    return replace(GRADIENTS, presets=presets)


def test_what_is_written_is_what_is_read(small, tmp_path):
    file = make_record(small, "cpu", tmp_path, quiet=True)
    again = records.load(small.name, "cpu", tmp_path)
    fresh = small.run("cpu")
    assert file.name == "introduction.gradients.cpu.json"
    assert again.rows == fresh.rows
    assert again.config == SMALL
    assert again.rules == {c: rule.hash for c, rule in small.rules.items()}
    assert again.provenance["seconds"] >= 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [file.name]


def test_an_interrupted_run_goes_on(small, tmp_path):
    whole = make_record(small, "cpu", tmp_path / "whole", quiet=True)
    calls = []

    def measure(config, unit, device):
        calls.append(unit["norm"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return small.measure(config, unit, device)

    broken = replace(small, measure=measure)
    part = tmp_path / "part"
    with pytest.raises(KeyboardInterrupt):
        make_record(broken, "cpu", part, quiet=True)
    assert not records.exists(small.name, "cpu", part)
    left = next(part.glob("*.partial.jsonl"))
    left.write_text(left.read_text() + '{"seconds": 1, "ro')  # cut short
    file = make_record(broken, "cpu", part, quiet=True)
    assert calls == ["none", "batch", "layer", "layer", "rms"]
    assert records.read(file).rows == records.read(whole).rows
    assert not list(part.glob("*.partial.jsonl"))


def test_a_changed_configuration_starts_again(small, tmp_path):
    with pytest.raises(OutOfTime):
        make_record(small, "cpu", tmp_path, deadline=0, quiet=True)
    changed = replace(small, presets={"cpu": SMALL | {"width": 6}})
    file = make_record(changed, "cpu", tmp_path, quiet=True)
    assert records.read(file).config["width"] == 6


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 1}', '{"schema": 9}', "\x00"]
)
def test_a_damaged_record_is_named_and_kept(small, tmp_path, text):
    file = records.path(small.name, "cpu", tmp_path)
    file.write_text(text)
    with pytest.raises(RecordError, match=file.name):
        make_record(small, "cpu", tmp_path, quiet=True)
    assert file.read_text() == text


def test_an_absent_record_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"a\.b\.cpu\.json"):
        records.load("a.b", "cpu", tmp_path)


def test_a_failed_write_leaves_the_old_record(small, tmp_path):
    file = make_record(small, "cpu", tmp_path, quiet=True)
    before = file.read_text()
    bad = records.read(file)
    bad.rows[0]["log10_grad"] = float("nan")
    with pytest.raises(ValueError, match="JSON"):
        records.write(bad, tmp_path)
    assert file.read_text() == before


def test_stale_says_what_changed(small):
    record = small.run("cpu")
    assert small.why_stale(record) == ""
    wider = replace(small, presets={"cpu": SMALL | {"width": 6}})
    assert "configuration" in wider.why_stale(record)
    rule = small.rules["intro.vanishing"]
    other = replace(
        small, rules={"intro.vanishing": replace(rule, says="else")}
    )
    assert "intro.vanishing" in other.why_stale(record)


def committed():
    return sorted(records.FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", committed(), ids=lambda f: f.stem)
def test_committed_records_are_current(file):
    record = records.read(file)
    assert record.trial in MODULES
    assert trial(record.trial).why_stale(record) == ""
    assert file.name == f"{record.trial}.{record.preset}.json"
    assert len({row["seed"] for row in record.rows}) >= 5
    for key in ("processor", "torch", "date", "seconds"):
        assert record.provenance[key] not in ("", None)
    if record.preset == "gpu":
        assert record.provenance["accelerator"]
    json.dumps(record.rows, allow_nan=False)


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_every_trial_has_its_cpu_record(one):
    assert records.exists(one.name, "cpu")


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_every_rule_decides_a_claim_and_one_trial_decides_it(one):
    for claim_id in one.rules:
        assert ledger.judge(ledger.claim(claim_id).id) is one


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_sources_stand_in_the_bibliography(one):
    from pathlib import Path

    bib = Path(__file__).parents[2] / "chapters" / "references.bib"
    for key in one.source:
        assert f"{{{key}," in bib.read_text()
