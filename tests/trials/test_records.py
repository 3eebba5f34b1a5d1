"""Records: whole or absent, never overwritten when damaged, current."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest

from normlib import claims, records
from normlib.experiments import NAMES, recording, trial, trials
from normlib.experiments.provenance import describe_machine
from normlib.experiments.recording import OutOfTime, make_record
from normlib.records import RecordError

GRADIENTS = trial("introduction.gradients")
SMALL = GRADIENTS.presets["live"] | {
    "depth": 4,
    "width": 8,
    "batch": 4,
    "every": 3,
    "seeds": 8,
    "first_seed": 0,
}


def other(trial, **attributes):
    """Return a trial with other attributes."""
    found = copy.copy(trial)
    vars(found).update(attributes)
    return found


@pytest.fixture
def small():
    return other(GRADIENTS, presets=GRADIENTS.presets | {"cpu": SMALL})


def test_what_is_written_is_what_is_read(small, tmp_path):
    file = make_record(small, "cpu", tmp_path, quiet=True)
    again = records.load(small.name, "cpu", tmp_path)
    fresh = small.run("cpu")
    assert file.name == "introduction.gradients.cpu.json"
    assert again.rows == fresh.rows
    assert again.config == SMALL
    assert again.rules == small.rule_hashes()
    assert again.measure == small.fingerprint()
    assert small.differences(again) == []
    assert again.provenance["seconds"] >= 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [file.name]


class Calls:
    """Break off at the third call."""

    def __init__(self):
        self.seen = []

    def note(self, what):
        self.seen.append(what)
        if len(self.seen) == 3:
            raise KeyboardInterrupt


def test_an_interrupted_run_goes_on(small, tmp_path):
    whole = make_record(small, "cpu", tmp_path / "whole", quiet=True)
    calls = Calls()

    def measure(config, unit, device):
        calls.note(unit["norm"])
        return small._measure(config, unit, device)

    broken = other(small, _measure=measure)
    part = tmp_path / "part"
    with pytest.raises(KeyboardInterrupt):
        make_record(broken, "cpu", part, quiet=True)
    assert not records.exists(small.name, "cpu", part)
    left = next(part.glob("*.partial.jsonl"))
    left.write_text(left.read_text() + '{"seconds": 1, "ro')  # cut short
    file = make_record(broken, "cpu", part, quiet=True)
    assert calls.seen == ["none", "batch", "layer", "layer", "rms"]
    assert records.read(file).rows == records.read(whole).rows
    assert not list(part.glob("*.partial.jsonl"))


def test_two_processes_measure_the_same(small, tmp_path):
    """The units keep their order, and each its one thread."""
    alone, both = (
        make_record(
            small, "cpu", tmp_path / str(n), processes=n, quiet=True
        )
        for n in (1, 2)
    )
    assert records.read(both).rows == records.read(alone).rows
    with pytest.raises(OutOfTime):
        make_record(small, "cpu", tmp_path, processes=2, deadline=0)


def test_a_changed_configuration_starts_again(small, tmp_path):
    with pytest.raises(OutOfTime):
        make_record(small, "cpu", tmp_path, deadline=0, quiet=True)
    changed = other(small, presets={"cpu": SMALL | {"width": 6}})
    file = make_record(changed, "cpu", tmp_path, quiet=True)
    assert records.read(file).config["width"] == 6


def test_another_gpu_or_kernel_starts_again(small, tmp_path, monkeypatch):
    for machine in ({"kernels": "a"}, {"accelerator": "b"}):
        monkeypatch.setattr(
            recording, "describe_machine",
            lambda _, m=machine: describe_machine("cpu") | m,
        )  # fmt: skip
        calls = Calls()

        def measure(config, unit, device, calls=calls):
            calls.note(unit)
            return small._measure(config, unit, device)

        with pytest.raises(KeyboardInterrupt):
            make_record(other(small, _measure=measure), "cpu", tmp_path,
                        quiet=True)  # fmt: skip
        assert len(calls.seen) == 3


def test_a_resumed_record_never_mixes_versions(small, tmp_path):
    """What an earlier version measured is measured again."""
    calls = Calls()

    def measure(config, unit, device):
        calls.note(unit)
        return small._measure(config, unit, device)

    with pytest.raises(KeyboardInterrupt):
        make_record(other(small, _measure=measure), "cpu", tmp_path,
                    quiet=True)  # fmt: skip
    file = make_record(small, "cpu", tmp_path, quiet=True)
    assert records.read(file).measure == small.fingerprint()
    assert records.read(file).rows == small.run("cpu").rows


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1}', "\x00"]
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


def test_a_row_that_was_not_measured_is_noticed(small, tmp_path):
    file = make_record(small, "cpu", tmp_path, quiet=True)
    value = str(records.read(file).rows[5]["log10_grad"])
    file.write_text(file.read_text().replace(value, "7.7", 1))
    with pytest.raises(RecordError, match="not those that were measured"):
        records.read(file)


def test_rows_are_found_by_their_columns(small):
    record = small.run("cpu")
    for equal in ({"norm": "batch"}, {"norm": "batch", "layer": 1}, {},
                  {"norm": "x"}, {"seed": 3, "act": "relu"}):  # fmt: skip
        want = [r for r in record.rows if equal.items() <= r.items()]
        assert record.where(**equal) == want
    assert record.distinct("layer", norm="rms") == [1, 4]


def test_what_changed_is_said(small):
    record = small.run("cpu")
    assert small.differences(record) == []
    wider = other(small, presets={"cpu": SMALL | {"width": 6}})
    assert wider.differences(record) == ["its configuration"]
    rule = replace(small.rules["intro.vanishing"], says="else")
    ruled = other(small, rules={"intro.vanishing": rule})
    assert ruled.differences(record) == ["the rule of intro.vanishing"]
    assert ruled.differences(record, "bn.cnn") == []
    bare = replace(record, measure={})
    assert small.differences(bare) == ["its code, of which it kept no hash"]


def test_new_records_go_into_a_checkout_or_here(monkeypatch):
    assert records.place_for_new() == records.FOLDER
    installed = Path("/usr/lib/site-packages/normlib/records")
    monkeypatch.setattr(records, "FOLDER", installed)
    assert records.place_for_new() == Path("records")


def committed():
    return sorted(records.FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", committed(), ids=lambda f: f.stem)
def test_a_committed_record_is_whole(file):
    record = records.read(file)
    assert record.trial in NAMES
    changed = trial(record.trial).differences(record)
    assert "its configuration" not in changed
    assert file.name == f"{record.trial}.{record.preset}.json"
    assert len(record.distinct("seed")) >= 8
    for key in ("processor", "torch", "date", "seconds"):
        assert record.provenance[key] not in ("", None)
    if record.preset == "gpu":
        assert record.provenance["accelerator"]
    json.dumps(record.rows, allow_nan=False)


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_every_trial_has_its_cpu_record(one):
    assert records.exists(one.name, "cpu")


def test_a_claim_names_its_trial_and_a_trial_its_claims():
    named = {
        (c.trial, c.id) for c in claims.all_claims().values() if c.trial
    }
    assert named == {(t.name, id) for t in trials() for id in t.rules}


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_sources_stand_in_the_bibliography(one):
    bib = Path(__file__).parents[2] / "chapters" / "references.bib"
    for key in one.source:
        assert f"{{{key}," in bib.read_text()
