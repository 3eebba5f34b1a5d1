"""The steps of the ladder are right, and the race is fair."""

import json
from dataclasses import replace
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
    entry,
    ladder,
    memory,
    race,
    steps,
    targets,
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
    assert len(calls) > 10  # many where nobody else wants the processor


def test_a_ratio_is_taken_round_by_round():
    """A slow second round hits both, and leaves the ratio alone."""
    found = race.in_units([2.0, 20.0, 2.0], [1.0, 10.0, 1.0])
    assert found == (2.0, 2.0, 2.0)


class Event:
    """A GPU's event, on a GPU that sleeps for so many launches."""

    asleep, now, log = 0, 0, ()

    def __init__(self, enable_timing):
        assert enable_timing

    def record(self):
        Event.log.append("event")
        self.at = Event.now

    def query(self):
        return Event.asleep < 2 * race.CYCLES

    def synchronize(self):
        Event.log.append("end")

    def elapsed_time(self, end):
        return end.at - self.at  # milliseconds


def test_on_a_gpu_the_launch_is_hidden(monkeypatch):
    """Asleep too shortly, it sleeps longer; the order is what matters."""

    def sleep(cycles):
        Event.log.append("sleep")
        Event.asleep = cycles

    def call():
        Event.log.append("call")
        Event.now += 3

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "_sleep", sleep)
    monkeypatch.setattr(race, "FLUSH", 64)
    monkeypatch.setattr(Event, "log", [])
    time_one = race._on_gpu("cpu")
    seconds, host = time_one(call, 1)
    once = ["sleep", "event", "call", "event", "end"]
    assert Event.log == once + once and seconds == 3e-3 and 0 < host < 1
    time_one(call, 1)
    assert Event.log == 3 * once  # and now it knows how long
    monkeypatch.setattr(Event, "query", lambda self: True)
    assert time_one(call, 1).seconds == 3e-3  # it waits by itself


def race_of(**functions):
    """Enter functions (x, w) beside torch's own RMSNorm."""
    given = contenders.tensors("rms", (6, 8), "float32", "cpu")
    makers = {name: (lambda f=f: f) for name, f in functions.items()}
    return entry.enter("rms", [*makers], given, "float32", makers)


def test_who_is_wrong_absent_or_broken_is_named():
    eager = contenders.library("rms", torch.nn.functional)

    def unwritten(x, w):
        rows = torch.arange(len(x))[:, None] < len(x) - 1
        return torch.where(rows, eager(x, w), float("nan"))

    def wrong_gradient(x, w):
        return eager(x, w) + 0.01 * (w - w.detach())

    def broken(x, w):
        raise RuntimeError("no kernel image\nis available")

    entries, faults = race_of(
        eager=eager, unwritten=unwritten, broken=broken,
        wrong_gradient=wrong_gradient, none=None,
    )  # fmt: skip
    assert [*entries] == ["eager"]
    assert [*entries["eager"].phases] == ["forward", "both"]
    assert faults.pop("wrong_gradient").startswith("dγ is off by ")
    assert faults == {
        "unwritten": "y is off by nan",
        "broken": "RuntimeError: no kernel image",
    }
    given = contenders.tensors("rms", (6, 8), "float32", "cpu")
    _, faults = entry.enter("rms", ["quack", "liger"], given, "float32")
    for name in ("quack", "liger"):
        assert faults.get(name, "Error").partition(":")[0].endswith("Error")
    given = contenders.tensors("batch", (2, 3, 4, 4), "float32", "cpu")
    wanted = ["eager", "quack", "liger", "kernels"]
    entries, faults = entry.enter("batch", wanted, given, "float32")
    assert [*entries] == ["eager"] and not faults  # has no BatchNorm


def test_a_gpu_record_says_what_it_was_set_to_reach(monkeypatch):
    """Made here: our kernels at 0.97 of a copy, Liger at half of that."""
    unit = {"norm": "rms", "shape": "64×4096", "dtype": "bfloat16",
            "threads": 1}  # fmt: skip
    times = {
        ("copy", "forward"): 2.0, ("elementwise", "forward"): 1.94,
        ("kernels", "forward"): 2.0, ("kernels", "backward"): 3.6,
        ("kernels", "both"): 5.6, ("liger", "forward"): 4.0,
        ("liger", "backward"): 4.5, ("liger", "both"): 8.0,
    }  # fmt: skip
    rows = [
        unit | {"contender": c, "phase": p, "seed": seed, "note": ""}
        | {"seconds": t * (1 + seed), "host": 3e-5, "bytes": None}
        for (c, p), t in times.items() for seed in range(3)
    ]  # fmt: skip
    why = {"contender": "quack", "phase": "absent", "note": "no quack"}
    rows.append(rows[0] | why | {"seconds": None, "host": None})
    record = replace(benchmark.trial.record(), rows=rows, preset="gpu")
    (row,) = targets.goals(record).rows
    assert row == (
        "rms 64×4096 bfloat16", "0.97 met", "2.00 met", "–", "–",
        "0.81 missed", "1.25 missed", "–", "–",
    )  # fmt: skip
    printed = repr(costs.table(record))
    assert "no quack" in printed and "30 µs" in printed
    assert targets.goals(benchmark.trial.record()).rows == []
    assert costs.plot(record)


def test_shapes_fill_the_memory_and_the_compiler_takes_few():
    config = benchmark.trial.config("gpu")
    units = benchmark.trial.work(config)
    shapes = [u["shape"] for u in units if u["norm"] == "rms"]
    assert shapes[0] == "32768×4096" and "1024×131072" in shapes
    assert shapes[10] == "16384×4096" and len(shapes) == 15  # float32
    for unit in units:
        found = benchmark.entered(config, unit)
        features = int(unit["shape"].split("×")[1])
        few = unit["dtype"] == "bfloat16" and features in (
            1024,
            4096,
            16384,
        )
        assert ("compiled" in found) == few and "kernels" in found


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
    assert first == ("LayerNorm", "2.0", "1.0", "1.0", "1.0")
    assert len(others) == 6
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
