"""Rules that compute: made-up deviations lead to all four verdicts."""

import numpy as np
import pytest
from made_up import made_up

from normlib import records
from normlib.experiments import trial as find_trial
from normlib.experiments.batch_norm import equations, frameworks
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
ROUND, BAD, BETWEEN = 1e-15, 0.1, 3e-9
FITS = {
    "mean": {"Σ/m, vectors": ROUND, "Σ/m, images": ROUND},
    "xhat": {
        f"{name}, σ = {sigma}": ROUND
        for name in ("formula", "mean", "variance − 1", "beyond √(m−1)")
        for sigma in ("1", "0.001")
    },
    "affine": {"dγ − Σ dy·x̂": ROUND, "dβ − Σ dy": ROUND, "bias before": 0},
    "dependency": {
        "∂y_i/∂x_j in training": 0.4, "∂y_i/∂x_j in evaluation": 0.4,
    },
}  # fmt: skip
CONTROLS = {"null": ROUND, "planted": BAD}


def exact(**changed):
    """Eight seeds of all checks; names are changed by their beginnings."""
    rows = [
        {"check": check, "seed": seed, "quantity": name} | {"value": next(
            (v for k, v in changed.items() if name.startswith(k)), value
        )}
        for check, found in FITS.items()
        for name, value in (found | CONTROLS).items()
        for seed in range(8)
    ]  # fmt: skip
    trial = find_trial("batch_norm.exact")
    return trial.seal("cpu", trial.presets["cpu"], rows, {})


@pytest.mark.parametrize(
    ("claim", "first", "second"),
    [
        ("bn.mean", "Σ/m, vectors", "Σ/m, images"),
        ("bn.xhat", "variance − 1, σ = 1", "variance − 1, σ = 0.001"),
        ("bn.xhat", "formula, σ = 1", "mean, σ = 0.001"),
        ("bn.affine", "dγ", "bias"),
        ("bn.affine", "dβ", "dγ"),
    ],
)
def test_all_four_verdicts(claim, first, second):
    both = {first: BAD, second: BAD}
    between = BETWEEN if "variance" not in first else 3e-3
    made = ({}, {second: BAD}, both, {first: between})
    found = [decide(claim, exact(**changed)).verdict for changed in made]
    assert tuple(found) == VERDICTS


def test_samples_may_depend_in_one_mode():
    one = {"∂y_i/∂x_j in evaluation": 0.0}
    none = one | {"∂y_i/∂x_j in training": 0.0}
    made = ({}, one, none, {"∂y_i/∂x_j in training": BETWEEN})
    found = [
        decide("bn.sample-dependency", exact(**changed)) for changed in made
    ]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert found[1].when == "the layer is in training mode"


@pytest.mark.parametrize("claim", find_trial("batch_norm.exact").rules)
@pytest.mark.parametrize(
    "blind", [{"null": BAD}, {"planted": ROUND}, {"planted": BETWEEN}]
)
def test_a_measurement_that_is_blind_decides_nothing(claim, blind):
    assert "insensitive" in decide(claim, exact(**blind)).headline


def test_the_names_are_those_that_are_measured():
    for check, function in equations.CHECKS.items():
        found = function(np.random.default_rng(0), "cpu")
        assert {*found} == {*FITS[check], *CONTROLS}


def variances(normalizes=(), stores=(), fault=1 / 3, null=1.0):
    """Both map a framework to a factor of the variance with 1/m."""
    columns = {"normalizes": dict(normalizes), "stores": dict(stores)}
    columns["normalizes"] |= {"planted": 1 + fault, "reversed": null}

    def value(cell):
        row = {
            name: factors.get(cell["framework"], 1.0)
            for name, factors in columns.items()
        }
        return row | {"m": 4, "keeps": 0.9, "version": "1"}

    return made_up("batch_norm.frameworks", value)


def test_the_variance():
    unbiased = 4 / 3
    made = (
        variances(),
        variances(stores={"torch": unbiased, "flax": unbiased}),
        variances(
            dict.fromkeys(frameworks.NAMES, unbiased),
            dict.fromkeys(frameworks.NAMES, unbiased),
        ),
        variances({"keras": 1.005}),
    )
    found = [decide("bn.variance", record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert "stored by Keras" in found[1].when
    assert "stored by PyTorch" not in found[1].when
    for blind in ({"fault": 0.0}, {"null": 1.2}):
        assert "insensitive" in (
            decide("bn.variance", variances(**blind)).headline
        )


def test_a_missing_framework_gives_no_rows(monkeypatch):
    monkeypatch.setattr(frameworks, "find_spec", lambda name: None)
    config = frameworks.trial.config("live")
    assert frameworks.measure(config, {"framework": "keras"}, "cpu") == []
    seen = records.load("batch_norm.frameworks").distinct("framework")
    assert set(seen) >= {*frameworks.NAMES}
