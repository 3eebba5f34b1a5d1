"""What the exercises on weight norm rest on."""

import numpy as np
import torch

from normlib.checks import other_techniques as ex


def test_the_way_back_through_spectral_norm_is_torchs():
    rng = np.random.default_rng(0)
    for shape in ((4, 4), (3, 6), (5, 1)):
        dw, v = rng.normal(size=(2, *shape))
        left, _, right = np.linalg.svd(v)
        rows = torch.tensor(v, requires_grad=True)
        (rows / torch.linalg.svdvals(rows)[0]).backward(torch.tensor(dw))
        dv = ex.spectral.answer(dw, v, left[:, 0], right[0])
        np.testing.assert_allclose(dv, rows.grad, atol=1e-12)
        assert abs((dv * v).sum()) < 1e-12


def test_pytorch_takes_u_and_x_for_constants_too():
    layer = torch.nn.Linear(5, 3, dtype=torch.float64)
    torch.nn.utils.parametrizations.spectral_norm(
        layer, n_power_iterations=200
    )
    dw = torch.randn(3, 5, dtype=torch.float64)
    (layer.weight * dw).sum().backward()
    rows = layer.parametrizations.weight.original
    norm = layer.parametrizations.weight[0]
    given = (dw, rows.detach(), norm._u, norm._v)
    dv = ex.spectral.answer(*(part.numpy() for part in given))
    np.testing.assert_allclose(rows.grad, dv, atol=1e-9)


def test_what_no_named_mistake_gives_is_told_the_right_angle():
    outcome = ex.spectral.check(lambda dw, v, u, x: v)
    assert "fails is right angle" in outcome.message
