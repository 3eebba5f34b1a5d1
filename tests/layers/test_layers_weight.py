"""weight_norm against torch.nn.utils.parametrizations and the formula."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from normlib.layers import weight_norm

MODULES = [
    (lambda: nn.Linear(5, 4), (3, 5)),
    (lambda: nn.Conv1d(3, 4, 2, bias=False), (2, 3, 6)),
    (lambda: nn.Conv2d(3, 4, 2), (2, 3, 4, 4)),
    (lambda: nn.ConvTranspose2d(3, 4, 2), (2, 3, 4, 4)),
]


def pair(make, name="weight", dim=0, dtype=torch.float32):
    torch.manual_seed(0)
    theirs = make().to(dtype)
    ours = copy.deepcopy(theirs)
    parametrizations.weight_norm(theirs, name, dim)
    assert weight_norm(ours, name, dim) is ours
    return ours, theirs


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("dim", [0, 1, None, -1, -2])
@pytest.mark.parametrize("make, shape", MODULES)
def test_as_torch(make, shape, dim, dtype):
    ours, theirs = pair(make, dim=dim, dtype=dtype)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    # A norm of at most 20 squares, a product, a quotient: 16 roundings.
    tol = 16 * torch.finfo(dtype).eps
    for key, value in theirs.state_dict().items():
        torch.testing.assert_close(
            ours.state_dict()[key], value, rtol=tol, atol=tol
        )
        torch.nn.init.normal_(value)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    x = torch.randn(shape, dtype=dtype)
    results = []
    for m in (ours, theirs):
        y = m(x)
        g = torch.autograd.grad(y.pow(2).sum(), list(m.parameters()))
        results.append([m.weight, y, *g])
    for a, b in zip(*results, strict=True):
        scale = 1 + b.abs().max().item()  # sums of up to 100 such terms
        torch.testing.assert_close(a, b, rtol=0, atol=10 * tol * scale)


def test_the_formula_and_its_scale():
    m = weight_norm(nn.Linear(3, 2).double())
    g, v = m.parametrizations.weight.original0, None
    v = m.parametrizations.weight.original1
    with torch.no_grad():
        g.copy_(torch.tensor([[2.0], [-3.0]]))
        v.copy_(torch.tensor([[3.0, 0.0, 4.0], [1.0, 2.0, 2.0]]))
    want = [[1.2, 0.0, 1.6], [-1.0, -2.0, -2.0]]
    torch.testing.assert_close(m.weight, torch.tensor(want).double())
    assert "_WeightNorm()" in repr(m)


def test_gradcheck():
    m = weight_norm(nn.Linear(3, 2).double())
    x = torch.randn(2, 3).double()
    names, values = zip(*m.named_parameters(), strict=True)

    def call(*values):
        named = dict(zip(names, values, strict=True))
        return torch.func.functional_call(m, named, (x,))

    assert torch.autograd.gradcheck(call, values)
    assert torch.autograd.gradgradcheck(call, values)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision(dtype):
    ours, theirs = pair(lambda: nn.Linear(50, 4), dtype=dtype)
    assert ours.weight.dtype == dtype
    # g is rounded once, w once: two ulps.
    tol = 2 * torch.finfo(dtype).eps
    torch.testing.assert_close(
        ours.weight, theirs.weight, rtol=tol, atol=tol
    )


def test_a_vector_is_a_set_of_one_each():
    ours, theirs = pair(lambda: nn.Linear(2, 4), name="bias")
    torch.testing.assert_close(ours.bias, theirs.bias)
    g = ours.parametrizations.bias.original0
    assert torch.equal(g, theirs.parametrizations.bias.original0)


def test_removal_copies_and_old_checkpoints():
    m = weight_norm(nn.Linear(3, 2))
    twin = copy.deepcopy(m)
    assert torch.equal(twin.weight, m.weight)
    old = nn.Linear(3, 2)
    before = old.weight.detach().clone()
    g = before.norm(dim=1, keepdim=True)
    state = {"weight_g": g, "weight_v": before, "bias": old.bias.detach()}
    twin.load_state_dict(state, strict=True)
    torch.testing.assert_close(twin.weight.detach(), before)
    parametrize.remove_parametrizations(twin, "weight")
    assert "weight" in dict(twin.named_parameters())
    torch.testing.assert_close(twin.weight.detach(), before)


@pytest.mark.parametrize(
    "module, kwargs, message",
    [
        (
            nn.Linear(2, 2),
            {"name": "foo"},
            "name must .* Linear, got 'foo'",
        ),
        (nn.Linear(2, 2, bias=False), {"name": "bias"}, "got 'bias'"),
        (3, {}, "name must be a parameter of int, got 'weight'"),
        (nn.Linear(2, 2), {"dim": 2}, "dim must .* 2D weight, got 2"),
        (nn.Conv1d(2, 2, 2), {"dim": -4}, "dim must .* 3D weight, got -4"),
    ],
)
def test_refusals(module, kwargs, message):
    with pytest.raises(ValueError, match=message):
        weight_norm(module, **kwargs)
    assert not hasattr(module, "parametrizations")
