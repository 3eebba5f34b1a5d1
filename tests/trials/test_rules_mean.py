"""The rules on RMSNorm's speed on made-up records, and who races there."""

import pytest
import torch
import torch.nn.functional as F
from made_up import made_up, spread
from test_rules_rms_norm import decide

from normlib.experiments.decisions import WORDS
from normlib.experiments.performance import mean, unfused

FOUND = {"layer": 0.0, "again": 0.0, "more rows": -10.0}


def times(saved, noise=0.3, **other):
    """`saved(cell)` per cent of LayerNorm's time are saved."""

    def value(cell):
        found = (FOUND | other).get(cell["norm"])
        found = saved(cell) if found is None else found
        found += spread(cell, noise) * (cell["norm"] != "layer")
        return {"saved": found, "copies": 2.0}

    return made_up(
        "performance.mean", value, norm=[*mean.KIND],
        phase=[*mean.PHASES],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "there", "elsewhere"),
    [("rms.faster-15-20", 16.5, 40.0), ("rms.why-faster", 20.0, 1.0)],
)
def test_all_four_verdicts(claim, there, elsewhere):
    found = [
        decide(claim, times(saved))
        for saved in (
            lambda cell: there,
            lambda cell: there if cell["library"] == "loops" else elsewhere,
            lambda cell: elsewhere,
        )
    ]
    found.append(decide(claim, times(lambda cell: there, noise=6.0,
                                     again=0.0)))  # fmt: skip
    assert [d.verdict for d in found] == [
        "holds", "holds when", "does not hold", "open",
    ]  # fmt: skip
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS


def test_slower_is_not_15_to_20_percent_faster():
    for saved in (-200.0, 10.0, 30.0):
        found = decide("rms.faster-15-20", times(lambda cell, s=saved: s))
        assert found.verdict == "does not hold"


@pytest.mark.parametrize("blind", [{"again": 9.0}, {"more rows": -2.0}])
@pytest.mark.parametrize("claim", ["rms.faster-15-20", "rms.why-faster"])
def test_a_clock_that_cannot_tell_decides_nothing(claim, blind):
    found = decide(claim, times(lambda cell: 40.0, **blind))
    assert found.verdict == "open" and "insensitive" in found.headline


@pytest.mark.parametrize("library", [n for n in mean.LIBRARIES
                                     if n != "kernels"])  # fmt: skip
def test_who_races_computes_the_norm(library):
    torch._dynamo.reset()  # as before each race
    x, _, w, b = mean.given(0, 6, 32, "float32", "cpu")
    wanted = {
        "layer": F.layer_norm(x, (32,), w, b, unfused.EPS),
        "no mean": F.rms_norm(x, (32,), w, unfused.EPS) + b,
        "rms": F.rms_norm(x, (32,), w, unfused.EPS),
    }
    functions = unfused.functions(library)
    assert {*functions} <= {*wanted}
    assert {"layer", "rms"} <= {*functions}
    for kind, function in functions.items():
        given = [x, w] if kind == "rms" else [x, w, b]
        torch.testing.assert_close(
            torch.as_tensor(function(*given)), wanted[kind],
            atol=1e-5, rtol=1e-5, check_dtype=False,
        )  # fmt: skip


def test_the_phases_of_numpy_are_both_passes():
    x, dy, w, b = mean.given(0, 6, 32, "float32", "cpu")
    for kind, given in (("layer", [x, w, b]), ("no mean", [x, w, b]),
                        ("rms", [x, w])):  # fmt: skip
        both = unfused.phases("numpy")[kind](given, dy)["both"]()
        assert len([g for g in both if g is not None]) == len(given)


def test_everyone_races_who_can():
    config = mean.trial.config("live") | {"shape": [64, 8]}
    for library, count in (("numpy", 5), ("torch.nn", 4)):
        lap = mean.racers(config, library, 0, "cpu")
        assert len(lap) == 2 * count + 1
        for do in lap.values():
            do()
