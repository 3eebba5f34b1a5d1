"""The command line, as a person uses and misuses it."""

import subprocess
import sys

import pytest

from normlib import claims, commands, ledger, records
from normlib.commands import main
from normlib.experiments import trials


def test_list_names_every_trial_and_its_records(capsys):
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    for trial in trials():
        assert trial.name in said
        assert trial.question in said
    assert "decides intro.vanishing" in said


def test_claims_prints_the_whole_ledger(capsys):
    assert main(["claims"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{len(claims.all_claims())} claims:")
    for claim_id in claims.all_claims():
        assert claim_id in said


def test_claims_of_one_chapter(capsys, monkeypatch):
    monkeypatch.setattr(ledger, "trial_of", lambda claim_id: None)
    assert main(["claims", "intro."]) == 0
    said = capsys.readouterr().out
    assert "intro.vanishing" in said
    assert "bn." not in said
    assert "intro.covariate-shift  Untried." in said


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "COMMAND"),
        (["walk"], "invalid choice: 'walk'"),
        (["run"], "the following arguments are required: trial"),
        (["run", "nope"], "trial: got 'nope', want one of introduction."),
        (["run", "introduction.depth", "--preset", "x"], "preset: got 'x'"),
        (["record", "nope"], "trial: got 'nope'"),
        (["record", "--budget", "soon"], "invalid float value: 'soon'"),
        (["record", "--preset", "x"], "preset: got 'x'"),
        (["try", "intro.vanish"], "not in the ledger; near it: intro."),
        (["claims", "nope"], "prefix: got 'nope'"),
        (["run", "introduction.depth", "--device", "moon"], "device: got"),
    ],
)
def test_bad_use_gives_one_line_and_2(argv, words, capsys):
    try:
        code = main(argv)
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    assert code == 2
    assert words in said.err
    assert said.err.count("\n") == 1


def test_a_damaged_record_is_named(tmp_path, capsys):
    for trial in trials():
        records.path(trial.name, "cpu", tmp_path).write_text("{")
    argv = ["record", "introduction.depth", "--out", str(tmp_path)]
    assert main(argv) == 2
    assert (
        "introduction.depth.cpu.json is damaged" in capsys.readouterr().err
    )


def test_record_skips_what_is_current(tmp_path, capsys):
    name = "batch_norm.exact"
    for said in (f"wrote {name}.cpu.json", "current"):
        assert main(["record", name, "--out", str(tmp_path)]) == 0
        assert capsys.readouterr().out == f"{name}: {said}\n"


def test_a_budget_ends_a_recording_cleanly(tmp_path, capsys):
    argv = ["record", "introduction.depth", "--budget", "0"]
    assert main([*argv, "--out", str(tmp_path)]) == 0
    assert "out of time; goes on next time" in capsys.readouterr().out
    assert not records.exists("introduction.depth", "cpu", tmp_path)


def test_try_prints_our_verdict_beside_yours(capsys):
    assert main(["try", "bn.affine", "--preset", "cpu"]) == 0
    said = capsys.readouterr().out
    for owner in ("ours: ", "yours: "):
        assert said.split(owner)[1].startswith("holds. Off by")


def test_try_an_untried_claim(capsys, monkeypatch):
    monkeypatch.setattr(ledger, "trial_of", lambda claim_id: None)
    assert main(["try", "intro.vanishing"]) == 0
    assert "is untried" in capsys.readouterr().out


def test_an_interrupt_is_one_calm_line(monkeypatch, capsys):
    def stop(args):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "list_trials", stop)
    assert main(["list"]) == 130
    assert "goes on where it was" in capsys.readouterr().err


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "normlib", "claims", "zzz"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
