"""Rules on the size of sets and batches: made-up records, all verdicts."""

import pytest
from made_up import made_up, spread

from normlib.experiments import trial as find_trial
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
SIZES = "batch_norm.statistics_size"
CLAIMS = [
    ("bn.batch-16", 16), ("guide.small-batch-8", 8), ("pit.bn-below-4", 4),
    ("bn.small-batch", 8),
]  # fmt: skip


def sets(error, noise=0.02, best=0.1):
    """`error(cell)` per cent at the best rate, ten more at others.

    The control, two values of the CNN dealt out, is lost.
    """

    def value(cell):
        size = noise if cell["N"] < 32 else 0.02  # the null stays clear
        e = error(cell) + spread(cell | {"rate": 0}, size)
        control = cell["side"] == 4 and cell["k"] == 1 and cell["N"] == 2
        if cell["norm"] == "batch" and control:
            e = 95.0
        e = min(e + 10 * (cell["rate"] != best), 98.0)
        row = {"val_error": e, "test_error": e, "precise_error": e}
        return row | {"effective": cell["N"] * cell["k"] * 0.9}

    return made_up(SIZES, value)


def below(bound, count):
    """BatchNorm errs 30 % where it counts less than the bound, else 10."""
    return lambda c: (
        30.0 if c["norm"] == "batch" and count(c) < bound else 10.0
    )


def values(cell):
    return cell["N"] * cell["k"]


def images(cell):
    return cell["N"]


@pytest.mark.parametrize(("claim", "bound"), CLAIMS)
def test_a_number_counts_images_values_or_nothing(claim, bound):
    by_m = sets(below(bound, values))
    made = (
        sets(below(bound, images)), by_m, sets(below(0, values)),
        sets(below(0, values), noise=1.0),
    )  # fmt: skip
    found = [decide(claim, record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert "MLP" in found[1].when and "CNN, m" not in found[1].when
    assert all(len(d.headline.split()) <= 14 for d in found)
    assert "20 points" in found[1].headline
    assert all("insensitive" not in d.headline for d in found)


def test_sixteen_is_no_better_than_eight():
    """Everything below 32 suffers alike: the bound is another."""
    found = decide("bn.batch-16", sets(below(32, images)))
    assert found.verdict == "does not hold"


@pytest.mark.parametrize(("claim", "bound"), CLAIMS)
def test_one_unclear_net_is_not_left_out(claim, bound):
    """The CNN with offsets is near the margin: no "holds when"."""

    def error(cell):
        near = cell["offsets"] and cell["k"] == 16 and cell["N"] < bound
        off = 2.0 if near else 0.0
        return below(bound, values)(cell) + off

    assert decide(claim, sets(error, 0.3)).verdict == "open"


@pytest.mark.parametrize(("claim", "bound"), CLAIMS)
def test_controls_that_fail_decide_nothing(claim, bound):
    def twin(cell):
        return below(bound, values)(cell) + 5 * (cell["norm"] == "twin")

    assert "null" in decide(claim, sets(twin)).headline
    lost = sets(lambda cell: 95.0)  # every net, the reference too
    assert "positive" in decide(claim, lost).headline


@pytest.mark.parametrize("rate", [0.03, 1.0])
def test_a_rate_at_the_edge_decides_nothing(rate):
    record = sets(below(16, values), best=rate)
    found = decide("bn.batch-16", record)
    assert found.verdict == "open"


@pytest.mark.parametrize("claim", ["guide.small-batch-8", "pit.bn-below-4"])
def test_advice_needs_another_norm_that_is_better(claim):
    """Few images hurt, but the other norm errs as much."""

    def error(cell):
        return 30.0 if cell["norm"] == "beside" else few(cell)

    few = below(8, images)
    assert decide(claim, sets(few)).verdict == "holds"
    assert decide(claim, sets(error)).verdict == "does not hold"
    assert decide("bn.small-batch", sets(error)).verdict == "holds"


def test_a_lost_net_has_no_rate_to_choose():
    one = find_trial(SIZES)
    record = sets(lambda c: 94.0 if values(c) < 4 else 10.0)
    assert one.over_full(record, "MLP", 2).mean == pytest.approx(84, abs=1)
    assert decide("pit.bn-below-4", record).verdict == "holds when"


BATCHES = "batch_norm.small_batches"


def is_control(cell):
    """BatchNorm's MLP at two images."""
    return (cell["norm"], cell["side"], cell["B"]) == ("batch", 1, 2)


def batches(layer, noise=0.02, twin=0.0, dead=95.0, best=0.1):
    """`layer(cell)` is LayerNorm's error; BatchNorm and no norm err 12.

    BatchNorm's MLP errs `dead` at two images: the control.
    """

    def value(cell):
        e = 12.0
        few = cell["B"] == 2  # the null stays clear
        if cell["norm"] == "layer":
            e = layer(cell)
        elif cell["norm"] == "twin":
            e = layer(cell) + twin
        elif is_control(cell):
            e = dead
        e += spread(cell | {"rate": 0}, noise if few else 0.02)
        e = min(e + 10 * (cell["rate"] != best), 98.0)
        return {"val_error": e, "test_error": e}

    return made_up(BATCHES, value)


def worse(*sides):
    """LayerNorm errs ten more with few images, in these nets."""
    return lambda c: 12.0 + 10 * (c["side"] in sides and c["B"] < 8)


def test_layer_norm_and_few_images():
    made = (
        batches(worse()), batches(worse(4)), batches(worse(1, 4)),
        batches(worse(), noise=1.0),
    )  # fmt: skip
    found = [decide("ln.small-batch", record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert "MLP" in found[1].when and "CNN" not in found[1].when
    assert all(len(d.headline.split()) <= 14 for d in found)
    assert "insensitive" not in found[3].headline


@pytest.mark.parametrize("peer", ["own", "batch", "none"])
def test_layer_norm_is_held_against_each(peer):
    """It is worse than one of three alone: it does not suit."""

    def value(cell):
        large = cell["B"] == 48
        own = cell["norm"] in ("layer", "twin")
        better = {
            "own": own and large, "batch": cell["norm"] == "batch",
            "none": cell["norm"] == "none",
        }[peer]  # fmt: skip
        e = 12.0 if better else 20.0
        if is_control(cell):
            e = 95.0
        e += 0.01 * cell["seed"] + (cell["rate"] != 0.1)
        return {"val_error": e, "test_error": e}

    found = decide("ln.small-batch", made_up(BATCHES, value))
    want = "holds when" if peer == "batch" else "does not hold"
    assert found.verdict == want
    if peer == "batch":  # BatchNorm's MLP is lost at two images itself
        assert found.when == "it is the MLP with 2 images a step"


@pytest.mark.parametrize(
    ("kind", "changed"),
    [("null", {"twin": 5.0}), ("positive", {"dead": 12})],
)
def test_controls_of_few_images_that_fail(kind, changed):
    found = decide("ln.small-batch", batches(worse(), **changed))
    assert (
        found.headline == f"Open: insensitive. The {kind} control failed."
    )


@pytest.mark.parametrize("rate", [0.03, 1.0])
def test_few_images_at_the_edge_of_the_rates(rate):
    found = decide("ln.small-batch", batches(worse(), best=rate))
    assert found.verdict == "open"
