"""Group norm's page: its sets, its filters, its numbers."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from normlib import reference as ref
from normlib.experiments import trial as find_trial
from normlib.experiments.arms import read
from normlib.experiments.other_techniques import groups

DIVISORS = [1, 2, 4, 8]


@pytest.mark.parametrize("G", DIVISORS)
def test_a_set_is_a_group_of_one_image(G):
    lit = groups.shares(G)
    assert lit.sum() == groups.C // G * groups.SIDE**2
    assert lit[: groups.C // G].all() and not lit[groups.C // G :].any()


@pytest.mark.parametrize("G", DIVISORS)
def test_a_group_forgets_two_numbers(G):
    assert groups.kept(nn.GroupNorm(G, 8), 8, 2, 2) == 32 - 2 * G


@pytest.mark.parametrize("G", [1, 2, 3, 6])
def test_a_bias_is_pushed_unless_it_is_alone(G):
    db = groups.pushes(G)
    sums = db.view(G, -1).sum(1)
    assert sums.abs().max() < 1e-9
    assert (db.abs() > 1e-3).all() == (G < 6)


def test_the_numbers_by_hand():
    x = np.array([1.0, 3, 6, 10]).reshape(1, 4, 1, 1)
    x_hat, _ = ref.group_norm_forward(x, None, None, num_groups=1, eps=0)
    assert x.mean() == 5 and x.std() == pytest.approx(math.sqrt(46 / 4))
    assert x.std() == pytest.approx(3.39, abs=0.005)
    wanted = [-1.18, -0.59, 0.29, 1.47]
    assert x_hat.ravel() == pytest.approx(wanted, abs=0.005)


def test_the_numbers_of_the_pitfalls_and_answers():
    assert [math.gcd(32, C) for C in (40, 24, 33)] == [8, 8, 1]
    assert 40 % 32 and 24 % 32
    assert 64 // 32 * 49 == 98 == 2 * 49 and 64 // 4 == 16
    for variance, off in ((1, 0.0005), (0.01, 0.05)):  # Keras' ε, PyTorch's
        ratio = math.sqrt((variance + 1e-3) / (variance + 1e-5))
        assert ratio - 1 == pytest.approx(off, rel=0.05)
    alone = nn.GroupNorm(4, 4)
    with pytest.raises(ValueError, match="more than 1 value"):
        alone(torch.randn(1, 4, 1, 1))
    assert alone(torch.randn(2, 4, 1, 1)).abs().max() < 1e-4  # rounding


@pytest.mark.parametrize("m", [3, 20])
def test_a_group_forgets_two_of_its_m_directions(m):
    norm = nn.GroupNorm(2, 2 * m)
    assert groups.kept(norm, 2 * m, 1, 1) == 2 * (m - 2)


def test_brightness_is_forgotten_where_filters_sum_to_zero():
    """What the second answer says, away from the padding."""
    g = torch.Generator().manual_seed(0)
    w = torch.randn(4, 1, 3, 3, generator=g, dtype=torch.float64)
    x = torch.randn(1, 1, 8, 8, generator=g, dtype=torch.float64)
    norm = nn.GroupNorm(2, 4).double()

    def out(w, x):
        return norm(nn.functional.conv2d(x, w))

    even = w - w.mean((1, 2, 3), keepdim=True)
    assert (out(w, 3 * x) - out(w, x)).abs().max() < 1e-3
    assert (out(w, x + 5) - out(w, x)).abs().max() > 0.1
    assert (out(even, x + 5) - out(even, x)).abs().max() < 1e-9


def test_how_many_groups_as_the_page_tells_it():
    many = find_trial("other_techniques.how_many")
    assert many.best("MLP") == 1 and many.best("CNN, offsets") == 16
    record = many.record()
    error = {
        G: read(record, net="MLP", G=G).interval().mean
        for G in record.config["G"]
    }
    ordered = [error[G] for G in (1, 2, 4, 8, 16, 32)]
    assert ordered == sorted(ordered)
    assert 44 < error[16] < 50 and error[32] > 97  # m = 4, and 2
    by_image = many.beyond("CNN, offsets", 16)
    assert round(by_image.mean, 1) == -3.9 and by_image.high < 0
    plain = [many.beyond("CNN", G).mean for G in (1, 2, 4, 8, 16)]
    assert min(plain) > 0 and max(plain) < 2  # hardly counts
    for net in record.distinct("net"):
        for G in record.distinct("G", net=net):
            if error[G] < 90:  # no chosen rate at an edge
                rates = record.config["rates"]
                own = [
                    np.mean(
                        record.values("val_error", net=net, G=G, rate=r)
                    )
                    for r in rates
                ]
                assert 0 < np.argmin(own) < len(rates) - 1
