"""What the page on weight norm says: lengths, angles, rows and matrices."""

from copy import deepcopy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from normlib import reference as ref
from normlib.experiments.other_techniques import critics, turning


def test_gradients_are_those_of_autograd():
    rng = np.random.default_rng(0)
    shapes = ((3, 4), (3, 1), (3,), (10, 3), (10,))
    w = [rng.normal(size=shape) for shape in shapes]
    x, y = rng.normal(size=(5, 4)), rng.integers(10, size=5)
    v, g, b, U, c = (torch.tensor(part).requires_grad_() for part in w)
    W = g * v / v.norm(dim=1, keepdim=True)
    h = torch.tanh(torch.tensor(x) @ W.T + b)
    F.cross_entropy(h @ U.T + c, torch.tensor(y)).backward()
    for ours, part in zip(
        turning.gradients(w, x, y), (v, g, b, U, c), strict=True
    ):
        np.testing.assert_allclose(ours, part.grad, atol=1e-14)


def off(p, rate):
    """How far a step is from Pythagoras, relatively."""
    before, after = p.length[:-1], p.length[1:]
    return after**2 / (before**2 + (rate * p.gradient) ** 2) - 1


def test_a_plain_step_is_pythagoras_and_its_tangent():
    p = turning.path(0.2, 40, seed=1)
    assert np.abs(off(p, 0.2)).max() < 1e-14
    assert np.abs(p.along).max() < 1e-14
    assert (p.length[1:] > p.length[:-1]).all()
    tangent = 0.2 * p.gradient / p.length[:-1]
    np.testing.assert_allclose(np.tan(np.radians(p.angle)), tangent)


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_momentum_from_rest_lengthens_too(momentum, rate):
    p = turning.path(rate, 60, momentum=momentum)
    assert (p.length[1:] > p.length[:-1]).all()
    assert np.abs(off(p, rate)).max() > 1e-3
    plain = turning.path(rate, 60)
    assert (p.length[-1] > plain.length[-1]).all()  # "and far more"


def test_the_part_along_v_of_a_momentum_step():
    """a = β a + β η² |u|², on gradients that are drawn at right angles."""
    rng, beta, eta = np.random.default_rng(0), 0.9, 0.3
    v, u, a = rng.normal(size=6), np.zeros(6), 0.0
    for _ in range(50):
        g = rng.normal(size=6)
        g -= v * (g @ v) / (v @ v)
        a = beta * a + beta * eta**2 * (u @ u)
        u = beta * u + g
        assert -eta * (v @ u) == pytest.approx(a, abs=1e-9)
        v = v - eta * u


def test_a_decay_shortens_and_forced_keeps():
    p = turning.path(steps=60, decay=0.01)
    assert (p.length[1:] < p.length[:-1]).mean() > 0.5
    forced = turning.path(steps=20, forced=True)
    np.testing.assert_allclose(forced.length[:-1], 1)


def test_the_angle_comes_to_its_prediction():
    """From below and from above; alike where rate times decay is alike."""
    for rate, decay in turning.SETTINGS:
        angle = turning.with_decay(rate, decay).angle
        want = turning.predicted(rate, decay)
        late = turning.rms(angle[-turning.LAST :])
        assert late == pytest.approx(want, rel=0.05)
        early = turning.rms(angle[:50])
        assert (early > want) == (rate > 0.3)
        # Every row: near it, from whatever length it began.
        rows = np.sqrt((angle[-turning.LAST :] ** 2).mean(0))
        assert np.median(np.abs(rows / want - 1)) < 0.1
    said = [f"{turning.predicted(*s):.1f}" for s in turning.SETTINGS]
    assert said == ["2.6", "5.1", "5.1"]
    assert "5.1" in str(turning.table())
    assert len(turning.plot().axes[0].lines) == 6
    steps = len(turning.with_decay(*turning.SETTINGS[0]).angle)
    assert (turning.LAST, steps) == (400, 1200)  # as the page says


def test_the_last_gradient_reached():
    """A cosine may be rounded beyond 1; no angle is NaN."""
    p = turning.path(steps=3, rate=1e-12)
    assert np.isfinite(p.angle).all() and p.angle.max() < 1e-4


def test_a_critic_of_unit_matrices_is_bounded():
    rows = critics.unit_rows(nn.Linear(6, 5))
    torch.testing.assert_close(rows.weight.norm(dim=1), torch.ones(5))
    assert len([p for p in rows.parameters() if p.requires_grad]) == 2
    matrix = critics.unit_matrix(nn.Linear(6, 5))
    for _ in range(50):
        matrix.weight  # each look iterates once
    sigma = torch.linalg.svdvals(matrix.weight)[0]
    assert sigma.item() == pytest.approx(1, abs=1e-3)
    allowed = critics.APART * critics.WIDTH  # √32 twice, and one row
    assert allowed == 64
    assert 30 < critics.pushed_apart(critics.unit_rows) < allowed
    bounded = critics.pushed_apart(critics.unit_matrix)
    assert 1.9 < bounded < critics.APART + 0.01


def test_equal_rows_stretch_by_the_root_of_their_number():
    row = np.random.default_rng(0).normal(size=7)
    for n in (1, 4, 64):
        W = np.tile(row / np.linalg.norm(row), (n, 1))
        assert np.linalg.norm(W, 2) == pytest.approx(np.sqrt(n))


def test_the_numbers_by_hand():
    v, g = np.array([[2.0, -1.0, 2.0]]), np.array([[6.0]])
    w, cache = ref.weight_norm_forward(v, g)
    dv, dg = ref.weight_norm_backward(np.array([[1.0, 0, 0]]), cache)
    assert w == pytest.approx(np.array([[4.0, -2, 4]]))
    assert dg.item() == pytest.approx(2 / 3)
    assert dv[0] == pytest.approx([2 * 5 / 9, 2 * 2 / 9, -2 * 4 / 9])


@pytest.mark.parametrize("eta", [0.1, 1.0, 1.9, 2.1])
def test_adams_first_step_may_shorten(eta):
    v = nn.Parameter(torch.tensor([3.0, 1.0]))
    v.grad = torch.tensor([1.0, -3.0])
    assert v.detach() @ v.grad == 0
    torch.optim.Adam([v], lr=eta).step()
    length = (v @ v).item()
    assert length == pytest.approx(10 - 4 * eta + 2 * eta**2, rel=1e-5)
    assert (length < 10) == (eta < 2)


WRAP = parametrizations.weight_norm


def test_pitfall_a_row_of_zeros_is_nan():
    layer = nn.Linear(3, 2)
    nn.init.zeros_(layer.weight)
    assert WRAP(layer).weight.isnan().all()


def test_pitfall_the_length_before_batch_norm_is_idle():
    torch.manual_seed(0)
    layer = WRAP(nn.Linear(6, 4)).double()
    norm = nn.BatchNorm1d(4, eps=1e-12).double()
    y = norm(layer(torch.randn(32, 6, dtype=torch.float64)))
    (y**3).sum().backward()
    lengths, rows = layer.parametrizations.weight.parameters()
    assert lengths.grad.abs().max() < 1e-8 < rows.grad.abs().max()


def test_pitfall_a_copy_shares_the_class():
    layer = WRAP(nn.Linear(3, 2))
    copy = deepcopy(layer)
    parametrize.remove_parametrizations(copy, "weight")
    with pytest.raises(AttributeError, match="weight"):
        layer(torch.ones(1, 3))


def test_pitfall_computed_at_each_access():
    layer, calls = WRAP(nn.Linear(3, 2)), []
    layer.parametrizations.weight[0].register_forward_hook(
        lambda *_: calls.append(1)
    )
    x = torch.ones(1, 3)
    for _ in range(3):
        layer(x)
    assert len(calls) == 3
    with parametrize.cached():
        for _ in range(3):
            layer(x)
    assert len(calls) == 4
