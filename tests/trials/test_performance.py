"""The steps of the ladder are right, and the race is fair."""

import json
from zipfile import ZipFile

import numpy as np
import pytest
import torch

from normlib import records
from normlib import reference as ref
from normlib.commands import main
from normlib.experiments.performance import (
    benchmark,
    contenders,
    costs,
    ladder,
    memory,
    race,
    steps,
)
from normlib.source import show

# float32: 48 operations deep as in tests/kernels/exactly.py, and sums
# down at most 600 rows; values are of the order of 1.
CLOSE = {"rtol": 1e-5, "atol": 2e-4}


def arrays(M, N):
    rng = np.random.default_rng(0)
    return (
        rng.normal(1, 2, (M, N)).astype(np.float32),
        rng.normal(1, 0.5, N).astype(np.float32),
        rng.normal(size=(M, N)).astype(np.float32),
    )


def wanted(x, w, dy):
    x, w, dy = (a.astype(np.float64) for a in (x, w, dy))
    y, cache = ref.rms_norm_forward(x, w, eps=steps.EPS)
    return y, *ref.rms_norm_backward(dy, cache)


def close(got, want):
    for a, b in zip(got, want, strict=True):
        assert np.asarray(a).dtype == np.float32
        np.testing.assert_allclose(a, b, **CLOSE)


@pytest.mark.parametrize("step", ["naive", "lean", "blocked"])
@pytest.mark.parametrize("M", [1, 255, 256, 600])
def test_steps_in_numpy(step, M):
    x, w, dy = arrays(M, 24)
    before = x.copy(), w.copy(), dy.copy()
    y, kept = getattr(steps, f"{step}_forward")(x, w)
    close([y, *getattr(steps, f"{step}_backward")(dy, kept)],
          wanted(x, w, dy))  # fmt: skip
    for a, b in zip((x, w, dy), before, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("step", [steps.Blocked, steps.Compiled])
def test_steps_in_torch(step):
    x, w, dy = (torch.from_numpy(a) for a in arrays(600, 24))
    x.requires_grad_(), w.requires_grad_()
    y = step.apply(x, w)
    dx, dw = torch.autograd.grad(y, (x, w), dy)
    close([t.detach().numpy() for t in (y, dx, dw)],
          wanted(*(t.detach().numpy() for t in (x, w, dy))))  # fmt: skip


def test_blocked_batch_norm():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (4, 5, 6, 7)).astype(np.float32)
    g, b = rng.normal(size=(2, 5)).astype(np.float32)
    want, _ = ref.batch_norm_forward(
        x.astype(float), *map(np.float64, (g, b))
    )
    np.testing.assert_allclose(
        steps.blocked_batch_norm(x, g, b), want, **CLOSE
    )


def test_runners_run_in_turn():
    calls = []
    laps = {n: (lambda n=n: calls.append(n) or _wait()) for n in "ab"}
    times = race.run(laps, rounds=3, device="cpu")
    assert "".join(calls[-6:]) == "ababab"
    assert all(len(t) == 3 and min(t) >= 2e-3 for t in times.values())


def _wait():
    end = race.time.perf_counter() + 2e-3
    while race.time.perf_counter() < end:
        pass


def test_a_short_function_is_repeated():
    calls = []
    race.run({"a": lambda: calls.append(1)}, rounds=1, device="cpu")
    assert len(calls) > 100


def test_a_ratio_is_taken_round_by_round():
    """A slow second round hits both, and leaves the ratio alone."""
    found = race.in_units([2.0, 20.0, 2.0], [1.0, 10.0, 1.0])
    assert found == (2.0, 2.0, 2.0)


def saved_copies(norm, name, shape):
    given = contenders.tensors(norm, shape, "float32", "cpu")
    function = contenders.torch_contenders(norm, [name])[name]
    kept = memory.saved(function, given)
    return kept / given[0].nbytes


def test_bytes_kept_for_the_backward():
    """torch.nn's LayerNorm keeps x and two numbers a row; an RMSNorm made
    of parts keeps x̂ as well."""
    assert saved_copies("layer", "eager", (64, 1000)) == pytest.approx(
        1.0, abs=0.01
    )
    assert saved_copies("layer", "layers", (64, 1000)) > 1.9


def test_peak_of_a_function_that_makes_two_arrays():
    x = torch.ones(1000, 1000)
    two = pytest.approx(2 * x.nbytes, rel=0.01)  # and some scalars
    assert memory.peak(lambda: (x + 1, x + 2), "cpu") == two
    assert memory.peak(lambda: x + 1 + 2 + 3, "cpu") == two
    a = x.numpy()
    assert memory.peak(lambda: (a + 1, a + 2), "cpu", numpy=True) == two


@pytest.mark.parametrize(
    "norm", [n for norms in contenders.KINDS.values() for n in norms]
)
def test_libraries_agree(norm):
    shape = (4, 8, 3, 3) if norm in contenders.KINDS["images"] else (6, 8)
    given = contenders.tensors(norm, shape, "float32", "cpu")
    found = contenders.torch_contenders(norm, ["layers", "eager"])
    outs = [f(*given) for f in found.values()]
    torch.testing.assert_close(*outs)
    ours = contenders.reference(norm, given)["forward"]()[0]
    theirs = outs[0][0] if norm == "residual" else outs[0]
    torch.testing.assert_close(torch.from_numpy(ours), theirs)


def test_a_compiled_backward_runs_again():
    """On a GPU the backward is timed by itself, many times."""
    given = contenders.tensors("rms", (6, 8), "float32", "cpu")
    function = contenders.torch_contenders("rms", ["compiled"])["compiled"]
    leaves = [t.requires_grad_() for t in given]
    y = function(*leaves)
    once, again = (
        torch.autograd.grad(
            y, leaves, torch.ones_like(y), retain_graph=True
        )
        for _ in range(2)
    )
    assert all(map(torch.equal, once, again))


def test_the_command(tmp_path, capsys, monkeypatch):
    small = benchmark.trial.presets["live"] | {
        "features": [8], "rows": [4], "images": [4], "matrices": [8],
        "contenders": ["reference", "eager"], "rounds": 2,
    }  # fmt: skip
    monkeypatch.setitem(benchmark.trial.presets, "live", small)
    file = tmp_path / "new" / "mine.json"
    assert main(["bench", "--quick", "--out", str(file)]) == 0
    said = capsys.readouterr().out
    for name in (
        "LayerNorm 4×8",
        "WeightNorm 8×8",
        "GB/s",
        "saved",
        "peak",
    ):
        assert name in said
    record = records.read(file)
    assert record.provenance["processor"] and record.repeats == "2 rounds"


def test_what_the_page_prints():
    record = benchmark.trial.record()
    assert {u["shape"] for u in costs.shown(record).values()} == {
        "8192×1024", "32×64×56×56", "4096×4096",
    }  # fmt: skip
    first, *others = benchmark.trial.kept().rows
    assert first == ("LayerNorm", "2.0", "1.0", "1.0") and len(others) == 6
    climbed = ladder.trial.table()
    assert len(climbed.rows) == len(ladder.trial.presets["cpu"]["steps"])


def test_a_thing_is_shown_without_importing_it():
    text = show(
        "kernels.backward.whole_rows", "layers.running.update_"
    ).text
    assert text.count("def ") == 2 and '"""' not in text
    method = show("experiments.nets.renorm.BatchRenorm2d.correct").text
    assert method.startswith("@torch.no_grad()\ndef correct(")
    assert show(steps.naive_forward) == show(
        "experiments.performance.steps.naive_forward"
    )
    for name in ("kernels.nowhere.rows", "layers.running.nothing", "x"):
        with pytest.raises(ValueError, match=f"show: got '{name}'"):
            show(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_bench_names_a_device_that_is_not_there(capsys):
    assert main(["bench", "--device", "cuda", "--quick"]) == 2
    assert "device: got 'cuda'" in capsys.readouterr().err


def test_a_bundle_holds_every_record(tmp_path, capsys):
    out, file = tmp_path / "records", tmp_path / "all.zip"
    name = "batch_norm.exact"
    arguments = [name, "--out", str(out), "--bundle", str(file)]
    assert main(["record", *arguments]) == 0
    with ZipFile(file) as archive:
        assert archive.namelist() == [f"{name}.cpu.json"]
        assert json.loads(archive.read(f"{name}.cpu.json"))["trial"] == name
    assert main(["record", *arguments]) == 0  # current, and bundled again
    assert "current" in capsys.readouterr().out
