"""The loops where numbers are hard: each case once gave a wrong result."""

import signal
import warnings

import numpy as np
import pytest
import torch
from torch import randn
from torch._dynamo import compiled_autograd
from torch.autograd.forward_ad import dual_level, make_dual
from torch.autograd.graph import saved_tensors_hooks
from torch.export import Dim, export
from torch.fx.experimental.proxy_tensor import make_fx
from torch.testing import assert_close

from normlib import layers, loops


def last(x):
    return x.contiguous(memory_format=torch.channels_last)


def both_ways(where, a, d, gamma=1.0):
    """Return y, dx and dγ of batch norm at the scales a and d."""
    g = torch.Generator().manual_seed(0)
    x, dy = (last(randn(4, 6, 8, 8, generator=g)) for _ in "xy")
    norm = where.BatchNorm2d(6, eps=1e-40)
    norm.weight.data.fill_(gamma)
    leaf = (x * a).requires_grad_()
    y = norm(leaf)
    y.backward(dy * d)
    return y.detach(), leaf.grad, norm.weight.grad


@pytest.mark.parametrize(
    ("a", "d", "gamma"),
    [(1e10, 1e29, 1), (1e15, 1e25, 1), (1e-18, 1e-26, 1),
     (1e-3, 1, 1e34), (1e-15, 1, 1e22)],
)  # fmt: skip
def test_no_product_over_or_underflows_before_its_time(a, d, gamma):
    ours, theirs = (both_ways(w, a, d, gamma) for w in (loops, layers))
    for one, other in zip(ours, theirs, strict=True):
        assert one.isfinite().all()
        if other.isfinite().all():  # our layers' dx is not always
            size = other.abs().max()
            assert ((one - other).abs() / size).max() < 1e-5


def test_first_rows_of_another_size_are_not_the_pivot():
    x = randn(128, 300)
    x[:8] += 3e18
    y = loops.BatchNorm1d(300)(x)
    assert y[0, 0].item() == pytest.approx(3.873, abs=1e-3)
    rows = randn(2, 1024)
    rows[:, 0] = 1e18
    y = loops.LayerNorm(1024)(rows)
    assert y[0, 0].item() == pytest.approx(31.98, abs=0.01)
    image = torch.zeros(1, 2, 16, 16)
    image[..., 0, 0] = 3e18
    assert loops.GroupNorm(2, 2)(image)[0, 0, 0, 0] > 15


@pytest.mark.parametrize("mean", [1e4, 1e8, 1e12])
def test_a_mean_in_float64_keeps_what_its_first_addend_loses(mean):
    x = randn(2, 16, 8, 8, dtype=torch.float64) + mean
    exact = layers.BatchNorm2d(16).double()(last(x - mean))
    y = loops.BatchNorm2d(16).double()(last(x))
    assert (y - exact).abs().max() < 1e-12


@pytest.mark.parametrize("value", [1e6, 1e8, 1e10, 1e14])
def test_a_constant_is_zero_whatever_its_size(value):
    x = torch.rand(1, 37, 1, 1) * value + value
    x = last(x.expand(2, 37, 33, 17))
    assert loops.BatchNorm2d(37)(x).abs().max() < 1e-6


def test_sizes_that_vary_compile_once_and_are_exported():
    graphs = []

    def count(graph, given):
        graphs.append(given)
        return graph.forward

    torch._dynamo.reset()
    run = torch.compile(loops.BatchNorm1d(4), backend=count, dynamic=True)
    for n in (3, 4, 6, 8, 16, 32, 48, 64, 96, 128):
        run(randn(n, 4))
    assert len(graphs) == 1
    shape = {0: Dim("n", min=2, max=1000)}
    norm = loops.BatchNorm1d(4).train()
    assert export(norm, (randn(6, 4),), dynamic_shapes=(shape,))


def test_a_vector_is_refused_by_name():
    with pytest.raises(ValueError, match=r"input must be \(N, C"):
        loops.batch_norm(randn(5), None, None, training=True)


def test_nothing_is_asked_for_that_is_not_there():
    """What is fetched beyond the end is a hint, and no read."""
    x = np.ones(257, np.float32)
    loops.lines.fetch(x, np.uint64(10_000_000), np.uint64(4096))


LAST = {
    "rows": (lambda w: w.LayerNorm(512), (4, 512), False),
    "rows, no mean": (lambda w: w.RMSNorm(512), (4, 512), False),
    "matrix": (lambda w: w.BatchNorm1d(5), (64, 5), False),
    "batch": (lambda w: w.BatchNorm2d(3), (4, 3, 8, 8), False),
    "group": (lambda w: w.GroupNorm(2, 4), (4, 4, 8, 8), False),
    "batch, last": (lambda w: w.BatchNorm2d(3), (4, 3, 8, 8), True),
    "group, last": (lambda w: w.GroupNorm(2, 4), (4, 4, 8, 8), True),
}


@pytest.mark.parametrize("scale", [1e19, 1e30, 1e37, 2e38])
@pytest.mark.parametrize("name", LAST)
def test_squares_that_overflow_are_summed_in_float64(name, scale):
    """In float32 their variance is infinite: torch.nn gives 0 or NaN."""
    make, shape, channels_last = LAST[name]
    x = (2 * torch.rand(shape) - 1) * scale
    exact = make(layers).double()(x.double())
    x = last(x) if channels_last else x
    assert (make(loops)(x) - exact).abs().max() < 1e-6


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm", "BatchNorm1d"])
def test_a_tangent_is_refused_and_not_lost(name, learns):
    module, x = getattr(loops, name)(6), randn(4, 6)
    module.requires_grad_(learns)
    with dual_level(), pytest.raises(NotImplementedError, match="jvp"):
        module(make_dual(x, randn(4, 6)))


SEEN = {
    "rows": (lambda w: w.LayerNorm(5), (4, 5)),
    "group": (lambda w: w.GroupNorm(2, 8), (4, 8, 9, 9)),
    "batch": (lambda w: w.BatchNorm2d(8), (4, 8, 9, 9)),
}


@pytest.mark.parametrize("first", [last, torch.Tensor.contiguous])
@pytest.mark.parametrize("name", ["group", "batch"])
def test_an_exported_norm_takes_both_layouts(name, first):
    make, shape = SEEN[name]
    module, x = make(loops), randn(shape)
    run = export(module, (first(x),)).module()
    for layout in (last, torch.Tensor.contiguous):
        assert_close(run(layout(x)), make(torch.nn)(x))


@pytest.mark.parametrize("name", SEEN)
def test_what_is_kept_may_come_back_in_another_layout(name):
    make, shape = SEEN[name]
    x, dy = randn(shape), randn(shape)
    found = []
    for where in (loops, torch.nn):
        leaf = (last(x) if len(shape) == 4 else x).clone().requires_grad_()
        with saved_tensors_hooks(
            lambda t: t.detach().numpy().copy(), torch.from_numpy
        ):
            y = make(where)(leaf)
        found.append(torch.autograd.grad(y, leaf, dy)[0])
    assert_close(*found, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", SEEN)
def test_who_looks_on_sees_the_operator(name):
    make, shape = SEEN[name]
    module, x = make(loops).requires_grad_(False), randn(shape)
    graph = make_fx(module)(x)
    assert "normlib" in graph.code
    wanted = make(torch.nn)(x)
    assert_close(graph(x), wanted)
    if name == "rows":  # the others move running statistics
        assert_close(torch.func.functionalize(module)(x), wanted)


@pytest.mark.parametrize("name", SEEN)
def test_a_gradient_that_nobody_asked_for(name):
    class Nothing(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, dy):
            return None

    make, shape = SEEN[name]
    x = randn(shape, requires_grad=True)
    Nothing.apply(make(loops)(x)).sum().backward()
    assert x.grad is None


@pytest.mark.parametrize("name", SEEN)
def test_the_default_device_and_a_bit_of_sign_do_not_matter(name):
    make, shape = SEEN[name]
    module, x = make(loops), randn(shape)
    with torch.device("meta"):
        assert module(x).device.type == "cpu"
    assert_close(module(torch._neg_view(x)), make(torch.nn)(-x))


@pytest.mark.parametrize("name", SEEN)
def test_compiled_autograd_takes_the_eager_graph(name):
    make, shape = SEEN[name]
    x = randn(shape, requires_grad=True)
    y = make(loops)(x).square().sum()
    with compiled_autograd._enable(torch.compile(backend="eager")):
        y.backward()
    assert x.grad.shape == shape


def test_no_channel_and_no_warning():
    assert loops.BatchNorm1d(0)(torch.empty(4, 0)).shape == (4, 0)
    x = last(torch.zeros(2, 4, 3, 3)).requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = loops.group_norm(x, 2, eps=0.0)
        y.backward(torch.full_like(y, 1e38))


def test_an_interrupt_is_not_lost():
    """A signal may come between C and the first line of our function."""
    before, x = torch.get_num_threads(), randn(4096, 1024)
    module, got = loops.LayerNorm(1024).requires_grad_(False), 0

    def ring(*_):
        raise InterruptedError

    old = signal.signal(signal.SIGALRM, ring)
    try:
        torch.set_num_threads(2)
        for k in range(60):
            signal.setitimer(signal.ITIMER_REAL, 0.003 + 0.0001 * k)
            with pytest.raises(InterruptedError):
                for _ in range(200):
                    module(x)
            got += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
        torch.set_num_threads(before)
    assert got == 60
