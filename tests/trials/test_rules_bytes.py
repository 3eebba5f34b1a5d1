"""The rule of bytes on made-up records, and what is counted."""

import pytest
import torch
from made_up import made_up
from test_rules_rms_norm import decide

from normlib.experiments import trial as find_trial
from normlib.experiments.decisions import WORDS
from normlib.experiments.rms_norm import bytes as trial_of_bytes


def counts(share, again=1.0, half=0.5):
    """`share(unit)` of LayerNorm's bytes are RMSNorm's."""

    def value(cell):
        size = 1 if cell["dtype"] == "float32" else half
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
    x, w = torch.randn(100, 256), [torch.ones(256), torch.zeros(256)]
    found = trial_of_bytes.counted(trial_of_bytes.layer, x, w)
    assert found["x"] == 4 * 100 * 256
    assert found["kept"] == found["x"] + 2 * 4 * 100
    assert found["forward"] >= found["x"] + 2 * 4 * 100
    added = trial_of_bytes.counted(lambda x, w, b: x + w + b, x, w)
    assert added["kept"] == 0


@pytest.mark.parametrize("N", [8, 9])
def test_what_a_compiled_norm_keeps_of_short_rows(N):
    """A sum is computed again if four times its result is no less than
    what is summed: LayerNorm's two numbers in rows of 8, one never.
    """
    x, kept = torch.randn(777, N), {}
    for name, f in trial_of_bytes.norms("compiled").items():
        torch._dynamo.reset()
        w = [torch.ones(N)] * (1 + name.startswith("layer"))
        kept[name] = trial_of_bytes.counted(f, x, w)["kept"] / x.nbytes
    two = 1 if N == 8 else 1 + 2 / N
    assert kept == pytest.approx(
        {"layer": two, "layer, again": two, "rms": 1 + 1 / N}
    )


def test_a_trained_map_behind_keeps_the_output_and_no_matrix():
    x, w = torch.randn(50, 12), [torch.ones(12)] * 2
    W = torch.randn(12, 12)
    both = trial_of_bytes.partial(
        trial_of_bytes.followed, trial_of_bytes.layer
    )
    alone = trial_of_bytes.counted(trial_of_bytes.layer, x, w)["kept"]
    found = trial_of_bytes.counted(both, x, [*w, W])["kept"]
    assert found == alone + x.nbytes


def test_the_peaks_that_the_page_tells():
    """7 per cent fewer, a third, and a twentieth."""
    record = find_trial("rms_norm.bytes").record()
    pair = {"norm": "rms"}, {"norm": "layer"}
    linear = trial_of_bytes.LINEAR
    for by, N, less, off in (
        ("compiled", 12, 7, 0.5), (linear, 12, 34, 1), (linear, 6, 5, 1)
    ):  # fmt: skip
        for dtype in record.distinct("dtype"):
            found = trial_of_bytes.fewer(
                record, *pair, quantity="forward and backward",
                by=by, N=N, dtype=dtype,
            )  # fmt: skip
            mean = found.interval().mean
            assert mean == pytest.approx(less, abs=off)
