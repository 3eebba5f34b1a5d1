"""What every committed verdict and every trial with rules must have."""

import pytest

from normlib import ledger, records
from normlib.experiments import trials

DECIDING = [t for t in trials() if t.rules]
COMMITTED = [
    (trial, claim)
    for trial in DECIDING
    if records.exists(trial.name, "cpu")
    for claim in trial.rules
]


@pytest.mark.parametrize(
    ("trial", "claim"), COMMITTED, ids=[claim for _, claim in COMMITTED]
)
def test_a_headline_has_at_most_fourteen_words(trial, claim):
    found = ledger.decide(claim, records.load(trial.name, "cpu"))
    assert found.headline and len(found.headline.split()) <= 14


@pytest.mark.parametrize("trial", DECIDING, ids=lambda t: t.name)
def test_no_verdict_without_a_null_and_a_positive_control(trial):
    for rule in trial.rules.values():
        assert set(rule.controls) == {"null", "positive"}
