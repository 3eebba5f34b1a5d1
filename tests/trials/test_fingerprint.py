"""What a record pins: a changed measurement is noticed, a comment not."""

import importlib
import itertools
import textwrap

import pytest

from normlib import data
from normlib.experiments import fingerprint, trial
from normlib.experiments.batch_norm import shift
from normlib.experiments.introduction import depth
from normlib.experiments.nets import norms, patches, training
from normlib.layers import core

DEPTH, SHIFT = trial("introduction.depth"), trial("batch_norm.shift")


def what_changed(one, change):
    before = one.fingerprint()
    change()
    return fingerprint.changed(before, one.fingerprint())


def test_a_measurement_reaches_nets_layers_and_data():
    pieces = DEPTH.fingerprint()
    wanted = {
        "experiments": (
            "introduction.depth.measure", "introduction.depth.NETS",
            "nets.training.train", "nets.training.DIVERGED",
            "nets.mlp.MLP", "nets.ensemble.Ensemble", "nets.norms.EPS",
        ),
        "layers": ("layer.RMSNorm", "base.RunningNorm", "core.standardize"),
        "data": ("digits", "digits: data"),
    }  # fmt: skip
    for place, names in wanted.items():
        for name in names:
            assert f"normlib.{place}.{name}" in pieces
    assert not [name for name in pieces if not name.startswith("normlib.")]


CHEATS = {
    "a threshold": (training, "DIVERGED", 0.0),
    "a helper": (training, "error", lambda *args, **options: 0.0),
    "a net": (depth, "MLP", patches.PatchNet),
    "a constant of a norm": (norms, "EPS", 1.0),
    "a layer": (core, "working_dtype", lambda dtype: dtype),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_what_is_changed_is_noticed(cheat, monkeypatch):
    module, name, value = CHEATS[cheat]
    assert what_changed(
        DEPTH, lambda: monkeypatch.setattr(module, name, value)
    )


def test_another_measure_is_noticed(monkeypatch):
    """Once it could become `lambda: []` and the record stayed current."""
    record = DEPTH.seal("cpu", DEPTH.presets["cpu"], [], {})
    assert DEPTH.differences(record) == []
    monkeypatch.setattr(DEPTH, "_measure", lambda config, unit, device: [])
    assert DEPTH.differences(record) != []


def test_other_data_are_noticed(monkeypatch):
    x, y = data._digits()
    monkeypatch.setattr(data, "_digits", lambda: (x + 1, y))
    data._digits_digest.cache_clear()
    found = what_changed(DEPTH, lambda: None)
    assert found == []  # both are of the new data
    monkeypatch.undo()
    data._digits_digest.cache_clear()
    monkeypatch.setattr(
        data.digits, "data_digest", lambda: "other", raising=False
    )
    record = DEPTH.seal("cpu", DEPTH.presets["cpu"], [], {})
    monkeypatch.undo()
    assert DEPTH.differences(record) == ["normlib.data.digits: data"]


def test_the_digest_is_of_the_values(monkeypatch):
    x, y = data._digits()
    before = data._digits_digest.__wrapped__()
    monkeypatch.setattr(data, "_digits", lambda: (x + 1, y))
    assert data._digits_digest.__wrapped__() != before


def test_a_function_in_a_table_is_followed(monkeypatch):
    other = shift.KINDS | {"brightness": lambda x, shift: x + 2 * shift}
    assert what_changed(
        SHIFT, lambda: monkeypatch.setattr(shift, "KINDS", other)
    )


def test_a_rule_pins_sentence_code_constants_and_what_is_given(monkeypatch):
    one = trial("batch_norm.best_norm")
    before = one.rule_hashes()
    assert before["bn.cnn"] != before["bn.mlp"]  # net is given
    monkeypatch.setattr(
        "normlib.experiments.batch_norm.best_norm.MARGIN", 2.0
    )
    assert one.rule_hashes()["bn.cnn"] != before["bn.cnn"]
    monkeypatch.undo()
    assert one.rule_hashes() == before
    monkeypatch.setattr("normlib.experiments.decisions.above", depth.best)
    assert one.rule_hashes() == before  # the trial imported its own
    monkeypatch.setattr("normlib.experiments.decisions._state", depth.best)
    assert one.rule_hashes() != before


COUNT = itertools.count()


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Return the pieces of a module that is written to a file."""
    monkeypatch.syspath_prepend(tmp_path)

    def pieces(source):
        name = f"made_up_module_{next(COUNT)}"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        module = importlib.import_module(name)
        found = fingerprint.of(module.measure)
        return {k.replace(name, "here"): v for k, v in found.items()}

    return pieces


BASE = """
    import normlib.experiments.nets.training as training
    LIMIT, NAMES = 3, {"a", "b"}

    class Net:
        def size(self):
            return LIMIT

    def measure(config, unit, device):
        total = 0
        for name in sorted(NAMES):
            if name:
                total += Net().size()
        return [total, training.DIVERGED]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total = 0\n", 'total = 0  # a comment\n\n'),
        ("size(self):", 'size(self) -> int:\n            """Say."""'),
        ("device):", 'device: str):\n        """A docstring."""'),
        ('{"a", "b"}', "{'b', 'a'}"),
        ("[total, training", "[\n        total, training"),
    ],
)  # fmt: skip
def test_comments_docstrings_hints_and_layout_do_not_count(
    written, old, new
):
    assert BASE.replace(old, new) != BASE
    assert written(BASE) == written(BASE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("LIMIT, NAMES = 3", "LIMIT, NAMES = 4", "here.LIMIT"),
        ('"b"}', '"c"}', "here.NAMES"),
        ("return LIMIT", "return LIMIT + 1", "here.Net"),
        ("training.DIVERGED", "training.Curve", "here.measure"),
        # One line further in: text without blanks did not see it.
        (
            "        return [total",
            "            return [total",
            "here.measure",
        ),
    ],
)
def test_all_else_does(written, old, new, piece):
    assert BASE.replace(old, new) != BASE
    before, after = written(BASE), written(BASE.replace(old, new))
    assert piece in fingerprint.changed(before, after)


def test_a_constant_of_another_module_is_followed(written, monkeypatch):
    before = written(BASE)
    monkeypatch.setattr(training, "DIVERGED", 1.0)
    piece = "normlib.experiments.nets.training.DIVERGED"
    assert fingerprint.changed(before, written(BASE)) == [piece]
