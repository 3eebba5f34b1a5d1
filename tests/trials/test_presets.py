"""Every preset takes the same code path, here with everything small."""

import pytest
from matplotlib.figure import Figure

from normlib import figures
from normlib.experiments import trial, trials
from normlib.experiments.introduction import mean_field
from normlib.experiments.layer_norm import rnns
from normlib.experiments.nets.probes import layer_gradients  # noqa: F401
from normlib.table import Table

SMALL = {
    "seeds": 2, "depth": 3, "width": 8, "batch": 8, "rates": [0.1],
    "gain": [1.0, 10.0], "every": 1, "looks": [1, 3], "channels": 8,
    "side": 8, "repeats": 2, "m": [2, 4, 64], "N": [2, 4, 32],
    "B": [4, 48], "seen": 96, "length": 8, "tested": 1,
    "hidden": 8, "features": [8], "rows": [4], "images": [4], "last": [],
    "matrices": [8], "rounds": 2, "steps": 3, "bytes": 64,
    "float32": [8], "residual": [8], "shape": [8, 4],
    "races": {"rms": [4, 8], "batch": [2, 3, 4, 4]},
    "contenders": ["layers", "eager"], "orders": 2, "tried": [0.1],
    "n": 100, "val": 50, "test": 50, "before": 2,
    "trained": {"depth": 3, "width": 8, "batch": 8, "steps": 3},
}  # fmt: skip
LISTS = {"depth": [2, 3], "side": [1, 2, 4], "batch": [4, 128]}
TIMED = ("seconds", "saved", "copies")


def shrunk(one, preset):
    """Run a preset with everything small, what is crossed in lists."""
    config, changes = one.presets[preset], {}
    for key, value in SMALL.items():
        if key in config:
            crossed = isinstance(config[key], list)
            changes[key] = LISTS.get(key, value) if crossed else value
    if isinstance(config.get("looks"), int):  # how many, not when
        changes["looks"] = 1
    for key in ("side", "norm"):
        if key in one.grid:
            changes.pop(key, None)
    if one.name in ("performance.ladder", "performance.roof"):
        # What no compiler has to make.
        changes["steps"] = ["naive", "blocked", "autograd", "eager"]
        changes["dtype"] = "float32"
    if one.name == "rms_norm.bytes":  # nor here
        changes |= {"by": ["torch.nn"], "N": [8]}
    if one.name == "performance.on_device":
        changes["how"] = ["as it stands"]
    if one.name == "performance.mean":
        changes |= {"library": ["numpy", "torch.nn"], "dtype": "float32"}
    if "batch" in changes and "m" in changes:
        changes["batch"] = 8
    with pytest.MonkeyPatch.context() as patch:
        for symbols in rnns.STEPS:  # no setting, and minutes long
            patch.setitem(rnns.STEPS, symbols, SMALL["steps"])
        return one.run(preset, device="cpu", **changes)


@pytest.mark.parametrize("preset", ["live", "cpu", "gpu"])
@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_a_preset_runs(one, preset):
    record = shrunk(one, preset)
    first = record.config["first_seed"]
    assert record.distinct("seed") == [first, first + 1]
    assert len({tuple(row) for row in record.rows}) == 1
    assert hasattr(one, "plot") or hasattr(one, "table")
    if hasattr(one, "plot"):
        assert isinstance(one.plot(record), Figure)
    assert figures.provenance(record).startswith(one.name)
    if hasattr(one, "table"):
        assert isinstance(one.table(record), Table)


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_a_run_repeats_itself(one):
    a, b = (
        [{k: v for k, v in row.items() if k not in TIMED} for row in rows]
        for rows in (shrunk(one, "live").rows for _ in range(2))
    )
    assert a == b


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_a_trial_says_its_question_and_its_scope(one):
    assert one.question.endswith(("?", "."))
    assert one.scope.endswith(".") and len(one.scope.split()) >= 5


def test_unknown_settings_are_named():
    with pytest.raises(ValueError, match="config: got colour"):
        trial("introduction.depth").run("live", colour=1)
    with pytest.raises(ValueError, match="trial: got 'x', want one of"):
        trial("x")


def test_a_reading_takes_the_committed_record_or_yours():
    one = trial("introduction.gradients")
    arm = {"norm": "none", "act": "relu", "init": "default"}
    assert one.change(**arm) == one.change(one.record(), **arm)
    mine = shrunk(one, "cpu")
    assert one.change(mine, **arm) != one.change(**arm)


def test_other_pictures():
    one = trial("introduction.gradients")
    assert isinstance(mean_field.plot(shrunk(one, "cpu")), Figure)


def drawn(fig, kind):
    lines = [line for ax in fig.axes for line in ax.lines]
    marks = {"*": lambda x: x.get_marker() == "*"}
    marks["|"] = lambda x: x.get_label() == "your guess"
    return len([*filter(marks[kind], lines)])


def test_a_guess_is_drawn():
    one = trial("introduction.gradients")
    record = shrunk(one, "live")
    for guess in ({"none": -3}, {"none": None}, {"none": "x"}, {}, None):
        stars = drawn(one.plot(record, guess=guess), "*")
        assert stars == (guess == {"none": -3})
    one = trial("introduction.depth")
    fig = one.plot(guess={"skip": 20, "default": None})
    assert drawn(fig, "|") == 1


def test_the_mean_field_agrees_with_the_formulae_of_the_page():
    import numpy as np

    for norm, init, want in (
        ("batch", "default", np.log10(np.pi / (np.pi - 1))),
        ("none", "default", -np.log10(6)),
        ("layer", "scaled", 0.0),
    ):
        got = mean_field.predicted(norm, "relu", init, 50)
        assert got == pytest.approx(49 / 2 * want, rel=1e-4, abs=1e-3)


def test_explosion_agrees_with_theory():
    """The rates of the mean field: π/(π−1), and (B−2)/(B−3) if linear."""
    one = trial("batch_norm.explosion")
    record = one.run(
        "live", act=["relu", "linear"], batch=[8, 128], seeds=1
    )
    _, slope, var = mean_field.moments("relu")
    for act, batch, rate in (
        ("relu", 128, slope / var),
        ("linear", 8, 6 / 5),
    ):
        arm = {"act": act, "batch": batch, "norm": "batch", "skip": False}
        found = one.growth(record, **arm).mean
        assert 10 ** (found / 19) == pytest.approx(rate**0.5, abs=0.03)


def test_noise_shifts_the_inputs_of_a_live_run():
    one = trial("batch_norm.noisy")
    record = one.run("live", steps=30, rates=[0.1])
    loud, quiet = (
        record.values("log10_shift", norm="batch", noise=noise)
        for noise in (0.3, 0.0)
    )
    assert min(loud) > max(quiet) + 0.5


def test_averages_are_younger_at_a_small_momentum():
    record = trial("batch_norm.drift").run("live", steps=30, looks=[1, 30])
    errors = {
        name: sum(record.values("test_error", step=30, statistics=name))
        for name in ("batch", "0.1", "0.01", "precise")
    }
    # "batch" was looked at in both runs: the weights are the same.
    assert errors["0.01"] > errors["0.1"]
    assert abs(errors["precise"] - errors["batch"] / 2) < 20


def test_the_test_batch_takes_a_common_shift_out():
    record = trial("batch_norm.shift").run("live", steps=30)
    for kind in ("brightness", "contrast"):
        arm = {"kind": kind, "statistics": "test batch"}
        calm, hit = (
            record.values("test_error", shift=s, **arm) for s in (0.0, 1.0)
        )
        assert calm == pytest.approx(hit, abs=0.4)


def test_folding_changes_nothing():
    record = trial("batch_norm.folding").run("live", seeds=1)
    assert record.distinct("arm") == ["BatchNorm", "folded"]
    assert max(record.values("deviation")) < 1e-12
