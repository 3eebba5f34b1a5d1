"""The rules of the chapter on other techniques: all verdicts can be had."""

from itertools import chain

import numpy as np
import pytest
from made_up import made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.decisions import WORDS
from normlib.experiments.other_techniques import style
from normlib.experiments.other_techniques.equations import (
    AVERAGING,
    KINDS,
    UNITS,
    WRAPPERS,
)
from normlib.experiments.other_techniques.exact import ENDS
from normlib.ledger import decide

ROUND, BAD, BETWEEN = 1e-15, 0.9, 3e-9
WHAT = ("formula", "in evaluation", "float32", "one channel a group")
KEPT = (f"{AVERAGING}, training", AVERAGING)
ALONG = ("formula", "gradient along v")
FITS = {
    "instance": {
        arm: [f"{kind}: {what}" for kind in KINDS for what in names]
        for arm, names in (
            ("without", WHAT), ("training", KEPT[:1]), ("use", KEPT[1:])
        )
    },
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


def drawn(more, *, other=1.0, short=1.5):
    """Stylists whose loss is `more(cell)` times instance norm's."""

    def value(cell):
        best = 1 + (np.log10(cell["rate"] / 0.005)) ** 2
        net = {"other weights": other, style.SHORT: short}
        factor = net.get(cell["net"], 1.0)
        if cell["norm"] != "instance":
            factor *= more(cell)
        loss = best * factor * 10 ** spread(cell, 0.001)
        return {"val_loss": loss, "test_loss": loss, "content": loss / 2,
                "style": loss / 2}  # fmt: skip

    return made_up("other_techniques.style", value)


def test_all_four_verdicts_of_the_stylists():
    made = (
        drawn(lambda cell: 1.5),
        drawn(lambda cell: 1.5 if cell["norm"] in ("batch", "none") else 1),
        drawn(lambda cell: 1.0 if cell["to"] == "flower" else 2.0),
        drawn(lambda cell: 1.0 + 0.5 * (cell["seed"] % 2)),
    )
    found = [decide("in.style", record) for record in made]
    assert [d.verdict for d in found] == [
        "holds", "holds when", "does not hold", "open",
    ]  # fmt: skip
    assert found[1].when == "its rivals are BatchNorm and no norm"
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS


@pytest.mark.parametrize("blind", [{"other": 1.5}, {"short": 1.0}])
def test_stylists_that_see_nothing_decide_nothing(blind):
    decision = decide("in.style", drawn(lambda cell: 1.5, **blind))
    assert decision.verdict == "open" and "insensitive" in decision.headline


def test_what_the_page_says_of_the_stylists():
    """1.9 and 1.6, 1.7 and 2.1, 1.2, 1.1 to 1.3; three to five."""
    record = find_trial("other_techniques.style").record()
    decision = decide("in.style", record)
    found = [e.interval.powers() for e in decision.estimates]
    assert [round(x.mean, 1) for x in found[:4]] == [1.9, 1.6, 1.7, 2.1]
    assert min(x.low for x in found[:2]) > 1 + style.MORE / 100
    assert round(found[2].low, 1) == 1.2
    assert {round(x.mean, 1) for x in found[4:]} == {1.1, 1.2, 1.3}
    panels = style.trial.plot(record).axes
    content, lacking = (
        [line.get_xdata() for line in ax.lines[1:16:2]] for ax in panels
    )
    assert max(x[0] for x in content) < 1.01
    assert all(2.7 < x[0] < 5 for x in lacking[:4])
