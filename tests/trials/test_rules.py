"""Every rule reads made-up records that lead to each of its verdicts."""

import math

import pytest
from made_up import made_up, spread

from normlib import records
from normlib.experiments import trial as find_trial
from normlib.experiments.batch_norm import equations, frameworks, shift
from normlib.experiments.introduction import mean_field
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")


def sweep(name, error, noise=0.0, **columns):
    """`error(cell)` per cent; noise by seed, other in every arm."""

    def value(cell):
        e = error(cell) + spread(cell | {"rate": 0}, noise)
        row = {"val_error": e, "test_error": e, "train_error": e}
        row |= {"precise_error": e, "trained_at": 100 if e <= 10 else None}
        return row | {k: f(cell) for k, f in columns.items()}

    return made_up(name, value)


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = tuple(decide(claim, record).verdict for record in records)
    assert found == VERDICTS


def test_building_block():
    def nets(error, noise=0.1):
        return sweep("introduction.depth", lambda c: (
            error(c) if c["norm"] == "none" else 3.0), noise)  # fmt: skip

    deep = nets(lambda c: 60.0 if c["depth"] > 10 else 3.0)
    check(
        "intro.building-block", nets(lambda c: 60.0), deep,
        nets(lambda c: 3.0), nets(lambda c: 9.0, noise=4.0),
    )  # fmt: skip
    when = decide("intro.building-block", deep).when
    assert "20 layers (with skip" in when and "4 layers" not in when
    lost = sweep("introduction.depth", lambda c: 90.0 - 30 * (c["norm"] == "batch"))  # fmt: skip # noqa: E501
    assert decide("intro.building-block", lost).verdict == "open"


def test_choice_matters():
    def nets(layer, noise=0.01, **columns):
        return sweep("introduction.depth", lambda c: (
            layer(c) if c["norm"] == "layer" else 2.0
        ), noise, **columns)  # fmt: skip

    def few_rates(cell):
        return 8.0 if cell["rate"] < 0.01 else 60.0

    def steps(cell):
        return 100 if cell["norm"] == "layer" else 20

    deep = nets(lambda c: 8.0 if c["depth"] == 50 else 2.0)
    check(
        "intro.choice-matters", nets(few_rates, trained_at=steps), deep,
        nets(lambda c: 2.0), nets(lambda c: 2.0, noise=1.2),
    )  # fmt: skip
    when = decide("intro.choice-matters", deep).when
    assert "BatchNorm and LayerNorm: final error at 50" in when


def gradients(decades, noise=0.05):
    """`decades(cell)` is the change from the last layer to the first."""
    return made_up("introduction.gradients", lambda c: {
        "log10_grad": (decades(c) + spread(c, noise)) * (c["layer"] == 1)
    }, layer=[1, 50])  # fmt: skip


def test_vanishing():
    def but(*healthy):
        return gradients(lambda c: 0 if c["norm"] in healthy else -20)

    noisy = gradients(
        lambda c: -40 if c["norm"] == "none" else -3.5, noise=2.0
    )
    check("intro.vanishing", but("batch", "layer", "rms"), but("layer"),
          but(), noisy)  # fmt: skip
    when = decide("intro.vanishing", but("layer")).when
    assert "LayerNorm with ReLU" in when and "BatchNorm" not in when
    explodes = gradients(lambda c: -20 if c["norm"] == "none" else 9)
    assert decide("intro.vanishing", explodes).verdict == "does not hold"
    well = gradients(lambda c: 0)
    assert decide("intro.vanishing", well).verdict == "open"


def test_the_farthest_from_theory():
    """All as predicted but one net, which is two decades off."""

    def decades(cell):
        net = cell["norm"], cell["act"], cell["init"]
        off = 2.0 if net == ("layer", "relu", "scaled") else 0.0
        return mean_field.predicted(*net, 50) + off

    record = gradients(decades, noise=0.0)
    assert mean_field.farthest(record) == pytest.approx(2.0)


def size(error, noise=0.0):
    return sweep("batch_norm.statistics_size", error, noise)


def worse_below(limit, count):
    return lambda c: (
        20.0 if c["norm"] == "batch" and count(c) < limit else 3.0
    )


def by_m(cell):
    return cell["N"] * cell["side"] ** 2


def by_n(cell):
    return cell["N"]


@pytest.mark.parametrize(
    ("claim", "bound"),
    [
        ("bn.batch-16", 16), ("guide.small-batch-8", 8),
        ("pit.bn-below-4", 4), ("bn.small-batch", 16),
    ],
)  # fmt: skip
def test_a_number_counts_images_values_or_nothing(claim, bound):
    check(
        claim, size(worse_below(bound, by_n)), size(worse_below(4, by_m)),
        size(worse_below(0, by_m)), size(worse_below(0, by_m), noise=2.0),
    )  # fmt: skip


def test_sixteen_is_not_enough_where_larger_batches_fail():
    record = size(worse_below(100, by_n))
    assert decide("bn.batch-16", record).verdict == "does not hold"


def test_layer_norm_beside_the_full_batch():
    def but(*sides, noise=0.0):
        return size(lambda c: 9.0 if c["norm"] == "layer"
                    and c["side"] in sides else 3.0, noise)  # fmt: skip

    check("ln.small-batch", but(), but(1), but(1, 2, 4), but(noise=2.0))


def test_ghost_batches():
    def nets(helps, noise=0.0):
        def test(cell):
            regular = cell["norm"] == "batch" and cell["m"] in helps
            return 10.0 if regular else 25.0

        def train(cell):
            return 30.0 if test(cell) == 10.0 else 5.0

        return sweep("batch_norm.ghost", test, noise, train_error=train)

    check("bn.regularizes", nets((4, 8, 16, 32, 64, 256)), nets((4, 8)),
          nets(()), nets((4,), noise=9.0))  # fmt: skip


@pytest.mark.parametrize("claim, side", [("bn.cnn", 4), ("bn.mlp", 1)])
def test_the_best_norm(claim, side):
    def nets(ahead, noise=0.0):
        return sweep("batch_norm.best_norm", lambda c: (
            9.0 if c["norm"] != "batch" and c["depth"] in ahead else 3.0
        ), noise)  # fmt: skip

    check(claim, nets((2, 8)), nets((8,)), nets(()), nets((), noise=2.0))


FITS = {
    "1/m over N, H, W": 1e-15, "over N at one position": 0.2,
    "the formula": 1e-15, "with m − 1": 0.01, "mean": 1e-16,
    "variance − 1": 1e-5, "variance − 1 at σ = 0.001": 0.9,
    "beyond √(m−1)": 0.0, "dγ − Σ dy·x̂": 1e-15, "dβ − Σ dy": 1e-15,
    "bias before": 1e-16, "dβ": 3.0, "∂y_i/∂x_j in training": 0.4,
    "∂y_i/∂x_j in evaluation": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "changed", "verdict"),
    [
        ("bn.mean", {}, "holds when"),
        ("bn.mean", {"1/m over N, H, W": 0.1}, "does not hold"),
        ("bn.mean", {"over N at one position": 0.0}, "open"),
        ("bn.xhat", {}, "holds when"),
        ("bn.xhat", {"variance − 1 at σ = 0.001": 0.0}, "holds"),
        ("bn.xhat", {"the formula": 0.1}, "does not hold"),
        ("bn.xhat", {"beyond √(m−1)": 0.5}, "does not hold"),
        ("bn.xhat", {"variance − 1": 0.5}, "does not hold"),
        ("bn.xhat", {"with m − 1": 0.0}, "open"),
        ("bn.affine", {}, "holds"),
        ("bn.affine", {"bias before": 0.1}, "does not hold"),
        ("bn.affine", {"dγ − Σ dy·x̂": 0.1}, "does not hold"),
        ("bn.affine", {"dβ": 0.0}, "open"),
        ("bn.sample-dependency", {}, "holds when"),
        ("bn.sample-dependency", {"∂y_i/∂x_j in evaluation": 1}, "holds"),
        (
            "bn.sample-dependency",
            {"∂y_i/∂x_j in training": 0.0},
            "does not hold",
        ),
    ],
)
def test_the_equations(claim, changed, verdict):
    trial = find_trial("batch_norm.exact")
    rows = [
        {"check": "x", "seed": seed, "quantity": name, "value": value}
        for name, value in (FITS | changed).items()
        for seed in range(8)
    ]
    record = trial.seal("cpu", trial.presets["cpu"], rows, {})
    assert decide(claim, record).verdict == verdict
    names = {q for f in equations.CHECKS.values()
             for q in f(__import__("numpy").random.default_rng(0), "cpu")}  # fmt: skip # noqa: E501
    assert names == {*FITS}


def variances(normalizes, stores):
    """Both map a framework to a factor, or to any number."""

    def value(cell):
        m = 4 + cell["seed"]
        known = {"1/m": 1.0, "1/(m−1)": m / (m - 1)}
        columns = {"normalizes": normalizes, "stores": stores}
        row = {
            name: known.get(f := factors.get(cell["framework"], "1/m"), f)
            for name, factors in columns.items()
        }
        return row | {"m": m, "keeps": 0.9, "version": "1"}

    return made_up("batch_norm.frameworks", value)


def test_the_variance():
    both = variances({}, {"torch": "1/(m−1)", "flax": "1/(m−1)"})
    check("bn.variance", variances({}, {}), both,
          variances({"flax": "1/(m−1)"}, {}),
          variances({}, {"keras": 1.5}))  # fmt: skip
    when = decide("bn.variance", both).when
    assert when.endswith("PyTorch and Flax")


def test_a_missing_framework_gives_no_rows(monkeypatch):
    monkeypatch.setattr(frameworks, "find_spec", lambda name: None)
    config = frameworks.trial.config("live")
    assert frameworks.measure(config, {"framework": "keras"}, "cpu") == []
    seen = records.load("batch_norm.frameworks").distinct("framework")
    assert seen == list(frameworks.NAMES)


def test_the_modes_differ():
    def nets(share, noise=0.0):
        trial = find_trial("batch_norm.drift")
        return made_up(
            "batch_norm.drift",
            lambda c: {"differ": share(c["step"]) + spread(c, noise)},
            step=trial.presets["cpu"]["looks"],
            statistics=["batch", "0.1", "other"],
        )

    young = nets(lambda step: 90.0 / step)
    check("bn.train-eval", nets(lambda step: 20.0, 0.5), young,
          nets(lambda step: 0.2), nets(lambda step: 1.5, 2.0))  # fmt: skip
    assert "after 30 steps" in decide("bn.train-eval", young).when
    assert "100" not in decide("bn.train-eval", young).when


def test_data_must_match():
    def nets(brightness, contrast, order, noise=0.0):
        cost = {"brightness": brightness, "contrast": contrast}

        def value(cell):
            error, own = 3.0, cell["norm"] == "batch"
            if cell["statistics"] == "running":
                error += 10 * cell["shift"]
                more = cost.get(cell["kind"], 0) + spread(cell, noise)
                error += own * cell["shift"] * more
            error += order * (cell["statistics"] == "sorted batch")
            return {"test_error": error}

        return made_up(
            "batch_norm.shift", value, kind=list(shift.KINDS),
            shift=[0.0, 1.0],
            statistics=["running", "test batch", "sorted batch"],
        )  # fmt: skip

    check("bn.matched-data", nets(20, 20, 50, 0.5), nets(20, 0, 0),
          nets(0, 0, 0), nets(6, 6, 4, 3.0))  # fmt: skip


def test_less_shift_is_why():
    def nets(steps, noise=0.0, shift=lambda noise: 0.5 + noise):
        """`steps(init, noise)` are BatchNorm's; the plain net needs 200."""

        def value(cell):
            plain = cell["norm"] == "none"
            wobble = 1 + spread(cell | {"rate": 0}, noise)
            count = 200 if plain else steps(cell["init"], cell["noise"])
            far = 0.3 if plain else shift(cell["noise"])
            return {
                "log10_shift": math.log10(far * wobble),
                "trained_at": count and count * wobble,
            }

        return made_up("batch_norm.noisy", value)

    def kept(init, noise):
        return 20 + 10 * noise

    def lost(init, noise):
        return 180 if noise else 20

    def by_init(init, noise):
        return (kept if init == "default" else lost)(init, noise)

    check("bn.why-ics", nets(lost), nets(by_init), nets(kept),
          nets(kept, 0.26))  # fmt: skip
    when = decide("bn.why-ics", nets(by_init)).when
    assert when == "the initialization is scaled"
    # Strong noise stops a net; one weaker counterexample suffices.
    weak = nets(lambda init, noise: noise < 0.3 and 20)
    assert decide("bn.why-ics", weak).verdict == "does not hold"
    # Nothing to explain, or no noise that shifts more than without.
    assert decide("bn.why-ics", nets(lambda *_: 200)).verdict == "open"
    calm = nets(lost, shift=lambda noise: 0.1)
    assert decide("bn.why-ics", calm).verdict == "open"


def test_shift_is_reduced():
    def nets(ratio, noise=0.0):
        """`ratio(what, init, rate)` divides BatchNorm's shift."""

        def value(cell):
            less = ratio(cell["what"], cell["init"], cell["rate"])
            own = cell["norm"] != "none"
            return {"value": spread(cell, noise) - own * math.log10(less)}

        return made_up(
            "batch_norm.landscape", value, far=[0.0], step=[3, 10, 30, 100],
            what=["moments", "gradients"],
        )  # fmt: skip

    check(
        "intro.covariate-shift", nets(lambda *_: 3, 0.01),
        nets(lambda what, *_: 3 if what == "moments" else 0.5),
        nets(lambda *_: 0.3, 0.01), nets(lambda *_: 1.1, 0.5),
    )  # fmt: skip
    own = nets(lambda what, init, rate: 3 if rate == 0.3 else 1)
    when = decide("intro.covariate-shift", own).when
    assert "(scaled start, own rates)" in when and "same" not in when


def test_gradients_are_stable():
    def nets(per_layer, noise=0.01):
        """`per_layer(skip)` are the decades that a layer adds."""

        def value(cell):
            rate = per_layer(cell["skip"]) if cell["norm"] == "batch" else 0
            rate += spread(cell | {"layer": 0}, noise / 3.5)
            return {"log10_grad": -rate * cell["layer"]}

        return made_up("batch_norm.explosion", value, layer=[1, 10, 25, 50])

    def depths(record):
        """Keep the layers that a net has."""
        rows = [r for r in record.rows if r["layer"] <= r["depth"]]
        return find_trial("batch_norm.explosion").seal(
            "cpu", record.config, rows, record.provenance
        )

    some = depths(nets(lambda skip: 0.0 if skip else 0.1))
    check(
        "bn.gradient-stability", depths(nets(lambda skip: 0.0)), some,
        depths(nets(lambda skip: 0.5)),
        depths(nets(lambda skip: 0.3, noise=0.4)),
    )  # fmt: skip
    when = decide("bn.gradient-stability", some).when
    assert "50 layers with skips" in when
    assert "50 layers without" not in when
