"""Every preset takes the same code path, here with everything small."""

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from normlib import figures
from normlib.experiments import ensemble, trial, trials
from normlib.experiments.introduction import choice, mean_field

SMALL = {
    "seeds": 2,
    "depths": [2, 3],
    "depth": 3,
    "width": 8,
    "batch": 8,
    "rates": [0.1],
    "gains": [1.0, 10.0],
    "every": 1,
    "looks": [1, 3],
    "channels": 8,
    "side": 8,
    "repeats": 2,
    "groups": [2, 4, 8],
    "renorm": [2],
    "hidden": 8,
    "features": [8],
    "rows": [4],
    "images": [4],
    "matrices": [8],
    "rounds": 2,
    "races": {"rms": [4, 8], "batch": [2, 3, 4, 4]},
    "contenders": ["layers", "eager"],
    "steps": 3,
}


TIMED = ("seconds",)


def shrunk(one, preset):
    changes = {k: v for k, v in SMALL.items() if k in one.presets[preset]}
    if one.name == "performance.ladder":  # what no compiler has to make
        changes["steps"] = ["naive", "blocked", "autograd", "eager"]
        changes["dtype"] = "float32"
    return one.run(preset, device="cpu", **changes)


@pytest.mark.parametrize("preset", ["live", "cpu", "gpu"])
@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_a_preset_runs(one, preset):
    record = shrunk(one, preset)
    assert {row["seed"] for row in record.rows} == {
        record.config["first_seed"] + i for i in range(2)
    }
    assert len({tuple(row) for row in record.rows}) == 1
    assert isinstance(one.plot(record), Figure)
    assert figures.provenance(record).startswith(one.name)


@pytest.mark.parametrize("one", trials(), ids=lambda t: t.name)
def test_a_run_repeats_itself(one):
    a, b = (
        [{k: v for k, v in row.items() if k not in TIMED} for row in rows]
        for rows in (shrunk(one, "live").rows for _ in range(2))
    )
    assert a == b


def test_unknown_settings_are_named():
    with pytest.raises(ValueError, match="config: got colour"):
        trial("introduction.depth").run("live", colour=1)


def test_other_pictures():
    one = trial("introduction.depth")
    assert isinstance(choice.plot(shrunk(one, "cpu")), Figure)
    one = trial("introduction.gradients")
    assert isinstance(mean_field.plot(shrunk(one, "cpu")), Figure)


def test_a_guess_is_drawn():
    one = trial("introduction.gradients")
    record = shrunk(one, "live")
    for guess in ({"none": -3}, {"none": None}, {}, None):
        fig = one.plot(record, guess=guess)
        stars = [
            line for ax in fig.axes for line in ax.lines
            if line.get_marker() == "*"
        ]  # fmt: skip
        assert len(stars) == (guess == {"none": -3})


@pytest.mark.parametrize("norm", ["none", "batch", "layer", "rms"])
def test_a_member_of_an_ensemble_is_a_net_of_its_own(norm):
    """One ensemble of two equals two nets built from torch.nn."""
    net = ensemble.make(
        norm=norm, act="relu", init="default", depth=2, width=6,
        seeds=[1, 2], dtype=torch.float64,
    )  # fmt: skip
    x = torch.randn(2, 9, 64, dtype=torch.float64)
    layers = {
        "none": torch.nn.Identity,
        "batch": lambda: torch.nn.BatchNorm1d(6).double(),
        "layer": lambda: torch.nn.LayerNorm(6).double(),
        "rms": lambda: torch.nn.RMSNorm(6, eps=1e-5).double(),
    }
    for _ in range(3):
        ours = net(x)
    evaluated = net(x, training=False)
    for e in range(2):
        norms = [layers[norm]() for _ in range(2)]
        for mode in (True, True, True, False):
            h = x[e]
            for k in range(3):
                h = h @ net.W[k][e] + net.b[k][e]
                if k < 2:
                    norms[k].train(mode)
                    h = torch.relu(norms[k](h))
            want = ours if mode else evaluated
            torch.testing.assert_close(want[e], h)


def test_a_diverged_member_disturbs_no_other():
    both = ensemble.make(
        norm="none", act="relu", init="scaled", depth=2, width=6,
        seeds=[1, 2],
    )  # fmt: skip
    alone = ensemble.make(
        norm="none", act="relu", init="scaled", depth=2, width=6, seeds=[2]
    )
    kwargs = {"steps": 5, "batch": 8}
    data = ensemble.splits([1, 2])
    rates = torch.tensor([1e30, 0.01])
    ensemble.train(both, data, lr=rates, seeds=[1, 2], **kwargs)
    ensemble.train(
        alone, ensemble.splits([2]), lr=rates[1:], seeds=[2], **kwargs
    )
    for one, other in zip(both.W, alone.W, strict=True):
        torch.testing.assert_close(one[1], other[0])
    assert ensemble.error(both, data.test_x, data.test_y)[0] == 90


def test_the_mean_field_agrees_with_the_formulae_of_the_page():
    got = mean_field.predicted("batch", "relu", "default", 50)
    assert got == pytest.approx(
        49 / 2 * np.log10(np.pi / (np.pi - 1)), rel=1e-4
    )
    got = mean_field.predicted("none", "relu", "default", 50)
    assert got == pytest.approx(-49 / 2 * np.log10(6), rel=1e-4)
    assert mean_field.predicted("layer", "relu", "scaled", 50) == (
        pytest.approx(0, abs=1e-3)
    )
