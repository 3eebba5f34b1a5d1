"""The layers against the formulae, finite differences and float64."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.autograd import gradcheck, gradgradcheck
from torch.utils._python_dispatch import TorchDispatchMode

from normlib import layers

sizes = st.integers(1, 3)
drawn = settings(derandomize=True, deadline=None, max_examples=20)
EPS = 0.1  # with 1e-5 and m = 2, y bends too fast for finite differences


@st.composite
def problems(draw):
    """A float64 module, an input, and the axes of its sets of m values.

    For GN the axes are those of the input cut into (N, G, C/G, *).
    """
    name = draw(
        st.sampled_from(["Batch", "Instance", "Group", "Layer", "RMS"])
    )
    N, C, spatial = draw(sizes), draw(sizes), draw(st.integers(0, 3))
    affine = draw(st.booleans())
    if name == "Instance":
        spatial = max(spatial, 1)
    shape = [N, C, *(draw(sizes) for _ in range(spatial))]
    cut, axes = None, tuple(range(2, len(shape)))
    kind = f"{name}Norm{max(spatial, 1)}d"
    if name == "Group":
        groups = draw(st.integers(1, 2))
        C = shape[1] = groups * draw(st.integers(1, 2))
        m = math.prod(shape) // groups // N
        if N * m == 1:
            shape[0] = N = 2
        module = layers.GroupNorm(groups, C, EPS, affine)
        cut = (N, groups, C // groups, *shape[2:])
        axes = tuple(range(2, len(cut)))
    elif name in ("Layer", "RMS"):
        last = draw(st.integers(1, len(shape)))
        cls = getattr(layers, name + "Norm")
        module = cls(shape[-last:], EPS, affine)
        axes = tuple(range(len(shape) - last, len(shape)))
    else:
        axes = (0, *axes) if name == "Batch" else axes
        if math.prod(shape[a] for a in axes) == 1:
            shape[axes[-1]] = 2
        module = getattr(layers, kind)(C, EPS, affine=affine)
    torch.manual_seed(draw(st.integers(0, 99)))
    for p in module.parameters():
        nn.init.normal_(p)
    x = torch.randn(shape, dtype=torch.float64) * 2 + 1
    return module.double(), x.requires_grad_(), cut, axes


@drawn
@given(problems())
def test_forward_and_backward_are_the_formulae(problem):
    """dx = (1/σ)·P g with P = I − 11ᵀ/m − x̂x̂ᵀ/m, in NumPy."""
    module, x, cut, axes = problem
    rng = np.random.default_rng(0)
    dy = rng.standard_normal(tuple(x.shape))
    y = module(x)
    dx, *dp = torch.autograd.grad(
        y, [x, *module.parameters()], torch.tensor(dy)
    )
    centre = not isinstance(module, layers.RMSNorm)
    per_channel = not isinstance(module, (layers.RMSNorm, layers.LayerNorm))

    a = x.detach().numpy()
    ones = (1,) * (a.ndim - 2)
    gamma, beta = np.ones(()), np.zeros(())
    if module.weight is not None:
        gamma = module.weight.detach().numpy()
        gamma = gamma.reshape(-1, *ones) if per_channel else gamma
    if getattr(module, "bias", None) is not None:
        beta = module.bias.detach().numpy()
        beta = beta.reshape(-1, *ones) if per_channel else beta

    def mean(v):
        return np.mean(v, axis=axes, keepdims=True)

    s = a.reshape(cut or a.shape)
    g = (gamma * dy).reshape(s.shape)
    d = s - mean(s) if centre else s
    sigma = np.sqrt(mean(d**2) + EPS)
    x_hat = d / sigma
    want_dx = (g - centre * mean(g) - x_hat * mean(g * x_hat)) / sigma
    x_hat = x_hat.reshape(a.shape)

    # Some ten float64 roundings of numbers near 10: far below 1e-12.
    np.testing.assert_allclose(
        y.detach(), gamma * x_hat + beta, rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(
        dx, want_dx.reshape(a.shape), rtol=1e-12, atol=1e-12
    )
    for got, each in zip(dp, (dy * x_hat, dy), strict=False):
        if per_channel:
            want = each.sum(axis=(0, *range(2, a.ndim)))
        else:
            want = each.sum(axis=tuple(range(a.ndim - got.ndim)))
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@drawn
@given(problems(), st.booleans())
def test_gradcheck(problem, train):
    module, x, _, _ = problem
    module.train(train)
    params = tuple(module.parameters())
    names = [n for n, _ in module.named_parameters()]

    def call(x, *values):
        named = dict(zip(names, values, strict=True))
        return torch.func.functional_call(module, named, (x,))

    # gradcheck's own tolerances: it divides differences by steps of 1e-6.
    assert gradcheck(call, (x, *params))


@settings(drawn, max_examples=8)
@given(problems())
def test_double_backward(problem):
    module, x, _, _ = problem
    assert gradgradcheck(module, (x,))


def test_running_statistics_are_the_formulae():
    rng = np.random.default_rng(1)
    bn = layers.BatchNorm1d(2, momentum=0.2).double()
    avg = layers.BatchNorm1d(2, momentum=None).double()
    inn = layers.InstanceNorm1d(2, track_running_stats=True).double()
    mean, var, means, variances = 0.0, 1.0, [], []
    for n in (2, 5, 3):  # batches of different size count the same
        x = rng.standard_normal((n, 2, 4)) * 3 + 1
        for module in (bn, avg, inn):
            module(torch.tensor(x))
        means.append(x.mean((0, 2)))
        variances.append(x.var((0, 2), ddof=1))  # unbiased: m − 1
        mean = 0.8 * mean + 0.2 * means[-1]
        var = 0.8 * var + 0.2 * variances[-1]
    for got, want in [
        (bn.running_mean, mean),
        (bn.running_var, var),
        (avg.running_mean, np.mean(means, 0)),
        (avg.running_var, np.mean(variances, 0)),
    ]:
        np.testing.assert_allclose(got, want, rtol=1e-14, atol=1e-14)
    assert bn.num_batches_tracked == avg.num_batches_tracked == 3
    assert inn.num_batches_tracked == 0  # as in torch.nn
    leaf = torch.tensor(x).requires_grad_()
    for module in (bn, avg, inn):
        module(leaf)  # or the arrays would keep every graph alive
        assert not any(b.requires_grad for b in module.buffers())

    inn.reset_running_stats()
    inn(torch.tensor(x))
    one = x.var(2, ddof=1).mean(0)  # samples' own variances, averaged
    np.testing.assert_allclose(inn.running_var, 0.9 + 0.1 * one, rtol=1e-14)


def test_evaluation_is_an_affine_map_and_updates_nothing():
    bn = layers.BatchNorm1d(2, eps=0.25).double()
    x = torch.randn(5, 2).double().requires_grad_()
    bn.running_var[:] = torch.tensor([3.75, 0.0])
    before = {k: v.clone() for k, v in bn.state_dict().items()}
    (dx,) = torch.autograd.grad(bn.eval()(x).sum(), x)
    # 1/√(3.75 + 0.25) and 1/√0.25; outside the root it would be 0.46, 4.
    assert torch.equal(dx, torch.tensor([[0.5, 2.0]]).double().expand(5, 2))
    after = bn.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)


@pytest.mark.parametrize("mean", [0.0, 1.0, -1e3, 1e4, 1e6])
@pytest.mark.parametrize("sigma", [1e-2, 1.0, 1e3])
@pytest.mark.parametrize(
    "name, args, shape",
    [
        ("LayerNorm", (512,), (16, 512)),
        ("RMSNorm", (512, 1e-6), (16, 512)),
        ("BatchNorm1d", (32,), (256, 32)),
        ("BatchNorm2d", (4,), (8, 4, 32, 32)),
        ("InstanceNorm1d", (4,), (8, 4, 200)),
        ("GroupNorm", (2, 8), (4, 8, 64)),
    ],
)
def test_accuracy_far_from_zero(name, args, shape, mean, sigma):
    """float32 against float64: as good as torch.nn, or 2e-6.

    x̂ has one rounding of d, one of σ, one of the quotient and half of
    σ²'s, 2⁻²⁴ each: 2e-7, and 2e-6 leaves ten times that. E[x²] − E[x]²
    would lose all digits at mean 1e4, sigma 1.
    """
    rng = np.random.default_rng(5)
    x = rng.normal(mean, sigma, shape).astype(np.float32)
    module = getattr(layers, name)(*args)
    theirs = getattr(nn, name)(*args)
    s = x.astype(np.float64).reshape(
        (4, 2, 4, 64) if name == "GroupNorm" else shape
    )
    axes = {"B": (0, 2, 3), "L": (1,), "R": (1,), "I": (2,), "G": (2, 3)}
    axes = tuple(a for a in axes[name[0]] if a < s.ndim)
    d = s if name == "RMSNorm" else s - s.mean(axes, keepdims=True)
    truth = d / np.sqrt((d**2).mean(axes, keepdims=True) + module.eps)
    truth = truth.reshape(shape)

    def error(m):
        y = m(torch.from_numpy(x)).detach().double().numpy()
        return np.max(np.abs(y - truth) / (1 + np.abs(truth)))

    assert error(module) <= max(2e-6, error(theirs))
    if name.startswith("Batch"):
        # Unit roundoffs of the mean and of a sum in pairs, blocks of 16.
        got = module.running_var.double().numpy()
        want = 0.9 + 0.1 * s.var(axes, ddof=1)
        np.testing.assert_allclose(got, want, rtol=2e-6)


class Operations(TorchDispatchMode):
    """Notes the name of every aten operation, also in the backward."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(func.name())
        return func(*args, **(kwargs or {}))


def norms_called(module, x):
    with Operations() as seen:
        x = x.detach().requires_grad_()
        wanted = [x, *module.parameters()]
        y = module(x)
        grads = torch.autograd.grad(
            y.square().sum(), wanted, create_graph=True
        )
        sum(g.square().sum() for g in grads).backward()
    assert "aten::mul.Tensor" in seen.names
    return [n for n in seen.names if "norm" in n]


WHERE = [
    ("BatchNorm1d", (3,), (4, 3)),
    ("BatchNorm2d", (3,), (4, 3, 2, 2)),
    ("BatchNorm3d", (3,), (4, 3, 2, 2, 2)),
    ("InstanceNorm1d", (3, 1e-5, 0.1, True, True), (4, 3, 2)),
    ("InstanceNorm2d", (3, 1e-5, 0.1, True, True), (4, 3, 2, 2)),
    ("InstanceNorm3d", (3, 1e-5, 0.1, True, True), (4, 3, 2, 2, 2)),
    ("LayerNorm", (3,), (4, 3)),
    ("RMSNorm", (3,), (4, 3)),
    ("GroupNorm", (1, 3), (4, 3)),
]


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("name, args, shape", WHERE)
def test_no_norm_of_torch_is_called(name, args, shape, train):
    x = torch.randn(shape)
    for dtype in (torch.float32, torch.bfloat16):
        module = getattr(layers, name)(*args, dtype=dtype).train(train)
        assert norms_called(module, x.to(dtype)) == []


def test_no_weight_norm_of_torch_is_called():
    module = layers.weight_norm(nn.Linear(3, 4))
    assert norms_called(module, torch.randn(2, 3)) == []


# On the CPU torch.nn.RMSNorm is itself composed of plain operations.
SEEN = [case for case in WHERE if case[0] != "RMSNorm"]


@pytest.mark.parametrize("name, args, shape", SEEN)
def test_the_detector_sees_the_norms_of_torch(name, args, shape):
    assert norms_called(getattr(nn, name)(*args), torch.randn(shape))
