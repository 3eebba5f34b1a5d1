"""Rules about learning rates, initial weights and LSTMs: all verdicts."""

from dataclasses import replace

import pytest
from made_up import made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.batch_norm.lstms import READ
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
LR, INIT = "batch_norm.learning_rates", "batch_norm.init_scale"


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = [decide(claim, record) for record in records]
    assert tuple(d.verdict for d in found) == VERDICTS, found
    assert all(len(d.headline.split()) <= 14 for d in found)
    assert not found[3].headline.startswith("Open: insensitive")


def rates(top, steps, noise=0.0, again=1, default=10, shallow=5, quick=0.3):
    """`top(cell)` is the highest rate, `steps(cell)` its quickest time.

    `noise` in decades of steps; the net from `again` needs as many times
    the steps, that from the default start `default` times; that of two
    layers bears `shallow` times the rate. Rates are quickest at `quick`
    of the highest.
    """

    def value(cell):
        slower = {"other weights": again, "default start": default}
        high = top(cell) * (shallow if cell["net"] == "two layers" else 1)
        best = quick * high
        off = max(cell["rate"] / best, best / cell["rate"])
        at = steps(cell) * slower.get(cell["net"], 1) * off**0.5
        at *= 10 ** spread(cell | {"rate": 0}, noise)
        works = cell["rate"] <= high * 1.001
        return {
            "val_error": 3.0 if works else 90.0,
            "trained_at": min(600, max(1, round(at))) if works else None,
        }

    return made_up(LR, value)


def better(batch, none):
    return lambda cell: batch if cell["norm"] == "batch" else none


def test_higher_rates():
    fast, same = better(10, 40), better(40, 40)
    one = rates(better(5.0, 0.5), same)
    check(
        "bn.higher-lr", rates(better(5.0, 0.5), fast), one,
        rates(better(1.0, 1.0), same),
        rates(better(5.0, 0.5), better(20, 40), noise=0.04),
    )  # fmt: skip
    found = decide("bn.higher-lr", one)
    assert found.when == "it means the ReLU rate and sigmoid rate"
    assert "ReLU rate 10 [10, 10]; ReLU steps 1 [1, 1]" in found.because
    assert "×10" in decide("bn.higher-lr", rates(
        better(5.0, 0.5), fast)).headline  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"again": 3}, "The null control failed"),
        ({"default": 1}, "The positive control failed"),
        ({"shallow": 1}, "The positive control failed"),
        ({"noise": 0.3}, "control failed"),
    ],
)
def test_rates_with_a_control_that_fails(broken, why):
    found = decide(
        "bn.higher-lr",
        rates(better(5.0, 0.5), better(10, 40), **broken),
    )
    assert found.verdict == "open" and why in found.headline


def test_a_rate_at_the_edge_a_bound_and_a_dead_net():
    """Read where the net is quickest; nothing is imputed."""
    fast = better(10, 40)
    edge = find_trial(LR).rules["bn.higher-lr"].decide(
        rates(better(5.0, 0.5), fast, quick=0.1))  # fmt: skip
    assert edge.verdict == "open"
    notes = {e.arm: e.note for e in edge.estimates}
    assert "is the lowest tried" in notes["ReLU steps"]
    # The largest rate works: a bound, from which more may follow.
    bound = decide("bn.higher-lr", rates(better(50.0, 0.5), fast))
    assert bound.verdict == "holds"
    assert "ReLU rate 100 [100, inf]" in bound.because
    unknown = rates(better(50.0, 50.0), fast, quick=0.1)
    both = decide("bn.higher-lr", unknown)
    assert both.verdict == "open"
    dead = rates(
        lambda c: 1e-3 if c["norm"] == "none" and c["act"] == "sigmoid"
        else 5.0 if c["norm"] == "batch" else 0.5, fast, quick=0.3,
    )  # fmt: skip
    found = decide("bn.higher-lr", dead)
    assert found.verdict == "open"
    notes = {e.arm: e.note for e in found.estimates}
    assert notes["sigmoid rate"] == "one trains at no rate"


def gains(works, again=True, shallow=True, best=0.3):
    """`works(cell)` says whether a six-layer net trains off gain 1."""

    def value(cell):
        ok = cell["gain"] == 1.0 or works(cell)
        if cell["net"] == "one layer":
            ok |= shallow
        if cell["net"] == "other weights":
            ok |= not again
        e = (3.0 if ok else 90.0) + 0.1 * (cell["rate"] != best)
        return {"val_error": e, "test_error": e}

    return made_up(INIT, value)


def batch(cell):
    return cell["norm"] == "batch"


def test_insensitive_to_the_initial_scale():
    small = gains(lambda c: batch(c) and c["gain"] < 1)
    check(
        "bn.init-insensitive", gains(batch), small,
        gains(lambda c: batch(c) and 0.3 < c["gain"] < 3),
        # Half of the seeds gain two decades, half none.
        gains(lambda c: batch(c) and c["seed"] % 2),
    )  # fmt: skip
    assert decide("bn.init-insensitive", small).when == (
        "the weights start too small or too small everywhere"
    )
    assert decide("bn.init-insensitive", gains(batch)).headline == (
        "With BatchNorm six-layer MLPs still train from weights 100× "
        "smaller, 10× larger."
    )
    fewer = gains(lambda c: batch(c) and c["gain"] > 0.15)
    assert "5× smaller" in decide("bn.init-insensitive", fewer).headline


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"again": False}, "The null control failed"),
        ({"shallow": False}, "The positive control failed"),
        ({"best": 3.0}, "control failed"),  # a rate at the edge
    ],
)
def test_gains_with_a_control_that_fails(broken, why):
    found = decide("bn.init-insensitive", gains(batch, **broken))
    assert found.verdict == "open" and why in found.headline


def test_gains_count_in_a_row_and_none_without_the_first():
    """A gap ends the count; a plain net that fails at 1 is dead."""
    gap = gains(lambda c: batch(c) and c["gain"] not in (0.5, 2.0))
    assert decide("bn.init-insensitive", gap).verdict == "does not hold"
    record = gains(batch)
    rows = [
        r | {"val_error": 90.0}
        if r["norm"] == "none" and r["where"] == "all" else r
        for r in record.rows
    ]  # fmt: skip
    dead = decide("bn.init-insensitive", replace(record, rows=rows))
    assert dead.verdict == "open"
    assert "one does not train at gain 1" in dead.because


def lstms(bad, noise=0.3, wrong=20.0, half=20.0, other=0.0, plain=-2.0,
          best=0.1, base=5.0):  # fmt: skip
    """`bad(arm, place)` says where BatchNorm errs more, `wrong` points."""

    def value(cell):
        arm = cell["arm"]
        more = {"half a digit": half, "other weights": other,
                "no norm": plain}.get(arm, 0.0)  # fmt: skip
        e = base + more + (cell["rate"] != best)
        e += spread(cell | {"rate": 0}, noise)
        places = {c: p for p, (kind, c) in READ.items()
                  if kind == cell["lengths"]}  # fmt: skip
        columns = ("test_error", "mixed_error", "longer_error")
        row = {
            c: e + wrong * (arm[:2] == "BN" and bad(arm, places.get(c)))
            for c in columns
        }
        return row | {"val_error": e}

    return made_up("batch_norm.recurrent", value)


def shared_or_longer(arm, place):
    return "shared" in arm or place == "longer tests"


def test_recurrent_nets():
    some = lstms(shared_or_longer)
    check(
        "bn.rnn", lstms(lambda *_: True), some, lstms(lambda *_: False),
        lstms(shared_or_longer, wrong=3.0),
    )  # fmt: skip
    found = decide("bn.rnn", some)
    assert found.when == "it has shared statistics or longer tests"
    assert found.headline == (
        "LSTMs: avoid BatchNorm with shared statistics or longer tests; "
        "plain ones won."
    )
    assert (
        "plain"
        not in decide("bn.rnn", lstms(shared_or_longer, plain=0.0)).headline
    )
    # One place where shared statistics do no harm frees them of it.
    freed = lstms(lambda arm, place: place == "longer tests")
    assert decide("bn.rnn", freed).when == "it has longer tests"
    mended = lstms(lambda arm, place: "shared" in arm)
    assert decide("bn.rnn", mended).when == "it has shared statistics"
    # Three places of four make 14 words.
    three = lstms(
        lambda arm, place: "shared" in arm or place != "one length"
    )
    assert len(decide("bn.rnn", three).headline.split()) == 14


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"other": 5.0}, "The null control failed"),
        ({"half": 0.0}, "The positive control failed"),
        ({"best": 1.0}, "control failed"),
        ({"base": 40.0}, "control failed"),  # a dead peer
    ],
)
def test_lstms_with_a_control_that_fails(broken, why):
    found = decide("bn.rnn", lstms(shared_or_longer, **broken))
    assert found.verdict == "open" and why in found.headline


def test_an_lstm_at_an_edge():
    decided = find_trial("batch_norm.recurrent").rules["bn.rnn"].decide(
        lstms(shared_or_longer, best=1.0))  # fmt: skip
    assert decided.verdict == "open"
    assert "its rate, 1, is the highest tried" in decided.because
