"""The rules of the best norm and of ghost batches, and their controls."""

import pytest
from made_up import made_up, spread

from normlib.experiments.batch_norm import best_norm, ghost, overfit
from normlib.experiments.decisions import WORDS
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
NETS = [("bn.cnn", "CNN"), ("bn.mlp", "MLP")]


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = [decide(claim, record) for record in records]
    assert tuple(d.verdict for d in found) == VERDICTS
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS


def norms(error, noise=0.1, best=0.1):
    """`error(cell)` at the best rate, elsewhere chance."""

    def value(cell):
        known = {best_norm.NARROW: 50.0, best_norm.AGAIN: 30.0}
        e = known.get(cell["norm"]) or error(cell)
        e += spread(cell | {"rate": 0}, noise)
        e = e if cell["rate"] == best else 95.0
        return {"val_error": e, "test_error": e, "trained_at": None}

    return made_up("batch_norm.best_norm", value)


def behind(blocks, by=6.0):
    """Peers err more in nets of some blocks, and else as BatchNorm."""
    return lambda c: (
        30.0 + by * (c["norm"] != "batch" and c["blocks"] in blocks)
    )


@pytest.mark.parametrize(("claim", "net"), NETS)
def test_the_best_norm(claim, net):
    some = norms(behind((3,)))
    check(claim, norms(behind((1, 3))), some, norms(behind(())),
          norms(behind((1, 3), by=2.0), noise=0.6))  # fmt: skip
    assert decide(claim, some).when == (
        f"the net has {best_norm.LAYERS[net][3]} layers"
    )


@pytest.mark.parametrize(("claim", "net"), NETS)
def test_one_peer_that_keeps_up_is_enough(claim, net):
    peer = best_norm.PEERS[net][-1]
    record = norms(lambda c: 30.0 if c["norm"] in (peer, "batch") else 60.0)
    assert decide(claim, record).verdict == "does not hold"


def test_an_arm_that_cannot_be_told_leaves_it_open():
    """Best at 8 layers, and at 20 one peer might be as good."""
    record = norms(lambda c: 30.0 + 6.0 * (c["norm"] != "batch"))
    for row in record.rows:
        if row["norm"] == "group" and row["blocks"] == 3:
            row["test_error"] += 3.0 * (-1) ** row["seed"] - 3.5
    assert decide("bn.cnn", record).verdict == "open"


@pytest.mark.parametrize("rate", [0.01, 1.0])
def test_a_rate_at_the_edge_leaves_it_open(rate):
    found = decide("bn.cnn", norms(behind((1, 3)), best=rate))
    assert found.verdict == "open" and "control failed" in found.headline
    record = norms(behind((1, 3)))
    for row in record.rows:
        if row["norm"] == "group":
            e = 36.0 if row["rate"] == rate else 95.0
            row["val_error"] = row["test_error"] = e
    found = decide("bn.cnn", record)
    assert found.verdict == "open"
    assert f"its rate, {rate:g}, is the" in found.because


def test_an_arm_that_never_learnt_says_nothing():
    record = norms(lambda c: 88.0 if c["norm"] == "none" else 40.0 - 8 * (
        c["norm"] == "batch"))  # fmt: skip
    found = decide("bn.cnn", record)
    assert found.verdict == "open" and "never learnt" in found.because


@pytest.mark.parametrize(
    ("kind", "norm", "error"),
    [("null", best_norm.AGAIN, 40.0), ("positive", best_norm.NARROW, 30.0)],
)
@pytest.mark.parametrize(("claim", "net"), NETS)
def test_the_controls_of_the_best_norm_can_fail(
    claim, net, kind, norm, error
):
    record = norms(behind((1, 3)))
    for row in record.rows:
        if (row["norm"], row["net"], row["rate"]) == (norm, net, 0.1):
            row["test_error"] = error
    headline = f"Open: insensitive. The {kind} control failed."
    assert decide(claim, record).headline == headline


def ghosts(helps, by=6.0, noise=0.1, decay=8.0, other=0.0, gap=0.0):
    """BatchNorm saves points at each (m, noise) in `helps`."""

    def value(cell):
        regular = (cell["m"], cell["noise"]) in helps
        regular &= cell["norm"] == "batch"
        e = 40.0 - by * regular
        e -= decay * (cell["norm"] == overfit.DECAY)
        e += other * (cell["norm"] == overfit.AGAIN)
        e += spread(cell | {"rate": 0}, noise)
        e = e if cell["rate"] == 0.1 else 95.0
        train = 1.0 - gap * regular
        return {
            "val_error": e, "test_error": e, "train_error": train,
            "gap": e - train, "trained_at": None,
        }  # fmt: skip

    return made_up("batch_norm.ghost", value)


ALL = [(m, noise) for m in ghost.SIZES for noise in ghost.LABELS]


def test_ghost_batches():
    some = ghosts([(4, 0.4), (16, 0.4)])
    check("bn.regularizes", ghosts(ALL), some, ghosts([]),
          ghosts(ALL, by=2.0, noise=0.6))  # fmt: skip
    found = decide("bn.regularizes", some)
    assert (
        found.when == "m = 4 with noisy labels and m = 16 with noisy labels"
    )
    assert found.headline == (
        "Saves ≤15 % of errors in 2 of 6 cases; weight decay 20."
    )


def test_a_lower_error_alone_does_not_regularize():
    """What also fits the training labels better does not close the gap."""
    record = ghosts(ALL, gap=6.0)
    assert decide("bn.regularizes", record).verdict == "does not hold"


@pytest.mark.parametrize(
    ("kind", "fails"),
    [("null", {"other": 4.0}), ("positive", {"decay": 1.0})],
)
def test_the_controls_of_ghost_batches_can_fail(kind, fails):
    found = decide("bn.regularizes", ghosts(ALL, **fails))
    assert found.headline == (
        f"Open: insensitive. The {kind} control failed."
    )


def test_weight_decay_and_other_batches_do_what_they_say():
    config = {
        "first_seed": 5, "seeds": 2, "rates": [0.1, 0.3], "batch": 8,
        "steps": 4, "n": 40, "val": 20, "test": 50, "difficulty": 0.5,
    }  # fmt: skip
    place = {"noise": 0.4, "m": 64}
    bare, decay, other = (
        overfit.fit(config, "cpu", norm=norm, **place)
        for norm in ("none", overfit.DECAY, overfit.AGAIN)
    )
    assert [row["seed"] for row in other] == [row["seed"] for row in bare]
    assert bare != other and bare != decay
    still = config | {"rates": [0.0, 0.0]}
    start, moved = (
        overfit.fit(still, "cpu", norm=norm, **place)
        for norm in ("none", overfit.AGAIN)
    )
    assert start == moved  # the same weights, images and labels
