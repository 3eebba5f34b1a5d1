"""Try to cheat: each of these was possible once, and is noticed now.

A record of the equations is forged, re-stamped with the hashes in force,
and shown to what `make test` runs: the fingerprints, the commit that
registered the rules, and the second measurement of a unit.
"""

from dataclasses import replace
from random import Random

import pytest
from audit import audit
from test_registration import ask, folder, git  # noqa: F401

from normlib import claims, records
from normlib.data import Split
from normlib.experiments import rules
from normlib.experiments import trial as find_trial
from normlib.experiments.batch_norm import exact
from normlib.experiments.nets import training

EXACT, NET = find_trial("batch_norm.exact"), "introduction.depth"


def registered():
    return records.load("batch_norm.exact")


def restamped(record):
    """Give it the hashes of what is in force, as a forger would."""
    rules, measure = EXACT.rule_hashes(), EXACT.fingerprint()
    return replace(record, rules=rules, measure=measure)


CHEATS = {
    "a margin is moved": (exact, "AGREE", 1.0),
    "fewer seeds will do": (rules, "MIN_SEEDS", 2),
    "a firm verdict is one at half the seeds": (rules, "MARGINS", {}),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_changed_rule_is_noticed_though_stamped_again(
    cheat, monkeypatch, folder  # noqa: F811
):  # fmt: skip
    monkeypatch.setattr(*CHEATS[cheat])
    assert EXACT.differences(registered())
    forged = restamped(registered())
    assert EXACT.differences(forged) == []
    said, *_ = ask(forged.registered["commit"], EXACT.name, folder)
    assert said != forged.rules


def test_a_claim_reworded_after_the_run_is_noticed(monkeypatch):
    claim = claims.claim("bn.mean")
    reworded = replace(claim, says="BatchNorm often takes a mean.")
    everything = claims.all_claims() | {claim.id: reworded}
    monkeypatch.setattr(claims, "all_claims", lambda: everything)
    assert EXACT.differences(registered()) == ["the rule of bn.mean"]


def test_a_narrower_scope_is_noticed(monkeypatch):
    monkeypatch.setattr(EXACT, "scope", "Where it held.")
    assert len(EXACT.differences(registered())) == len(EXACT.rules)


def test_an_indented_line_of_a_rule_is_noticed(monkeypatch):
    """One line further in, "holds when" became "open": the same text."""
    before = EXACT.rule_hashes()["bn.mean"]

    def mean_is_over_m(record, check):
        if check:
            pass
        return None

    kept = EXACT.rules["bn.mean"]
    monkeypatch.setitem(
        EXACT.rules, "bn.mean", replace(kept, decide=mean_is_over_m)
    )
    outside = EXACT.rule_hashes()["bn.mean"]

    def mean_is_over_m(record, check):
        if check:
            pass
            return None

    monkeypatch.setitem(
        EXACT.rules, "bn.mean", replace(kept, decide=mean_is_over_m)
    )
    assert len({before, outside, EXACT.rule_hashes()["bn.mean"]}) == 3


def test_nets_that_diverge_counted_as_perfect_are_noticed(monkeypatch):
    before = find_trial(NET).fingerprint()
    monkeypatch.setattr(training, "DIVERGED", 0.0)
    assert find_trial(NET).fingerprint() != before


def test_training_on_the_test_images_is_noticed(monkeypatch):
    before = find_trial(NET).fingerprint()

    def splits(seeds, device="cpu", source=None):
        data = honest(seeds, device)
        return Split(*data[4:], *data[2:4], *data[4:])

    honest = training.splits
    monkeypatch.setattr(training, "splits", splits)
    assert find_trial(NET).fingerprint() != before


def test_a_number_changed_in_the_file_is_noticed(tmp_path):
    file = records.write(registered(), tmp_path)
    text = file.read_text()
    row = next(line for line in text.split("\n") if "planted" in line)
    value = row.rpartition(", ")[2].rstrip("],")
    file.write_text(text.replace(row, row.replace(value, "7.0")))
    with pytest.raises(records.RecordError, match="its rows are not"):
        records.read(file)


def test_forged_rows_are_measured_again(tmp_path):
    """Written anew, digest and all, they do not come out."""
    record, unit = registered(), {"check": "dependency"}
    rows = [
        row | {"value": row["value"] * 1.5} if row["value"] > 0.1 else row
        for row in record.rows
    ]
    file = records.write(replace(record, rows=rows), tmp_path)
    forged = records.read(file)
    assert EXACT.differences(forged) == []
    assert audit(EXACT, record, unit, Random(0)) == []
    assert audit(EXACT, forged, unit, Random(0)) == ["value: other values"]


def test_batch_norm_reported_a_point_better_is_measured_again():
    """All errors of BatchNorm are one point lower than they were."""
    trial = find_trial("batch_norm.init_scale")
    changes = {"seeds": 8, "rates": [0.1, 0.3], "steps": 100, "depth": 3}
    config = trial.config("cpu", **changes)
    unit = {"net": "main", "where": "hidden", "gain": 1.0, "norm": "batch"}
    rows = trial.rows(config, unit, "cpu")
    record = trial.seal("cpu", config, rows, {})
    assert audit(trial, record, unit, Random(0)) == []
    better = [row | {"test_error": row["test_error"] - 1} for row in rows]
    found = audit(trial, replace(record, rows=better), unit, Random(0))
    assert len(found) and all("test_error: -1.0" in f for f in found[:1])


class First(Random):
    """Draw the first seeds."""

    def randrange(self, *_):
        return 0


@pytest.mark.parametrize("change", ["a row less", "a seed swapped"])
def test_rows_left_out_or_swapped_are_noticed(change):
    record, unit = registered(), {"check": "mean"}
    rows = [dict(row) for row in record.rows]
    if change == "a row less":
        rows = rows[1:]
    else:
        first = record.config["first_seed"]
        seeds = {first: first + 1, first + 1: first}
        rows = [r | {"seed": seeds.get(r["seed"], r["seed"])} for r in rows]
    assert audit(EXACT, replace(record, rows=rows), unit, First())
