"""What *Placement* says of HybridNorm is in the records."""

import pytest

from normlib.experiments import trial
from normlib.experiments.arms import Contrast
from normlib.experiments.layer_norm import depths
from normlib.experiments.layer_norm.placements import bits


def test_the_gradient_is_the_products():
    record = trial("layer_norm.depths").record()
    for depth in record.distinct("depth"):
        told = depths.ratio("hybrid", depth)
        found = depths.grows(record, net="HybridNorm", depth=depth).mean
        assert abs(told - found) < 0.25  # decades
    said = trial("layer_norm.depths").beside(net="HybridNorm", depth=32)
    assert said == "4.2 predicted, 4.8 measured"


def test_its_first_step_goes_as_far_as_behind():
    record = trial("layer_norm.depths").record()
    hybrid, behind = (
        10 ** depths.moves(record, net=net, depth=32).mean
        for net in ("HybridNorm", "behind")
    )
    assert hybrid == pytest.approx(behind, rel=0.05)


def test_it_reads_better_than_behind_and_less_well_than_before():
    record = trial("layer_norm.placement").record()
    own = bits(record, "HybridNorm")
    assert Contrast(bits(record, "behind"), own).interval().low > 0
    assert Contrast(own, bits(record, "before")).interval().low > 0


def test_nearly_every_net_without_a_norm_is_lost():
    record = trial("layer_norm.placement").record()
    lost = record.values("test_bits", net="no norm", rate=0.03)
    assert sum(b > 6 for b in lost) > 0.9 * len(lost)


def test_what_the_norm_before_saves_without_one_rate():
    record = trial("layer_norm.placement").record()

    def mean(net):
        rates = (0.001, 0.003, 0.01, 0.1)
        return sum(
            min(pair)
            for rate in rates
            for pair in zip(
                record.values("test_bits", net=net, rate=rate),
                record.values("table_bits", net=net, rate=rate),
                strict=True,
            )
        )

    assert f"{100 * (1 - mean('before') / mean('no norm')):.1f}" == "1.7"
