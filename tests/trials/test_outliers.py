"""Outliers planted and mended: the same function, other numbers."""

import math

import pytest
import torch

from normlib.experiments.layer_norm import outliers, swap
from normlib.experiments.layer_norm.swap import CONFIG, places
from normlib.experiments.nets.transformer import Transformer


@pytest.fixture
def net():
    """γ and β drawn too: γ of both signs would do, 0 would not."""
    torch.manual_seed(0)
    net = Transformer(
        0, norm="layer", depth=2, width=CONFIG["width"], length=32
    )
    for owner, name, _ in places(net):
        norm = getattr(owner, name)
        norm.weight.data = torch.rand(CONFIG["width"]) + 0.5
        norm.bias.data = torch.randn(CONFIG["width"])
    return net.double()


@pytest.fixture
def x():
    return torch.randint(128, (4, 32))


CHANGES = {
    "planted": lambda net: outliers.planted(net, 300.0),
    "planted in W": lambda net: outliers.planted(net, 1 / 300),
    "without scale": outliers.without_scale,
    "balanced": outliers.balanced,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_function_stays_and_so_does_the_net_given(change, net, x):
    before = net(x)
    torch.testing.assert_close(change(net)(x), before)
    assert torch.equal(net(x), before)


def test_without_scale_leaves_xhat_within_its_bound(net):
    plain = outliers.without_scale(net)
    for owner, name, _ in places(plain):
        norm = getattr(owner, name)
        torch.testing.assert_close(
            norm.weight, torch.ones_like(norm.weight)
        )
        norm.bias.data.zero_()
    bound = math.sqrt(CONFIG["width"] - 1)
    assert max(y.abs().max() for y in outliers.behind(plain)) < bound


def test_balanced_makes_feature_and_column_equally_large(net):
    mild = outliers.balanced(outliers.planted(net, 300.0))
    pairs = zip(outliers.behind(mild), places(mild), strict=True)
    for y, (_, _, reader) in pairs:
        torch.testing.assert_close(
            y.abs().amax((0, 1)), reader.weight.abs().amax(0)
        )


@pytest.mark.parametrize("dim", [None, -1])
def test_rounding(dim):
    x = torch.randn(50, 40, generator=torch.Generator().manual_seed(1))
    x[3] *= 100
    top = x.abs().max() if dim is None else x.abs().amax(-1, True)
    y, step = outliers.rounded(x, dim), top / 127
    assert ((y - x).abs() <= step / 2 * (1 + 1e-6)).all()
    whole = y / step
    torch.testing.assert_close(whole, whole.round())
    assert whole.abs().max() <= 127 + 1e-3
    assert outliers.rounded(torch.zeros(3)).tolist() == [0, 0, 0]


def test_eight_bits_round_what_is_read_and_the_rows(net, x):
    before = net(x)
    small = outliers.eight_bits(net)
    assert torch.equal(net(x), before) and not torch.equal(small(x), before)
    for _, _, reader in places(small):
        for row in reader.weight:
            assert len(row.abs().unique()) <= 128
    seen = []
    places(small)[0][2].register_forward_pre_hook(
        lambda _, args: seen.extend(args)
    )
    small(x)
    assert len(seen[0].abs().unique()) <= 128


def test_kurtosis_is_1_if_all_are_equal_and_D_if_one_has_all(net):
    loud = outliers.planted(net, 1e9)
    assert outliers.kurtosis(loud) == pytest.approx(CONFIG["width"])
    plain = outliers.without_scale(net)
    for owner, name, _ in places(plain):
        getattr(owner, name).bias.data.zero_()
    assert 1 <= outliers.kurtosis(plain) < 1.5


def test_a_loud_feature_rounds_the_others_to_nothing(net):
    """From c max|y| / 254 = |y| on: the page's step is 3c/127."""
    for c, gone in ((1, 0.1), (1000, 0.9)):
        y = outliers.behind(outliers.planted(net, c))[0]
        zeros = (outliers.rounded(y) == 0).double().mean()
        assert (zeros > gone) == (c > 1)


def test_what_the_page_says_of_the_trained_net():
    """Largest |y| of the feature about 3, others about 1, kurtosis 1."""
    net = swap.trained()
    y = torch.cat([y.flatten(0, 1) for y in outliers.behind(net)])
    assert y[:, outliers.FEATURE].abs().max() == pytest.approx(3, abs=0.5)
    assert y.std() == pytest.approx(1, abs=0.15)
    assert 1 <= outliers.kurtosis(net) < 1.5
    step = 85 * 3 / 127  # "most numbers are rounded to nothing"
    assert (y.abs() < step / 2).double().mean() > 0.5
