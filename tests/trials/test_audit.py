"""A small unit of each trial is measured again, another each time."""

import secrets
from collections import Counter
from random import Random

import pytest
from audit import audit, choose

from normlib import records
from normlib.experiments import decisions, trials
from normlib.experiments import trial as find_trial

REGISTERED = [  # seconds are no two times the same
    record
    for record in map(
        records.read, sorted(records.FOLDER.glob("*.cpu.json"))
    )
    if record.registered and not find_trial(record.trial).timed
]


@pytest.mark.parametrize("record", REGISTERED, ids=lambda r: r.trial)
def test_a_record_is_what_is_measured(record):
    """Nobody knows beforehand which unit, seeds and rates are drawn.

    Three twins may happen to agree more closely than machines do. That
    does not come three times; a record that lies does.
    """
    for _ in range(3):
        wrong = drawn(record)
        if not wrong:
            break
    assert wrong == []


def drawn(record):
    """Measure a unit of a record again, and say what is wrong."""
    number = secrets.randbelow(10**6)
    print(f"drawn by Random({number})")
    trial, pick = find_trial(record.trial), Random(number)
    return audit(trial, record, choose(trial, record, pick), pick)


@pytest.mark.parametrize("record", REGISTERED, ids=lambda r: r.trial)
def test_every_seed_has_its_rows_once(record):
    """A seed copied under another number, or twice, would be evidence."""
    first = record.config["first_seed"]
    seeds = range(first, first + record.config["seeds"])
    assert {*record.distinct("seed")} == {*seeds}
    trial = find_trial(record.trial)
    for unit in trial.work(record.config):
        rows = record.where(**unit)
        counts = Counter(row["seed"] for row in rows)
        assert len({*counts.values()}) == 1 and {*counts} == {*seeds}
        assert max(Counter(map(str, rows)).values()) == 1


@pytest.mark.parametrize("trial", trials(), ids=lambda t: t.name)
def test_what_decides_a_claim_is_registered(trial):
    if trial.rules:
        assert {*trial.controls} == {"null", "positive"}
        assert records.load(trial.name).registered


def test_margins_are_taken_as_they_stand():
    """A variable of the context has no place in a fingerprint."""
    assert decisions._factor.get() == 1.0
