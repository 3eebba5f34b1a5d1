"""The rules of the chapter on other techniques: all verdicts can be had."""

from itertools import chain

import pytest

from normlib.experiments import trial as find_trial
from normlib.experiments.decisions import WORDS
from normlib.experiments.other_techniques.equations import (
    KINDS,
    UNITS,
    WRAPPERS,
)
from normlib.experiments.other_techniques.exact import ENDS
from normlib.ledger import decide

ROUND, BAD, BETWEEN = 1e-15, 0.9, 3e-9
WHAT = ("formula", "in evaluation", "float32", "one channel a group")
ALONG = ("formula", "gradient along v")
FITS = {
    "instance": {kind: [f"{kind}: {what}" for what in WHAT]
                 for kind in KINDS},
    "bridge": {end: [name] for end, name in ENDS.items()},
    "weight": {kind: [f"{kind}: {what}, {name}" for what in ALONG
                      for name in WRAPPERS] for kind in UNITS},
}  # fmt: skip
CLAIMS = {
    "in.definition": "instance",
    "gn.bridge": "bridge",
    "wn.definition": "weight",
}


def all_of(arms):
    """Return the names of a check's quantities."""
    return [*chain(*arms.values()), "null", "planted"]


def exact(**changed):
    """Eight seeds of all checks, all as the claims say, but `changed`."""
    values = {"null": ROUND, "planted": BAD} | changed
    rows = [
        {"check": check, "seed": seed, "quantity": name,
         "value": values.get(name, ROUND)}
        for check, arms in FITS.items()
        for name in all_of(arms)
        for seed in range(8)
    ]  # fmt: skip
    trial = find_trial("other_techniques.exact")
    return trial.seal("cpu", trial.presets["cpu"], rows, {})


@pytest.mark.parametrize(("claim", "check"), CLAIMS.items())
def test_all_four_verdicts(claim, check):
    first = [names[0] for names in FITS[check].values()]
    made = (
        exact(), exact(**{first[-1]: BAD}),
        exact(**dict.fromkeys(first, BAD)), exact(**{first[-1]: BETWEEN}),
    )  # fmt: skip
    found = [decide(claim, record) for record in made]
    assert [d.verdict for d in found] == [
        "holds", "holds when", "does not hold", "open",
    ]  # fmt: skip
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("blind", [{"null": BAD}, {"planted": ROUND}])
def test_blind_controls_decide_nothing(claim, blind):
    decision = decide(claim, exact(**blind))
    assert decision.verdict == "open" and "insensitive" in decision.headline


def test_every_quantity_of_the_made_record_is_measured():
    record = find_trial("other_techniques.exact").run("live", seeds=1)
    for check, arms in FITS.items():
        assert {*all_of(arms)} <= {
            *record.distinct("quantity", check=check)
        }
