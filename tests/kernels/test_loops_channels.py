"""Batch, instance and group norm by the loops, beside torch.nn."""

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from normlib import layers, loops
from normlib.loops import channels, threads

KINDS = {
    "batch": lambda where, nd, C, **o: getattr(where, f"BatchNorm{nd}d")(
        C, **o
    ),
    "instance": lambda where, nd, C, **o: getattr(
        where, f"InstanceNorm{nd}d"
    )(C, affine=True, track_running_stats=True, **o),
    "group": lambda where, nd, C, **o: where.GroupNorm(C // 2, C, **o),
}
NORMS = [*KINDS]
SHAPES = [
    (2, 6, 1, 2), (1, 2, 5, 7), (7, 6, 3, 3), (3, 4, 40, 33),
    (300, 2, 1, 3), (5, 8, 11), (9, 4, 2, 3, 2),
]  # fmt: skip
LAYOUTS = {
    "plain": lambda x: x.contiguous(),
    "last": lambda x: x.movedim(1, -1).contiguous().movedim(-1, 1),
    "neither": lambda x: x.transpose(0, 1).contiguous().transpose(0, 1),
}


def pair_of(norm, x, **options):
    """Return the loops' module and torch's, with the same state."""
    nd, C = max(x.ndim - 2, 1), x.shape[1]
    options.setdefault("dtype", x.dtype)
    ours, theirs = (
        KINDS[norm](where, nd, C, **options) for where in (loops, nn)
    )
    for p in theirs.parameters():
        nn.init.uniform_(p, 0.5, 1.5)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours, theirs


def there_and_back(module, x, dy):
    """Return y, all gradients and, behind, what the module remembers."""
    leaf = x.clone(memory_format=torch.preserve_format).requires_grad_()
    wanted = [leaf, *module.parameters()]
    y = module(leaf)
    grads = torch.autograd.grad(y, wanted, dy.to(y.dtype))
    return [y, *grads, *(b.clone() for b in module.buffers())]


def drawn(shape, mean=0.0, scale=1.0, dtype=torch.float64, seed=0):
    g = torch.Generator().manual_seed(seed)
    x, dy = torch.randn(2, *shape, generator=g, dtype=torch.float64)
    return (mean + scale * x).to(dtype), dy.to(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("norm", NORMS)
def test_float64_is_torchs_in_every_layout(norm, shape, layout):
    x, dy = drawn(shape, mean=3.0)
    x = LAYOUTS[layout](x)
    found = [there_and_back(m, x, dy) for m in pair_of(norm, x)]
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours, theirs)
    if layout != "neither":  # strides of single entries are idle
        assert found[0][0].squeeze().stride() == x.squeeze().stride()


@pytest.mark.parametrize("layout", ["plain", "last"])
@pytest.mark.parametrize("mean", [0.0, -1e3, 1e6])
@pytest.mark.parametrize("norm", NORMS)
def test_far_from_zero_they_are_as_good_as_the_layers(norm, mean, layout):
    """float32 beside float64 on the same numbers; an error of 2⁻²⁴ |μ|
    in μ is one of 2⁻²⁴ |μ|/σ in x̂, and no layer avoids half of it.
    """
    x, dy = drawn((8, 4, 30, 20), mean, 1.0, torch.float32)
    x = LAYOUTS[layout](x)
    of = {w: KINDS[norm](w, 2, 4, eps=1e-6) for w in (loops, layers)}
    exact = KINDS[norm](layers, 2, 4, eps=1e-6).double()
    wanted = there_and_back(exact, x.double(), dy.double())
    found = {w: there_and_back(m, x, dy) for w, m in of.items()}
    for k, right in enumerate(wanted[:4]):
        off, own = ((found[w][k].double() - right).abs().max() for w in of)
        room = 1e-5 * (1 + right.abs().max())
        assert off <= max(2 * own, room), k


@pytest.mark.parametrize("layout", ["plain", "last"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("norm", NORMS)
def test_half_precision_is_rounded_once(norm, dtype, layout):
    """Statistics in float32: y and dx are float64's to one rounding."""
    x, dy = drawn((4, 4, 9, 8), 0.5, 2.0, dtype)
    x = LAYOUTS[layout](x)
    ours, _ = pair_of(norm, x, dtype=torch.float32)
    exact = KINDS[norm](layers, 2, 4).double()
    exact.load_state_dict(ours.state_dict())
    found, wanted = (
        there_and_back(ours, x, dy),
        there_and_back(exact, x.double(), dy.double()),
    )
    unit = torch.finfo(dtype).eps / 2
    for got, right in zip(found[:2], wanted[:2], strict=True):
        assert got.dtype == dtype
        off = (got.double() - right).abs()
        assert (off <= unit * right.abs() + 1e-5).all()
    for got, right in zip(found[2:], wanted[2:], strict=True):
        assert_close(got.double(), right.double(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", [(32, 6), (2, 5), (1000, 3)])
def test_a_matrix_is_normed_by_its_columns(shape):
    x, dy = drawn(shape, 100.0, 0.1)
    for ours, theirs in zip(
        *(there_and_back(m, x, dy) for m in pair_of("batch", x)),
        strict=True,
    ):
        assert_close(ours, theirs)
    groups = [w.GroupNorm(1, shape[1]).double() for w in (loops, nn)]
    assert_close(*(g(x) for g in groups))


@pytest.mark.parametrize("momentum", [0.3, None])
@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_they_remember_and_evaluate_as_torch_does(norm, momentum):
    x, _ = drawn((4, 6, 5, 3), 2.0)
    ours, theirs = pair_of(norm, x, momentum=momentum)
    for step in range(3):
        assert_close(ours(x + step), theirs(x + step))
    assert_close(ours.state_dict(), theirs.state_dict())
    theirs.load_state_dict(ours.state_dict(), strict=True)
    ours.eval(), theirs.eval()
    leaves = [x.clone().requires_grad_() for _ in "ot"]
    for module, leaf in zip((ours, theirs), leaves, strict=True):
        module(leaf).square().sum().backward()
    assert_close(leaves[0].grad, leaves[1].grad)
    assert_close(ours.state_dict(), theirs.state_dict())


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_without_memory_or_parameters(norm):
    x, _ = drawn((4, 6, 5, 3), 2.0)
    name = f"{norm.title()}Norm2d"
    for training in (True, False):
        made = [
            getattr(w, name)(6, affine=False, track_running_stats=False)
            for w in (loops, nn)
        ]
        assert_close(*(m.train(training)(x) for m in made))
        assert repr(made[0]) == repr(getattr(layers, name)(
            6, affine=False, track_running_stats=False
        ))  # fmt: skip


def test_one_sample_needs_no_batch_axis():
    x, _ = drawn((6, 5, 3))
    ours, theirs = (w.InstanceNorm2d(6).double() for w in (loops, nn))
    assert_close(ours(x), theirs(x))
    with pytest.warns(UserWarning, match="num_features is 6"):
        ours(x[:4])


@pytest.mark.parametrize("layout", ["plain", "last"])
@pytest.mark.parametrize("norm", NORMS)
def test_threads_change_rounding_alone(norm, layout, monkeypatch):
    monkeypatch.setattr(threads, "GRAIN", 2**15)
    x, dy = drawn((7, 6, 80, 60), dtype=torch.float32)
    assert x.numel() > 5 * threads.GRAIN
    x = LAYOUTS[layout](x)
    module, _ = pair_of(norm, x)
    found, before = [], torch.get_num_threads()
    try:
        for n in (1, 2, 5):
            torch.set_num_threads(n)
            found.append(there_and_back(module, x, dy)[:4])
    finally:
        torch.set_num_threads(before)
    for one, other in pairwise(found):
        for a, b in zip(one, other, strict=True):
            assert_close(a, b, atol=1e-3, rtol=1e-5)


@pytest.mark.parametrize("norm", NORMS)
def test_nothing_zero_variance_nan_and_inf(norm):
    x = torch.ones(3, 4, 2, 5)
    ours, theirs = pair_of(norm, x)[0], KINDS[norm](layers, 2, 4)
    theirs.load_state_dict(ours.state_dict())
    x[0, 0], x[1] = 7.0, torch.randn(4, 2, 5)
    for value in (3.0, float("inf"), float("nan")):
        x[2, 3, 0, 0] = value
        assert_close(
            ours(x), theirs(x), equal_nan=True, atol=1e-5, rtol=1e-5
        )
    kept = {k: v.clone() for k, v in ours.state_dict().items()}
    leaf = torch.empty(0, 4, 2, 5, requires_grad=True)
    y = ours(leaf)
    y.sum().backward()
    assert y.shape == leaf.shape and not ours.weight.grad.any()
    for name, before in kept.items():
        if name != "num_batches_tracked":
            assert torch.equal(
                before.nan_to_num(), ours.state_dict()[name].nan_to_num()
            )


@pytest.mark.filterwarnings("error")
def test_an_empty_matrix_moves_nothing():
    norm = loops.BatchNorm1d(3)
    leaf = torch.empty(0, 3, requires_grad=True)
    norm(leaf).sum().backward()
    assert not norm.weight.grad.any() and not norm.running_mean.any()
    for rows in (loops.LayerNorm(0), loops.RMSNorm(0)):
        assert rows(torch.empty(4, 0)).shape == (4, 0)


@pytest.mark.parametrize("layout", ["plain", "last"])
@pytest.mark.parametrize("norm", NORMS)
def test_what_is_frozen_gets_no_gradient(norm, layout):
    """Beside our layers: torch 2.13's GroupNorm ends the process where
    channels come last and x asks for no gradient.
    """
    x = LAYOUTS[layout](torch.randn(3, 4, 2, 5))
    ours, theirs = pair_of(norm, x)[0], KINDS[norm](layers, 2, 4)
    theirs.load_state_dict(ours.state_dict())
    for module in (ours, theirs):
        module.weight.requires_grad_(False)
        module(x).square().sum().backward()
        assert module.weight.grad is None
    assert_close(ours.bias.grad, theirs.bias.grad)


@pytest.mark.parametrize("norm", NORMS)
def test_a_second_gradient_is_refused(norm):
    x = torch.randn(3, 4, 2, 5, requires_grad=True)
    ours, _ = pair_of(norm, x)
    (dx,) = torch.autograd.grad(
        ours(x).square().sum(), x, create_graph=True
    )
    with pytest.raises(NotImplementedError, match="one backward"):
        dx.sum().backward()


def test_the_operators_keep_their_promises():
    x = torch.randn(3, 4, 5, requires_grad=True)
    w, b = (torch.randn(4, requires_grad=True) for _ in "wb")
    for args in (
        (x, w, b, 1e-5, 0, False), (x, None, None, 1e-5, 2, False),
    ):  # fmt: skip
        torch.library.opcheck(channels.traced_norm, args)
    v = torch.randn(3, 5, 4).movedim(-1, 1).requires_grad_()
    torch.library.opcheck(channels.traced_norm, (v, w, b, 1e-5, 0, True))


@pytest.mark.parametrize("layout", ["plain", "last"])
@pytest.mark.parametrize("norm", NORMS)
def test_compiled_it_is_one_operator(norm, layout):
    x, dy = drawn((3, 4, 2, 5), dtype=torch.float32)
    x = LAYOUTS[layout](x)
    ours, twin = pair_of(norm, x)
    twin = pair_of(norm, x)[0]
    twin.load_state_dict(ours.state_dict())
    compiled = torch.compile(twin, fullgraph=True)
    compiled.parameters = twin.parameters
    for a, b in zip(
        there_and_back(ours, x, dy), there_and_back(compiled, x, dy),
        strict=True,
    ):  # fmt: skip
        assert_close(a, b)


@pytest.mark.parametrize("norm", NORMS)
def test_autocast_leaves_the_dtype_of_what_comes(norm):
    x = torch.randn(3, 4, 2, 5).bfloat16()
    ours, _ = pair_of(norm, x, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        assert ours(x).dtype == torch.bfloat16


def test_what_cannot_be_taken_is_named_and_nothing_is_updated():
    x = torch.randn(3, 4, 2, 5)
    batch, instance = loops.BatchNorm2d(4), loops.InstanceNorm2d(4)
    group = loops.GroupNorm(2, 4)
    before = {k: v.clone() for k, v in batch.state_dict().items()}
    for norm, bad, words in (
        (batch, x[0], "input must be 4D"),
        (batch, x[:1, :, :1, :1], "more than 1 value per channel"),
        (batch, x[:, :3], r"must have shape \(3,\)"),
        (batch, x.long(), "must be floating point"),
        (batch, x.to("meta"), "input must be on a CPU"),
        (instance, x[:, :, :1, :1], "more than 1 value per channel"),
        (instance, x[0, 0], "input must be 3D or 4D"),
        (group, x[:, :3], r"must have shape \(3,\)"),
        (group, x[0, 0, 0], r"input must be \(N, C, …\)"),
    ):
        with pytest.raises(ValueError, match=words):
            norm(bad)
    with pytest.raises(ValueError, match="divide the 4 channels, got 3"):
        loops.group_norm(x, 3)
    with pytest.raises(ValueError, match="eps must be positive"):
        loops.batch_norm(x, None, None, training=True, eps=0.0)
    assert_close(batch.state_dict(), before)
