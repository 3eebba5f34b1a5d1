"""The rules of Batch Normalization, on made-up records."""

import pytest
from made_up import made_up

from normlib.experiments import trial as find_trial
from normlib.ledger import decide


def wobble(cell, size):
    """A deterministic spread over the seeds, other for every norm."""
    turn = {"none": 3, "batch": 5, "layer": 1}[cell["norm"]]
    return size * ((cell["seed"] * turn) % 8 - 3.5)


def rates_record(top, steps, noise=0.0):
    """`top(cell)` is the highest rate that works, in `steps(cell)`."""

    def value(cell):
        limit = top(cell) * 10 ** wobble(cell, noise)
        works = cell["rate"] <= limit * 1.001
        error = 3.0 if works else 90.0
        at = max(1, round(steps(cell) * 10 ** wobble(cell, noise)))
        return {
            "val_error": error,
            "test_error": error,
            "trained_at": at if works else None,
        }

    return made_up("batch_normalization.learning_rates", value, seeds=8)


def better(batch, none):
    return lambda cell: batch if cell["norm"] == "batch" else none


def test_higher_rates_favoured():
    record = rates_record(better(10.0, 0.1), better(20, 200))
    assert decide("bn.higher-lr", record).verdict == "holds"


def test_higher_rates_for_one_activation():
    def top(cell):
        sigmoid = cell["act"] == "sigmoid"
        return 10.0 if sigmoid and cell["norm"] == "batch" else 0.1

    decision = decide("bn.higher-lr", rates_record(top, better(50, 50)))
    assert decision.verdict == "holds when"
    assert decision.when == "it means a higher rate with sigmoid"


def test_higher_rates_contradicted():
    record = rates_record(better(0.1, 0.1), better(50, 50))
    assert decide("bn.higher-lr", record).verdict == "does not hold"


def test_higher_rates_too_noisy():
    record = rates_record(better(0.3, 0.1), better(80, 100), noise=0.25)
    assert decide("bn.higher-lr", record).verdict == "open"


def gains_record(works):
    def value(cell):
        error = 3.0 if works(cell) else 90.0
        return {"val_error": error, "test_error": error, "trained_at": None}

    return made_up("batch_normalization.init_scale", value, seeds=8)


def at_one(cell):
    return cell["gain"] == 1.0


def test_insensitive_favoured():
    record = gains_record(lambda c: c["norm"] == "batch" or at_one(c))
    assert decide("bn.init-insensitive", record).verdict == "holds"


def test_insensitive_on_one_side():
    record = gains_record(
        lambda c: at_one(c) or (c["norm"] == "batch" and c["gain"] < 1)
    )
    decision = decide("bn.init-insensitive", record)
    assert decision.verdict == "holds when"
    assert decision.when == "the weights start too small"


def test_insensitive_but_for_the_output_layer():
    record = gains_record(
        lambda c: (
            at_one(c)
            or (
                c["norm"] == "batch"
                and (c["gain"] < 1 or c["where"] == "hidden")
            )
        )
    )
    decision = decide("bn.init-insensitive", record)
    assert decision.verdict == "holds when"
    assert decision.when == (
        "the weights start too small or too large (hidden layers only)"
    )


def test_insensitive_contradicted():
    record = gains_record(at_one)
    assert decide("bn.init-insensitive", record).verdict == "does not hold"


def test_insensitive_too_noisy():
    # Half of the seeds gain four, half none: 2 ± much.
    record = gains_record(
        lambda c: at_one(c) or (c["norm"] == "batch" and c["seed"] % 2)
    )
    assert decide("bn.init-insensitive", record).verdict == "open"


FITS = {
    "1/m over N, H, W": 1e-15,
    "over N at one position": 0.2,
    "the formula": 1e-15,
    "with m − 1": 0.01,
    "mean": 1e-16,
    "variance − 1": 1e-5,
    "variance − 1 at σ = 0.001": 0.9,
    "beyond √(m−1)": 0.0,
    "dγ − Σ dy·x̂": 1e-15,
    "dβ − Σ dy": 1e-15,
    "bias before": 1e-16,
    "dβ": 3.0,
    "∂y_i/∂x_j in training": 0.4,
    "∂y_i/∂x_j in evaluation": 0.0,
}


def exact(**changed):
    """A record of the exact checks; keywords are quantities changed."""
    trial = find_trial("batch_normalization.exact")
    values = FITS | changed
    rows = [
        {"check": "x", "seed": seed, "quantity": name, "value": value}
        for name, value in values.items()
        for seed in range(6)
    ]
    return trial.record("cpu", trial.presets["cpu"], rows, {})


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
    assert decide(claim, exact(**changed)).verdict == verdict
