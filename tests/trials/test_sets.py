"""BatchNorm over sets, and how many independent values a set is worth."""

from functools import partial

import pytest
import torch

from normlib.data import Split
from normlib.experiments.nets import sets
from normlib.experiments.nets.ensemble import Ensemble
from normlib.experiments.nets.sets import SetBatchNorm, places
from normlib.experiments.nets.tiles import TileNet

CASES = [(2, 1), (2, 4), (3, 16), (6, 2), (12, 16)]


def draw(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("n", "k"), CASES)
def test_a_set_is_n_images_and_k_positions_of_each(n, k):
    order, back = places(12, 16, n, k)
    assert (order[back] == torch.arange(12 * 16)).all()
    for one in order.view(-1, n * k):
        assert sorted(one.tolist()) == sorted({*one.tolist()})
        image = (one // 16).bincount(minlength=12)
        assert sorted(image.tolist()) == [0] * (12 - n) + [k] * n
        first = int(image.nonzero()[0])
        assert first % n == 0 and image[first : first + n].sum() == n * k


@pytest.mark.parametrize(("n", "k"), CASES)
def test_each_set_is_normalized_as_torch_does(n, k):
    x = draw(12, 5, 4, 4)
    own, theirs = SetBatchNorm(5, n, k), torch.nn.BatchNorm1d(5)
    theirs.momentum, moments = 1.0, []
    y, want = own(x), torch.empty(5, 12 * 16)
    flat = x.transpose(0, 1).flatten(1)
    for one in places(12, 16, n, k)[0].view(-1, n * k):
        want[:, one] = theirs(flat[:, one].T).detach().T
        moments.append(
            (theirs.running_mean.clone(), theirs.running_var.clone())
        )
    torch.testing.assert_close(y.transpose(0, 1).flatten(1), want)
    mean, var = (torch.stack(v).mean(0) for v in zip(*moments, strict=True))
    torch.testing.assert_close(own.norm.running_mean, 0.1 * mean)
    torch.testing.assert_close(own.norm.running_var, 0.9 + 0.1 * var)


def test_two_values_pass_no_gradient():
    x = draw(8, 3, 4, 4).double().requires_grad_()
    layer = SetBatchNorm(3, 2, 1).double()
    layer.norm.eps = 0.0
    y = layer(x)
    torch.testing.assert_close(y.abs(), torch.ones_like(y))
    (dx,) = torch.autograd.grad((y * draw(8, 3, 4, 4, seed=1)).sum(), x)
    assert dx.abs().max() < 1e-12


@pytest.mark.parametrize("shared", [0.0, 1.0])
@pytest.mark.parametrize(("n", "k"), [(2, 16), (8, 4), (32, 1)])
def test_values_that_go_together_count_for_less(shared, n, k):
    """The mean of values with a correlation ρ within an image."""
    x = draw(1, 1920, 1, 16, 16) + shared * draw(1, 1920, 1, 1, 1, seed=1)
    norm = partial(SetBatchNorm, n=n, k=k)
    nets = Ensemble(partial(TileNet, side=4, norm=norm, depth=1), [3])
    with torch.no_grad():  # the first layer passes one pixel of a tile on
        nets.parameters["conv.0.weight"].zero_()[..., 0, 0] = 1.0
    data = Split(*[torch.zeros(1)] * 4, x, torch.zeros(1, 1920))
    rho = shared / (1 + shared)
    want = n * k / (1 + (k - 1) * rho)
    assert sets.effective(nets, data).item() == pytest.approx(want, rel=0.3)
    assert nets.buffers["norm.0.between"].abs().max() == 0


def test_other_norms_have_no_sets():
    nets = Ensemble(partial(TileNet, side=1, norm="layer"), [3, 4])
    data = Split(*[torch.zeros(1)] * 4, draw(2, 10, 1, 16, 16), None)
    assert sets.effective(nets, data).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("side", [1, 4])
def test_an_ensemble_of_tile_nets_is_its_members(side):
    norm = partial(SetBatchNorm, n=2, k=1)
    make = partial(TileNet, side=side, norm=norm)
    x, nets = draw(2, 6, 1, 16, 16), Ensemble(make, [3, 4])
    for training in (True, False):
        both = nets(x, training=training)
        for e, seed in enumerate((3, 4)):
            net = make(seed)
            if not training:
                net(x[e])
            want = net.train(training)(x[e])
            torch.testing.assert_close(both[e], want, atol=1e-4, rtol=1e-4)
