"""The rules of the Introduction, of explosion, and their controls."""

import pytest
from made_gradients import made_gradients
from made_up import made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.decisions import WORDS
from normlib.experiments.introduction import mean_field, places
from normlib.experiments.nets.mlp import MLP
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
INSENSITIVE = "Open: insensitive. The {} control failed."


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = [decide(claim, record) for record in records]
    assert tuple(d.verdict for d in found) == VERDICTS
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS


def depth(error, noise=0.05, best=None):
    """`error(cell)` at the best rate, 0.01 if not told, else chance."""

    def value(cell):
        shallow = cell["depth"] == 2
        faint = 90.0 if cell["norm"] == "none" else 3.0
        e = faint if cell["net"] == "faint" else error(cell)
        e = 3.0 if shallow else e
        e += spread(cell | {"rate": 0}, noise)
        at = best(cell) if best else 0.01
        e = e if cell["rate"] == at else 90.0
        return {
            "val_error": e, "test_error": e, "train_error": e,
            "trained_at": None,
        }  # fmt: skip

    return made_up("introduction.depth", value)


def without(cell):
    return cell["norm"] in ("none", "branch")


def test_building_block():
    def bare(cell):
        alone = cell["norm"] == "none" and cell["net"] != "scaled"
        return 90.0 if alone and cell["depth"] > 10 else 3.0

    some = depth(bare)
    check(
        "intro.building-block",
        depth(lambda c: 60.0 if without(c) else 3.0), some,
        depth(lambda c: 3.0),
        depth(lambda c: 9.0 if without(c) else 4.0, noise=1.0),
    )  # fmt: skip
    found = decide("intro.building-block", some)
    assert found.when == (
        "the net has 20 layers with skips or 50 layers with skips"
    )
    assert found.headline == (
        "Saves ≤87 points: skips (20/50) layers; else optional."
    )


def test_a_norm_that_saves_a_little_is_refuted():
    little = depth(lambda c: 6.0 if without(c) else 3.0)
    assert decide("intro.building-block", little).verdict == "does not hold"


def test_where_no_arm_learns_nothing_is_known():
    lost = depth(lambda c: 60.0 if without(c) else 30.0)
    found = decide("intro.building-block", lost)
    assert found.verdict == "open" and "no arm learns" in found.because


@pytest.mark.parametrize("rate", [1e-4, 1.0])
def test_a_rate_at_the_edge_leaves_it_open(rate):
    edge = depth(
        lambda c: 30.0 if without(c) else 3.0,
        best=lambda c: rate if without(c) and c["depth"] == 20 else 0.01,
    )
    found = decide("intro.building-block", edge)
    assert (
        found.verdict == "open" and f"its rate, {rate:g}" in found.because
    )


def test_an_arm_at_chance_has_no_edge():
    """Nothing is learnt anywhere, so no rate beyond is better."""
    chance = depth(
        lambda c: 88.0 if without(c) else 3.0,
        best=lambda c: 1e-4 if without(c) and c["depth"] > 2 else 0.01,
    )
    assert decide("intro.building-block", chance).verdict == "holds"


def test_a_norm_and_its_rate_are_chosen_together():
    """The best of two norms, at an edge of its own rates."""
    record = depth(
        lambda c: 2.0 if c["norm"] == "layer" else 4.0,
        best=lambda c: 1e-4 if c["norm"] == "layer" else 0.01,
    )
    place = {"net": "skip", "depth": 10}
    both = places.swept(record, "test_error", ["batch", "layer"], **place)
    assert both.at_best.mean() == pytest.approx(2.0, abs=0.3)
    assert both.on_edge == "its rate, 0.0001, is the lowest tried"
    one = places.swept(record, "test_error", ["batch"], **place)
    assert one.on_edge == ""


def test_rates_are_recorded_as_they_are():
    config = {"rates": [1e-4, 3e-4], "seeds": 2, "first_seed": 5}
    config |= {"steps": 1, "batch": 4}
    rows = places.sweep_rates(
        config, lambda s: MLP(s, norm="none", depth=1, width=4), "cpu"
    )
    assert [(row["rate"], row["seed"]) for row in rows] == [
        (1e-4, 5), (1e-4, 6), (3e-4, 5), (3e-4, 6)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "net", "at", "error"),
    [("null", "default", 2, 12.0), ("positive", "faint", 10, 4.0)],
)
def test_the_controls_of_depth_can_fail(kind, net, at, error):
    """Two layers that need a norm, or weights too small that need none."""
    record = depth(lambda c: 60.0 if without(c) else 3.0)
    for row in record.rows:
        place = row["net"], row["depth"], row["norm"], row["rate"]
        if place == (net, at, "none", 0.01):
            row["val_error"] = row["test_error"] = error
    found = decide("intro.building-block", record)
    assert found.headline == INSENSITIVE.format(kind)


def choice(error=None, steps=None, rates=None, noise=0.02):
    """Each metric by cell; by default none depends on the norm."""

    def value(cell):
        narrow = cell["net"] == "narrow"
        wobble = spread(cell | {"rate": 0}, noise)
        e = 40.0 if narrow else error(cell) if error else 3.0
        works = 5 if not rates else rates(cell)
        order = (0.01, 0.03, 0.003, 0.1, 0.001, 0.0003, 0.3)
        place = order.index(cell["rate"])
        good = place < works and not narrow
        e = e + wobble + place / 10 if good or narrow else 80.0
        at = round(100 * (steps(cell) if steps else 1.0) * (1 + wobble / 9))
        return {
            "val_error": e, "test_error": e, "train_error": e,
            "trained_at": at + place if good else None,
        }  # fmt: skip

    return made_up("introduction.choice", value)


def if_batch(own, other):
    return lambda c: own if c["norm"] == "batch" else other


def test_choice_matters():
    faster = choice(steps=if_batch(0.5, 1.0))
    check(
        "intro.choice-matters",
        choice(if_batch(2, 6), if_batch(0.5, 1.0), if_batch(6, 3)), faster,
        choice(), choice(steps=if_batch(0.7, 1.0), noise=0.3),
    )  # fmt: skip
    found = decide("intro.choice-matters", faster)
    assert found.when == "you ask for steps to train"
    assert found.headline == (
        "It changes steps to train, not final error and usable learning "
        "rates."
    )


def test_one_place_suffices_and_names_the_pair():
    def only(cell):
        return cell["net"] == "skip" and cell["norm"] == "rms"

    found = decide("intro.choice-matters", choice(
        lambda c: 8 if only(c) else 3, lambda c: 3 if only(c) else 1,
        lambda c: 2 if only(c) else 5,
    ))  # fmt: skip
    assert found.verdict == "holds"
    assert found.headline == (
        "Up to 5.0 points, ×3.0 steps, 3 rates between LayerNorm and "
        "RMSNorm."
    )


def test_the_controls_of_choice_can_fail():
    def unlike(cell):
        return 9.0 if cell["net"] == "other weights" else 3.0

    found = decide("intro.choice-matters", choice(unlike))
    assert found.headline == INSENSITIVE.format("null")
    same = choice()
    for row in same.rows:
        row["test_error"] = 3.0
    found = decide("intro.choice-matters", same)
    assert found.headline == INSENSITIVE.format("positive")


def test_vanishing():
    def by(*norms):
        return lambda part, c: c["norm"] in norms

    def suits(part, cell):
        return part == "gradients" and cell["act"] == "relu"

    check("intro.vanishing", made_gradients(by("batch", "layer", "rms")),
          made_gradients(suits), made_gradients(by()),
          made_gradients(by("batch", "layer", "rms"), noise=2.0),
          )  # fmt: skip
    found = decide("intro.vanishing", made_gradients(suits))
    assert found.when.endswith(
        "gradients with ReLU by BatchNorm, LayerNorm and RMSNorm"
    )
    assert found.headline.startswith(
        "Cures 3 of 9 gradients, 0 of 9 trainings"
    )


def test_training_counts_beside_the_gradients():
    only = made_gradients(lambda part, c: part == "gradients")
    found = decide("intro.vanishing", only)
    assert found.verdict == "holds when" and "training" not in found.when
    noisy = made_gradients(lambda *_: True, wobble=5)
    assert decide("intro.vanishing", noisy).verdict == "open"


@pytest.mark.parametrize("bare", [(-20, 4), (0, 0)])
def test_the_controls_of_gradients_can_fail(bare):
    """He's ReLU must be healthy, and learn where PyTorch's does not."""
    record = made_gradients(lambda *_: True, bare=bare)
    kind = "null" if bare[0] else "positive"
    found = decide("intro.vanishing", record)
    assert found.headline == INSENSITIVE.format(kind)


def test_a_record_without_training_is_open():
    record = made_gradients(lambda *_: True)
    rows = [row for row in record.rows if row["layer"]]
    less = find_trial(record.trial).seal("cpu", record.config, rows, {})
    assert decide("intro.vanishing", less).verdict == "open"


def test_the_farthest_from_theory():
    """All as predicted but one net, which is two decades off."""
    record = made_gradients(lambda *_: True, noise=0.0)
    for row in record.rows:
        if row["layer"] == 1:
            net = row["norm"], row["act"], row["init"]
            off = 2.0 if net == ("layer", "relu", "scaled") else 0.0
            row["log10_grad"] = mean_field.predicted(*net, 50) + off
    assert mean_field.farthest(record) == pytest.approx(2.0)


def explosion(per_layer, noise=0.001, linear=0.0, bare=0.2, default=-0.4):
    """`per_layer(cell)` decades are added by a layer with BatchNorm.

    Without a norm `linear` by a linear layer, `bare` by a ReLU layer with
    skips, and `default` by one from PyTorch's start without.
    """

    def value(cell):
        rate = linear
        if cell["act"] == "relu":
            rate = bare * cell["skip"]
            if cell["start"] == "default" and not cell["skip"]:
                rate = default
        if cell["norm"] == "batch":
            rate = per_layer(cell)
        rate += spread(cell | {"layer": 0}, noise)
        return {"log10_grad": -rate * cell["layer"]}

    record = made_up("batch_norm.explosion", value, layer=[1, 10, 50])
    rows = [r for r in record.rows if r["layer"] in (1, r["depth"])]
    return find_trial("batch_norm.explosion").seal(
        "cpu", record.config, rows, record.provenance
    )


def test_gradients_are_stable():
    def skips(cell):
        return 0.02 if cell["skip"] else 0.1

    some = explosion(skips)
    check(
        "bn.gradient-stability", explosion(lambda c: 0.0), some,
        explosion(lambda c: 0.5), explosion(lambda c: 0.06, noise=0.01),
    )  # fmt: skip
    found = decide("bn.gradient-stability", some)
    assert found.when == "the net has 50 layers with skips"
    assert found.headline == (
        "Use skips: 10 decades become 1. Without, 0 and −20 become 5."
    )
    few = explosion(lambda c: 0.2 * (c["batch"] == 4 or not c["skip"]))
    assert decide("bn.gradient-stability", few).when == (
        "the net has 50 layers with skips (m = 8, 32 or 128)"
    )


def test_what_vanishes_with_batchnorm_is_not_prevented():
    found = decide("bn.gradient-stability", explosion(lambda c: -0.3))
    assert found.verdict == "does not hold"


def test_the_controls_of_explosion_can_fail():
    grows = explosion(lambda c: 0.0, linear=1.0)
    found = decide("bn.gradient-stability", grows)
    assert found.headline == INSENSITIVE.format("null")
    for calm in ({"bare": 0.0}, {"default": 0.0}):
        found = decide(
            "bn.gradient-stability", explosion(lambda c: 0.0, **calm)
        )
        assert found.headline == INSENSITIVE.format("positive")
