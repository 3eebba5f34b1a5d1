"""Norms swapped in a Transformer: what stays, and what does not."""

import pytest
import torch

from normlib.experiments.layer_norm import swap
from normlib.experiments.nets.transformer import Transformer


@pytest.fixture
def net():
    """Parameters drawn at random, means and β included, in float64."""
    torch.manual_seed(0)
    net = Transformer(0, norm="layer", depth=2, width=16, length=32)
    for p in net.parameters():
        p.data += torch.randn(p.shape) + 0.5 * (p.ndim == 2)
    return net.double()


@pytest.fixture
def x():
    return torch.randint(128, (4, 32))


def test_centring_changes_no_output_and_swapping_after_it_neither(net, x):
    mild = swap.centred(net)
    torch.testing.assert_close(mild(x), net(x))
    stream = torch.stack(mild(x, every=True)[1])
    assert stream.mean(-1).abs().max() < 1e-9
    torch.testing.assert_close(swap.swapped(mild)(x), net(x))


def test_without_centring_it_changes(net, x):
    assert (swap.swapped(net)(x) - net(x)).abs().max() > 0.1


def test_the_net_given_stays_as_it_was(net, x):
    before = net(x)
    swap.swapped(swap.centred(net))
    assert torch.equal(net(x), before)
    kinds = {type(m).__name__ for m in swap.swapped(net).modules()}
    assert "RMSNorm" in kinds and "LayerNorm" not in kinds


def test_the_gradient_of_an_embedding_has_no_mean():
    """With LayerNorm before each sublayer; with RMSNorm it has."""
    for norm, small in (("layer", True), ("rms", False)):
        net = Transformer(1, norm=norm, depth=2, width=16, length=32)
        mean, largest = swap.pull(net)
        assert (mean < 1e-5 * largest) is small


def test_means_of_a_random_stream():
    """At the start |μ|/σ is about 1/√D."""
    net = Transformer(0, norm="layer", depth=1, width=64, length=32)
    assert swap.ratios(net)[0] == pytest.approx(1 / 8, abs=0.03)


def test_a_table_of_pairs_knows_more_than_chance_and_no_more_than_it_may():
    assert 3 < swap.pairs() < 4  # 4.5 bits without what goes before


def test_it_writes_what_it_thinks_likely(net):
    with torch.no_grad():
        net.output.weight.zero_()
        net.output.bias.zero_()
        net.output.bias[ord("x")] = 100
    assert swap.writes(net, "def ", 5) == "def xxxxx"
    net.output.bias.data[ord("y")] = 100
    written = swap.writes(net, "z" * 40, 60)[40:]
    assert set(written) == {"x", "y"} and len(written) == 60
