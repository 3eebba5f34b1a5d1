"""A small unit of each trial is measured again."""

import pytest
from audit import audit, choose

from normlib import records
from normlib.experiments import trial as find_trial

REGISTERED = [
    records.read(file)
    for file in sorted(records.FOLDER.glob("*.cpu.json"))
    if records.read(file).registered
]


@pytest.mark.parametrize("record", REGISTERED, ids=lambda r: r.trial)
def test_a_record_is_what_is_measured(record):
    trial = find_trial(record.trial)
    for unit in choose(trial, record):
        assert audit(trial, record, unit) == []
