"""The rules of noisy and landscape, and their controls."""

import math
from dataclasses import replace

import numpy as np
import pytest
from made_up import made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.arms import Arm
from normlib.experiments.batch_norm import shift_readings, why_ics
from normlib.experiments.decisions import WORDS
from normlib.experiments.races import Lost
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
INSENSITIVE = "Open: insensitive. The {} control failed."
BEST = 0.4  # the quickest rate of made-up nets


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = [decide(claim, record) for record in records]
    assert tuple(d.verdict for d in found) == VERDICTS
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS
    return found


def noisy(steps, *, plain=120, shift=0.5, strong=130, weights=20,
          noise=0.02, best=BEST):  # fmt: skip
    """`steps(init, kind)` of BatchNorm under noise; without it 20."""

    def value(cell):
        size, wobble = cell["noise"], spread(cell | {"rate": 0}, noise)
        count = steps(cell["init"], cell["kind"]) if size else 20
        if size == why_ics.STRONG:
            count = strong
        if cell["kind"] == "weights":
            count = weights
        if cell["norm"] == "none":
            count = plain
        slow = 1 if cell["rate"] == best else 1.5
        far = shift if cell["norm"] == "batch" and size else 0.2
        return {
            "log10_shift": math.log10(far) + wobble / 2,
            "trained_at": count and count * slow * 10**wobble,
        }  # fmt: skip

    return made_up("batch_norm.noisy", value)


def kept(init, kind):
    return 25


def lost(init, kind):
    return 110


def by_kind(init, kind):
    return 110 if kind == "sample" else 25


def test_less_shift_is_why():
    _, some, no, _ = check(
        "bn.why-ics", noisy(lost), noisy(by_kind), noisy(kept),
        noisy(lambda *_: 50, noise=0.05),
    )  # fmt: skip
    assert some.when.startswith("it is He's start, noise a sample and")
    assert "2.5× the plain net's shift" in no.headline


def test_a_net_that_never_trains_is_no_comparison():
    """Once a plain net that trained at no rate was given 1200 steps."""
    record = noisy(kept, plain=None)
    assert decide("bn.why-ics", record).verdict == "open"
    rule = find_trial("batch_norm.noisy").rules["bn.why-ics"]
    notes = {e.note for e in rule.decide(record).estimates}
    assert notes == {"a net to compare with did not train"}


@pytest.mark.parametrize(
    ("changed", "note"),
    [({"shift": 0.1}, "no more shift"), ({"plain": 24}, "no lead"),
     ({"best": 3.2}, "the highest tried"), ({"best": 0.1}, "lowest")],
)  # fmt: skip
def test_without_its_premise_nothing_is_decided(changed, note):
    record = noisy(kept, **changed)
    rule = find_trial("batch_norm.noisy").rules["bn.why-ics"]
    found = rule.decide(record)
    assert found.verdict == decide("bn.why-ics", record).verdict == "open"
    assert all(note in e.note for e in found.estimates)


@pytest.mark.parametrize(
    ("kind", "blind"),
    [("null", {"weights": 80}), ("positive", {"strong": 22})],
)
def test_a_blind_noise_decides_nothing(kind, blind):
    found = decide("bn.why-ics", noisy(kept, **blind))
    assert found.headline == INSENSITIVE.format(kind)


def one(values):
    row = np.array([values], float)
    return Arm(row, 0 * row, row != row)


def test_the_share_lost_by_hand():
    """A lead of 1, of which a quarter is lost, each with an error."""
    rng = np.random.default_rng(0)
    noise = 0.1 * rng.normal(size=(3, 400))
    changed, clean, plain = (
        one(mean + d)
        for mean, d in zip((1.25, 1.0, 2.0), noise, strict=True)
    )
    found = Lost(changed, clean, plain).interval()
    assert found.low < 25 < found.high
    # Error of a − 0.25 b, with b = 1: √(1² + 0.75² + 0.25²) · 0.1/√400.
    want = 2 * 1.966 * 100 * math.sqrt(1 + 0.75**2 + 0.25**2) * 0.1 / 20
    assert found.high - found.low == pytest.approx(want, rel=0.1)


def test_noise_that_stops_a_net_takes_at_least_so_much():
    plain, clean = one([2.0, 2.1, 1.9]), one([1.0, 1.1, 1.2])
    changed = replace(plain, censored=np.array([[False, True, False]]))
    found = Lost(changed, clean, plain)
    assert (found.bound, found.blocked) == ("at least", "")
    assert 0 < found.interval().low < found.interval().high == math.inf
    assert "did not train" in Lost(plain, clean, changed).blocked


def test_no_share_of_no_lead():
    values = one([1.0, 1.1, 0.9, 1.05])
    found = Lost(values, one([1.0, 0.9, 1.1, 0.95]), values).interval()
    assert (found.low, found.high) == (-math.inf, math.inf)
    alone = one([1.0])
    assert Lost(alone, alone, one([2.0])).interval().high == math.inf


def landscape(ratio, *, noise=0.005, other=1.0, quick=8.0, best=BEST):
    """`ratio(reading, init, rate)` divides BatchNorm's shift.

    Its quickest rate is 0.8, the plain net's `best`.
    """

    def value(cell):
        own, rate = cell["norm"] != "none", cell["rate"]
        row = {"trained_at": 20 if rate == (0.8 if own else best) else 60}
        for reading in shift_readings.READINGS:
            wobble = spread(cell | {"rate": 0, "what": reading}, noise)
            row[reading] = wobble
            if own:
                less = ratio(reading, cell["init"], rate)
                row[reading] -= math.log10(less)
            if own and cell["other"]:
                row[reading] += math.log10(other)
            if own and rate == shift_readings.QUICK:
                row[reading] += math.log10(quick)
        return row

    rates = find_trial("batch_norm.landscape").presets["cpu"]["rates"]
    return made_up("batch_norm.landscape", value, rate=rates)


def test_shift_is_reduced():
    def inputs(reading, init, rate):
        return 3 if reading == "log10_moments" else 0.5

    def from_he(reading, init, rate):
        return 3 if init == "scaled" else 0.5

    _, some, *_ = check(
        "intro.covariate-shift", landscape(lambda *_: 3), landscape(inputs),
        landscape(lambda *_: 0.3), landscape(lambda *_: 1.3, noise=0.05),
    )  # fmt: skip
    assert some.when == "shift is read from inputs"
    found = decide("intro.covariate-shift", landscape(from_he))
    assert found.when == (
        "shift is read from inputs from He's start, gradients from He's "
        "start or gradients by Santurkar's count from He's start"
    )


def test_one_rate_is_the_plain_nets():
    """Less shift at the plain net's rate, 0.4, and not at one's own."""
    record = landscape(lambda reading, init, rate: 3 if rate < 0.8 else 1)
    found = decide("intro.covariate-shift", record)
    assert found.verdict == "holds when"
    assert found.when.count("the plain net's rate") == 3


def test_a_rate_at_the_edge_leaves_it_open():
    record = landscape(lambda *_: 3, best=3.2)
    assert decide("intro.covariate-shift", record).verdict == "open"


def test_an_unclear_reading_is_no_condition():
    def ratio(reading, init, rate):
        return {"log10_moments": 3, "log10_whole": 1.2}.get(reading, 0.5)

    record = landscape(ratio, noise=0.01)
    assert decide("intro.covariate-shift", record).verdict == "open"


@pytest.mark.parametrize(
    ("kind", "blind"),
    [("null", {"other": 1.5}), ("positive", {"quick": 1.0})],
)
def test_a_blind_reading_decides_nothing(kind, blind):
    record = landscape(lambda *_: 3, **blind)
    found = decide("intro.covariate-shift", record)
    assert found.headline == INSENSITIVE.format(kind)
