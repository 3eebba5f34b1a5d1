"""Rules before runs: what a record says of its commit is true.

Every record that decides a claim names a commit. The code is taken from
that commit and asked, in a process of its own, for its rules, its
configuration and its fingerprint: they have to be those that the record
was made with, and those in force today.
"""

import json
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import torch

from normlib import records
from normlib.experiments import provenance, trials
from normlib.experiments import trial as find_trial
from normlib.experiments.provenance import registration
from normlib.records import digest_of

ROOT = Path(__file__).parents[2]
ASK = """
import json, sys
from normlib.experiments import trial
from normlib.records import digest_of
one = trial(sys.argv[1])
print(json.dumps([
    one.rule_hashes(), one.fingerprint(),
    {p: digest_of(c) for p, c in one.presets.items()},
]))
"""


def git(*words):
    run = subprocess.run(
        ["git", "-C", str(ROOT), *words], capture_output=True, check=True
    )
    return run.stdout


@cache
def ask(commit, trial, folder):
    """Return what the code of a commit says of a trial."""
    place = Path(folder) / commit
    if not place.exists():
        with tarfile.open(fileobj=BytesIO(git("archive", commit))) as tar:
            tar.extractall(place, filter="data")
    run = subprocess.run(
        [sys.executable, "-c", ASK, trial], cwd=place,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(run.stdout)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return str(tmp_path_factory.mktemp("commits"))


REGISTERED = [
    records.read(file)
    for file in sorted(records.FOLDER.glob("*.json"))
    if records.read(file).registered and records.read(file).rules
]
SHALLOW = git("rev-parse", "--is-shallow-repository").strip() == b"true"


@pytest.mark.parametrize("record", REGISTERED, ids=lambda r: r.trial)
def test_rules_were_committed_before_the_run(record, folder):
    one = find_trial(record.trial)
    assert one.rule_hashes() == record.rules
    assert one.differences(record) == []
    if SHALLOW:  # the history is not here to be asked
        return
    commit = record.registered["commit"]
    git("merge-base", "--is-ancestor", commit, "HEAD")
    seconds = int(git("show", "-s", "--format=%ct", commit))
    started = datetime.fromisoformat(record.registered["started"])
    assert datetime.fromtimestamp(seconds, UTC) <= started
    rules, measure, configs = ask(commit, record.trial, folder)
    assert rules == record.rules and measure == record.measure
    assert configs[record.preset] == digest_of(record.config)
    # The rows came after the rule: at that commit they were not there.
    name = f"{record.trial}.{record.preset}.json"
    before = subprocess.run(
        ["git", "-C", str(ROOT), "show",
         f"{commit}:normlib/records/{name}"],
        capture_output=True, text=True,
    )  # fmt: skip
    if before.returncode == 0:
        old = json.loads(before.stdout)
        assert old["digest"] != digest_of(
            [list(row.values()) for row in record.rows]
        )


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.name)
def test_pilots_had_other_seeds(trial):
    for pilot in trial.pilots:
        for preset in ("cpu", "gpu"):
            config = trial.presets[preset]
            first = config["first_seed"]
            measured = range(first, first + config["seeds"])
            assert not set(pilot.seeds) & set(measured)
        assert len(pilot.found.split()) > 2


def test_changes_that_are_not_committed_register_nothing(monkeypatch):
    def status(words, **_):
        out = " M normlib/claims.yaml\n" if "status" in words else "abc\n"
        return subprocess.CompletedProcess(words, 0, out)

    monkeypatch.setattr(subprocess, "run", status)
    assert registration(strict=False) == {}
    with pytest.raises(ValueError, match=r"got changes .*claims\.yaml"):
        registration(strict=True)


def test_records_of_their_own_are_no_change_of_code(monkeypatch):
    def status(words, **_):
        out = "?? normlib/records/a.json\n" if "status" in words else "abc"
        return subprocess.CompletedProcess(words, 0, out)

    monkeypatch.setattr(subprocess, "run", status)
    assert registration(strict=True)["commit"] == "abc"


def test_outside_a_checkout_nothing_is_registered(monkeypatch):
    def no_git(*_, **__):
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", no_git)
    assert registration(strict=True) == {}


def test_on_a_gpu_versions_are_noted(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "H200")
    monkeypatch.setattr(provenance, "DRIVER", tmp_path / "version")
    said = "NVRM version: NVIDIA UNIX x86_64 Module  580.159.04  Release\n"
    (tmp_path / "version").write_text(said)
    found = provenance.describe_machine("cuda")
    assert found["accelerator"] == "H200" and found["kernels"]
    assert found["driver"] == "580.159.04"
    assert found["triton"] and found["quack_kernels"]
    assert "driver" not in provenance.describe_machine("cpu")
