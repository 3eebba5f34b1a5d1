"""The rules of the two functions, on made-up records and live ones."""

import pytest
import torch
from made_up import made_up
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from normlib import records
from normlib.experiments import ensemble
from normlib.experiments import trial as find_trial
from normlib.experiments.batch_normalization import (
    drift,
    folding,
    frameworks,
    modes,
    shift,
    sync,
)
from normlib.ledger import decide


def framework_record(normalizes, stores):
    """Both map a framework to a factor, or to any number."""

    def value(cell):
        m = 4 + cell["seed"]
        row = {"m": m, "keeps": 0.9, "version": "1"}
        for column, factors in (
            ("normalizes", normalizes),
            ("stores", stores),
        ):
            factor = factors.get(cell["framework"], "1/m")
            known = {"1/m": 1.0, "1/(m−1)": m / (m - 1)}
            row[column] = known.get(factor, factor)
        return row

    return made_up("batch_normalization.frameworks", value)


@pytest.mark.parametrize(
    ("normalizes", "stores", "verdict"),
    [
        ({}, {}, "holds"),
        ({}, {"torch": "1/(m−1)"}, "holds when"),
        ({"flax": "1/(m−1)"}, {}, "does not hold"),
        ({}, {"keras": 1.5}, "open"),
    ],
)
def test_the_variance(normalizes, stores, verdict):
    record = framework_record(normalizes, stores)
    assert decide("bn.variance", record).verdict == verdict


def test_the_condition_names_the_frameworks():
    record = framework_record({}, {"torch": "1/(m−1)", "flax": "1/(m−1)"})
    assert decide("bn.variance", record).when.endswith("PyTorch and Flax")


def test_a_missing_framework_gives_no_rows(monkeypatch):
    monkeypatch.setattr(frameworks, "find_spec", lambda name: None)
    config = frameworks.PRESETS["live"]
    assert frameworks.measure(config, {"framework": "keras"}, "cpu") == []


def test_the_committed_record_has_all_four():
    record = records.load("batch_normalization.frameworks", "cpu")
    assert {row["framework"] for row in record.rows} == {*frameworks.NAMES}
    assert "Flax" in frameworks.table(record)


def drift_record(share, noise=0.0):
    """`share(step)` of the images change their class in evaluation."""
    trial = find_trial("batch_normalization.drift")
    config = trial.config("cpu")
    rows = [
        {
            "norm": "batch",
            "step": step,
            "statistics": statistics,
            "seed": seed,
            "test_error": 5.0,
            "differ": share(step) + noise * (seed % 5 - 2),
        }
        for step in config["looks"]
        for statistics in ("batch", "other", *config["averages"])
        for seed in range(10)
    ]
    return trial.record("cpu", config, rows, {"date": "2000-01-01"})


@pytest.mark.parametrize(
    ("share", "noise", "verdict"),
    [
        (lambda step: 20.0, 1.0, "holds"),
        (lambda step: 0.2, 0.0, "does not hold"),
        (lambda step: 90.0 / step, 0.0, "holds when"),
        (lambda step: 1.5, 2.0, "open"),
    ],
)
def test_the_modes_differ(share, noise, verdict):
    record = drift_record(share, noise)
    assert decide("bn.train-eval", record).verdict == verdict


def test_young_averages_are_named():
    decision = decide("bn.train-eval", drift_record(lambda k: 90.0 / k))
    assert "up to 30 steps" in decision.when


def shift_record(brightness, contrast, order, noise=0.0):
    """Points that each mismatch costs BatchNorm; others lose 10."""
    trial = find_trial("batch_normalization.shift")
    config = trial.config("cpu")
    cost = {
        "brightness": brightness,
        "contrast": contrast,
        "each its own": 5,
    }
    rows = []
    for norm in config["norms"]:
        readings = ["running"]
        if norm == "batch":
            readings += ["test batch", "sorted batch"]
        for statistics in readings:
            for kind in shift.KINDS:
                for size in config["shifts"]:
                    for seed in range(8):
                        error = 3.0
                        if statistics == "running":
                            error += 10 * size
                            if norm == "batch":
                                error += cost[kind] * size
                                error += noise * size * (seed % 4 - 1.5)
                        if statistics == "sorted batch":
                            error += order
                        rows.append(
                            {
                                "norm": norm, "kind": kind, "shift": size,
                                "seed": seed, "statistics": statistics,
                                "test_error": error,
                            }
                        )  # fmt: skip
    return trial.record("cpu", config, rows, {"date": "2000-01-01"})


@pytest.mark.parametrize(
    ("costs", "noise", "verdict"),
    [
        ((20, 20, 50), 1.0, "holds"),
        ((20, 0, 0), 0.0, "holds when"),
        ((0, 0, 0), 0.0, "does not hold"),
        ((6, 6, 0), 9.0, "open"),
    ],
)
def test_data_must_match(costs, noise, verdict):
    record = shift_record(*costs, noise=noise)
    assert decide("bn.matched-data", record).verdict == verdict


def test_the_mismatches_that_matter_are_named():
    when = decide("bn.matched-data", shift_record(0, 20, 50)).when
    assert when.endswith("another contrast or a batch sorted by class")


@pytest.fixture(scope="module")
def live():
    """Return the drift and the shift of a short training."""
    return [
        drift.trial.run("live", steps=30, looks=[1, 30]),
        shift.trial.run("live", steps=30),
    ]


def test_averages_are_younger_at_a_small_momentum(live):
    errors = {
        name: sum(live[0].values("test_error", step=30, statistics=name))
        for name in ("batch", "0.1", "0.01", "precise")
    }
    assert errors["0.01"] > errors["0.1"]
    assert abs(errors["precise"] - errors["batch"]) < 20


def test_the_test_batch_takes_a_common_shift_out(live):
    for kind in ("brightness", "contrast"):
        found = {
            size: live[1].values(
                "test_error", kind=kind, shift=size, statistics="test batch"
            )
            for size in (0.0, 1.0)
        }
        assert found[0.0] == pytest.approx(found[1.0], abs=0.4)


def test_an_average_kept_beside_is_torchs():
    """drift.Net keeps for 0.1 what nn.BatchNorm1d keeps by default."""
    net = ensemble.make(
        norm="batch", act="relu", init="scaled", depth=1, width=5,
        seeds=[0], dtype=torch.float64,
    )  # fmt: skip
    kept = {m: list(net.running) for m in ("0.1", "0.01")}
    net = drift.Net(**vars(net), kept=kept)
    layers = {
        m: nn.BatchNorm1d(5, momentum=float(m)).double() for m in kept
    }
    for _ in range(3):
        x = torch.randn(1, 7, 64, dtype=torch.float64)
        net(x)
        for layer in layers.values():
            layer(x[0] @ net.W[0][0] + net.b[0][0])
    for momentum, layer in layers.items():
        mean, var = kept[momentum][0]
        torch.testing.assert_close(mean.ravel(), layer.running_mean)
        torch.testing.assert_close(var.ravel(), layer.running_var)


def test_predicting_with_the_batch_remembers_nothing():
    net = ensemble.make(
        norm="batch", act="relu", init="scaled", depth=2, width=5, seeds=[0]
    )
    x = torch.randn(1, 8, 64)
    parts = [net(x[:, :4]), net(x[:, 4:])]  # as in training
    before = list(net.running)
    logits = ensemble.predict(net, x, batch=4)
    torch.testing.assert_close(logits, torch.cat(parts, 1))
    for (mean, var), (old_mean, old_var) in zip(
        net.running, before, strict=True
    ):
        assert torch.equal(mean, old_mean)
        assert torch.equal(var, old_var)


@pytest.mark.parametrize("bias", [True, False])
def test_folding_agrees_with_torchs(bias):
    net = folding.make("depthwise", folding.PRESETS["live"], seed=1)
    norm = net[1].double()
    conv = nn.Conv2d(64, 64, 3, groups=64, bias=bias).double().eval()
    ours, theirs = folding.fold(conv, norm), fuse_conv_bn_eval(conv, norm)
    torch.testing.assert_close(ours.weight, theirs.weight)
    torch.testing.assert_close(ours.bias, theirs.bias)
    x = torch.randn(2, 64, 5, 5, dtype=torch.float64)
    torch.testing.assert_close(ours(x), norm(conv(x)))


def test_folding_is_timed_in_turn():
    record = folding.trial.run("live", seeds=1)
    arms = [row["arm"] for row in record.rows]
    assert arms == ["BatchNorm", "folded"] * (len(arms) // 2)
    assert max(record.values("deviation")) < 1e-12
    assert "3×3" in folding.table(record)


def test_two_processes_are_one_batch():
    lines = sync.launch().splitlines()
    assert len(lines) == 4
    for line in lines:
        assert "1e-12 True" in line
    off = [float(line.rpartition(" ")[2]) for line in lines]
    assert min(off[:3]) > 0.1  # the control: each its own


def test_the_loop_that_forgets():
    data = modes.data()
    right, wrong = (
        modes.train(modes.make(), data, epochs=3, rate=1.0, forget=forget)
        for forget in (False, True)
    )
    assert right[0] == wrong[0]
    assert right[-1] < 20 < wrong[-1]
