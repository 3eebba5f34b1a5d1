"""The rule of bytes on made-up records, and what is counted."""

import pytest
import torch
from audit import in_a_process
from made_up import made_up
from test_rules_rms_norm import decide

from normlib.experiments.decisions import WORDS
from normlib.experiments.rms_norm import bytes as trial_of_bytes


def counts(share, again=1.0, half=0.5):
    """`share(unit)` of LayerNorm's bytes are RMSNorm's."""

    def value(cell):
        size = {"float32": 1, "bfloat16": half}[cell["dtype"]]
        factor = {"rms": share(cell), "layer, again": again}
        n = cell["N"] * (1 + cell["seed"]) * size
        n *= factor.get(cell["norm"], 1)
        return {"bytes": n}

    quantities = ["x", *trial_of_bytes.QUANTITIES]
    norms = ["layer", "layer, again", "rms"]
    return made_up("rms_norm.bytes", value, norm=norms, quantity=quantities)


def test_all_four_verdicts():
    found = [
        decide("rms.memory", counts(share))
        for share in (
            lambda cell: 0.9,
            lambda cell: 0.9 if cell["by"] == "compiled" else 1.0,
            lambda cell: 2.0 if cell["quantity"] == "kept" else 0.9,
            lambda cell: 0.9 + 0.1 * (cell["seed"] % 2),
        )
    ]
    assert [d.verdict for d in found] == [
        "holds", "holds when", "does not hold", "open",
    ]  # fmt: skip
    for decision in found:
        assert 0 < len(decision.headline.split()) <= WORDS


@pytest.mark.parametrize("blind", [{"again": 1.1}, {"half": 1.0}])
def test_counts_that_cannot_count_decide_nothing(blind):
    found = decide("rms.memory", counts(lambda cell: 2.0, **blind))
    assert found.verdict == "open"
    assert "insensitive" in found.headline


def test_what_is_counted_of_norms_whose_bytes_are_known():
    """LayerNorm keeps x, μ and 1/σ of each row; a sum keeps nothing."""
    x = torch.randn(100, 256)
    found = trial_of_bytes.counted(trial_of_bytes.layer, x, 2)
    assert found["x"] == 4 * 100 * 256
    assert found["kept"] == found["x"] + 2 * 4 * 100
    assert found["forward"] >= found["x"] + 2 * 4 * 100
    added = trial_of_bytes.counted(lambda x, w, b: x + w + b, x, 2)
    assert added["kept"] == 0


def kept_when_compiled():
    """Return what norms keep, alone and with a linear map behind."""
    x, W = torch.randn(777, 8), torch.randn(8, 8)
    alone, behind = {}, {}
    for name, f in trial_of_bytes.norms("compiled").items():
        n = 1 + name.startswith("layer")
        alone[name] = trial_of_bytes.counted(f, x, n)["kept"]
        norm = getattr(trial_of_bytes, name.split(",")[0])
        both = torch.compile(
            lambda *a, norm=norm: torch.nn.functional.linear(norm(*a), W)
        )
        behind[name] = trial_of_bytes.counted(both, x, n)["kept"]
    return alone, behind


def test_compiled_with_a_linear_map_behind_rms_norm_keeps_more():
    """A reviewer's finding; alone it keeps one number in D + 2 less."""
    alone, behind = in_a_process(kept_when_compiled)
    assert alone["rms"] / alone["layer"] == pytest.approx(9 / 10)
    assert behind["rms"] > 1.03 * behind["layer"]
