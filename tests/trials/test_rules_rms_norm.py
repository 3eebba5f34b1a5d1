"""The rules of the chapter on RMSNorm: all four verdicts can be had."""

import numpy as np
import pytest
import torch
from made_up import made_up, spread

from normlib.experiments import trial as find_trial
from normlib.experiments.decisions import WORDS
from normlib.experiments.rms_norm import arithmetic
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
ROUND, BAD, BETWEEN = 1e-15, 0.5, 3e-9
FITS = {
    "centring": [
        "LN(x) − RMS(x − μ)", "cosine", "with defaults, σ = 0.001",
        "with a shift β",
    ],
    "formula": ["RMS = 1", "with γ", "RMS = 0.001", "RMS = 0"],
}  # fmt: skip


def exact(**changed):
    """Eight seeds of both checks, all as the claims say, but `changed`."""
    values = {"null": ROUND, "planted": BAD} | changed
    rows = [
        {"check": check, "seed": seed, "quantity": name,
         "value": values.get(name, ROUND)}
        for check, names in FITS.items()
        for name in [*names, "null", "planted"]
        for seed in range(8)
    ]  # fmt: skip
    trial = find_trial("rms_norm.exact")
    return trial.seal("cpu", trial.presets["cpu"], rows, {})


@pytest.mark.parametrize(
    ("claim", "names", "between"),
    [
        ("rms.drops-mean", FITS["centring"], BETWEEN),
        ("rms.formula", FITS["formula"], 3e-5),
    ],
)
def test_all_four_verdicts_of_what_is_exact(claim, names, between):
    made = (
        {}, {names[-1]: BAD}, dict.fromkeys(names, BAD),
        {names[0]: between},
    )  # fmt: skip
    found = [decide(claim, exact(**changed)).verdict for changed in made]
    assert tuple(found) == VERDICTS


def test_nan_is_off_without_limit():
    found = decide("rms.formula", exact(**{"RMS = 0": None}))
    assert found.when == "rows have RMS 1 and RMS 0.001"
    assert "RMS 0 ∞, for NaN" in found.because


@pytest.mark.parametrize("claim", ["rms.drops-mean", "rms.formula"])
@pytest.mark.parametrize("blind", [{"null": BAD}, {"planted": ROUND}])
def test_a_blind_trial_decides_nothing(claim, blind):
    found = decide(claim, exact(**blind))
    assert found.headline.startswith("Open: insensitive")


def ranges(more, spread=0.0, **controls):
    """RMSNorm's range beyond LayerNorm's is `more(cell)`, ± `spread`."""

    def value(cell):
        own = cell["statistics"] == "own"
        layer = controls.get("own", 4.0) if own else 7.0
        noise = spread * (-1) ** cell["seed"]
        other = layer + controls.get("other", 0.0)
        rms = layer + more(cell) + noise
        ones = controls.get("constant", 0.0)
        return {
            "layer": layer, "rms": rms, "other": other, "constant": ones,
        }  # fmt: skip

    return made_up("rms_norm.range", value)


def test_all_four_verdicts_of_the_ranges():
    made = (
        ranges(lambda cell: 1.0),
        ranges(lambda cell: cell["mean"] > 10),
        ranges(lambda cell: 0.0),
        ranges(lambda cell: 0.3, spread=0.2),
    )
    found = [decide("rms.stable-mixed", record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert found[1].headline == (
        "RMSNorm is safer in 8 of 24 cases, LayerNorm in 0."
    )
    either = ranges(lambda c: 1.0 if c["mean"] > 10 else -1.0 * c["mean"])
    found = decide("rms.stable-mixed", either)
    assert found.headline == (
        "RMSNorm is safer in 8 of 24 cases, LayerNorm in 8."
    )


@pytest.mark.parametrize(
    "blind", [{"other": 1.0}, {"own": 7.0}, {"constant": 0.5}]
)
def test_ranges_that_decide_nothing(blind):
    found = decide("rms.stable-mixed", ranges(lambda cell: 0.0, **blind))
    assert found.headline.startswith("Open: insensitive")


def test_the_three_ways_are_one_function_in_float64():
    x = torch.randn(4, 1024, dtype=torch.float64) + 3
    y = torch.nn.functional.layer_norm(x, (1024,), eps=arithmetic.EPS)
    assert torch.allclose(arithmetic.layer(x), y, atol=1e-12)
    assert torch.allclose(arithmetic.one_pass(x), y, atol=1e-9)
    y = torch.nn.functional.rms_norm(x, (1024,), eps=arithmetic.EPS)
    assert torch.allclose(arithmetic.rms(x), y, atol=1e-12)


def test_an_input_that_does_not_exist_is_not_right():
    row = torch.ones(1, 8, dtype=torch.float64)
    row[:, ::2] = -1
    x = arithmetic.scaled(row, torch.half)
    found = arithmetic.decades(arithmetic.rms, arithmetic.rms, x, "float32")
    powers = np.log10(65504) - arithmetic.LOW  # the largest float16
    assert found.item() == pytest.approx(powers, abs=0.13)


def bits(more, noise=0.005, best=0.01, narrow=0.3):
    """`more(net)` bits with RMSNorm beyond LayerNorm's 3, at one rate."""

    def value(cell):
        extra = {"half as wide": narrow}.get(cell["net"], 0)
        extra += more(cell["net"]) * (cell["norm"] == "rms")
        found = 3.0 + extra + spread(cell | {"rate": 0}, noise)
        found = found if cell["rate"] == best else 6.0
        return {"val_bits": found, "test_bits": found}

    return made_up("rms_norm.quality", value)


def test_the_quality_of_a_language_model():
    found = [
        decide("rms.quality", record)
        for record in (
            bits(lambda net: 0.0),
            bits(lambda net: 0.3 * (net == "behind, 2 blocks")),
            bits(lambda net: 0.3),
            bits(lambda net: 0.045),
        )
    ]
    assert [d.verdict for d in found] == [
        "holds", "holds when", "does not hold", "open",
    ]  # fmt: skip
    assert found[1].when == "the norm stands before, 6 blocks"
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS
    better = decide("rms.quality", bits(lambda net: -0.3))
    assert better.verdict == "holds"


def test_quality_needs_its_controls_and_a_rate_inside():
    coarse = decide("rms.quality", bits(lambda net: 0.0, narrow=0.0))
    assert "insensitive" in coarse.headline
    edge = decide("rms.quality", bits(lambda net: 0.0, best=0.1))
    assert edge.verdict == "open"


def test_a_constant_is_right_nowhere():
    """Though RMSNorm of a row with a large mean is nearly one."""
    x = torch.randn(1, 1024, dtype=torch.float64) + 1000
    x = arithmetic.scaled(x, torch.float16)
    found = arithmetic.decades(
        arithmetic.constant, arithmetic.rms, x, "float32"
    )
    assert found.item() == 0
