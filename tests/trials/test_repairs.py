"""What the page *m, not N* says of BatchNorm's repairs is in the record."""

import pytest

from normlib.experiments import trial
from normlib.experiments.arms import Contrast, read
from normlib.experiments.batch_norm.repairs import WAYS


@pytest.fixture(scope="module")
def record():
    return trial("batch_norm.repairs").record()


def gained_by_renorm(record, net, N):
    plain, own = (
        read(record, net=net, norm=norm, N=N)
        for norm in ("batch", "renorm")
    )
    return Contrast(plain, own).interval()


def test_evalnorm_helps_the_cnn_and_harms_the_mlp(record):
    repairs = trial("batch_norm.repairs")
    for N in (2, 4):
        assert repairs.gained("CNN, offsets", N).low > 0
        assert repairs.gained("MLP", N).high < 0
    two = repairs.over_full("CNN, offsets", "EvalNorm", 2)
    assert two.high < 0  # no more than sets of 32


def test_batch_renorm_helps_the_mlp_most(record):
    for N in (2, 4):
        assert gained_by_renorm(record, "MLP", N).low > 10
        assert gained_by_renorm(record, "CNN, offsets", N).mean < 1


def test_the_figure_is_described_as_it_is(record):
    repairs = trial("batch_norm.repairs")
    worst = [repairs.over_full("MLP", way, 2).mean for way in WAYS]
    assert all(64 < found < 82 for found in worst)
    assert min(worst) == worst[[*WAYS].index("Batch Renorm")]
    assert abs(repairs.over_full("MLP", "Batch Renorm", 32).mean) < 1
    at_two = [repairs.over_full("CNN, offsets", w, 2).mean for w in WAYS]
    assert at_two[0] == max(at_two) and at_two[2] == min(at_two)
    assert repairs.plot()
