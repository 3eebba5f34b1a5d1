"""Everything around the mathematics: signatures, state, errors, tools."""

import copy
import inspect
import io
import pickle
import warnings

import pytest
import torch
from layer_pairs import MODULES
from torch import nn

from normlib import layers
from normlib.layers import functional as F

each = pytest.mark.parametrize("name, args, shape", MODULES)


def has_bias_argument():
    return "bias" in inspect.signature(nn.BatchNorm1d).parameters


@each
def test_signature_and_repr(name, args, shape):
    ours, theirs = getattr(layers, name), getattr(nn, name)
    a = inspect.signature(ours).parameters
    b = inspect.signature(theirs).parameters
    extra = set(a) - set(b)
    allowed = {"backend"} if name in ("LayerNorm", "RMSNorm") else set()
    assert extra <= allowed | (set() if has_bias_argument() else {"bias"})
    for k, p in b.items():
        assert a[k].kind == p.kind and a[k].default == p.default
    assert [k for k in a if k not in extra] == list(b)
    forward = inspect.signature(theirs.forward).parameters
    assert list(inspect.signature(ours.forward).parameters) == list(forward)
    if has_bias_argument():
        assert repr(ours(*args)) == repr(theirs(*args))


def test_functional_has_the_arguments_of_torch():
    for name in ("batch", "instance", "layer", "rms", "group"):
        a = inspect.signature(getattr(F, f"{name}_norm")).parameters
        b = inspect.signature(getattr(nn.functional, f"{name}_norm"))
        assert [(k, p.default) for k, p in a.items()] == [
            (k, p.default) for k, p in b.parameters.items()
        ]


@each
def test_state_moves_both_ways(name, args, shape):
    ours = getattr(layers, name)(*args)
    theirs = getattr(nn, name)(*args)
    x = torch.randn(shape) + 2
    for a, b in ((ours, theirs), (theirs, ours)):
        a(x)
        for p in a.parameters():
            nn.init.normal_(p)
        buffer = io.BytesIO()
        torch.save(a.state_dict(), buffer)
        buffer.seek(0)
        b.load_state_dict(torch.load(buffer), strict=True)
        mine, other = a.state_dict(), b.state_dict()
        assert list(mine) == list(other)
        assert all(torch.equal(mine[k], other[k]) for k in mine)
        assert mine._metadata == other._metadata
        for k, v in mine.items():
            assert v.dtype == other[k].dtype and v.shape == other[k].shape


@pytest.mark.parametrize("name", ["BatchNorm1d", "InstanceNorm1d"])
@pytest.mark.parametrize("version", [None, 1, 2])
def test_old_states_without_a_count(name, version):
    results = []
    for library in (layers, nn):
        module = getattr(library, name)(3, track_running_stats=True)
        module.num_batches_tracked.fill_(5)
        state = copy.deepcopy(module.state_dict())
        del state["num_batches_tracked"]
        state._metadata[""]["version"] = version
        try:
            module.load_state_dict(state)
            results.append(int(module.num_batches_tracked))
        except RuntimeError as error:
            results.append("num_batches_tracked" in str(error))
    assert results[0] == results[1] == (True if version == 2 else 5)


@each
def test_copies_and_pickles(name, args, shape):
    module = getattr(layers, name)(*args)
    x = torch.randn(shape)
    module(x)
    twins = [
        copy.deepcopy(module),
        pickle.loads(pickle.dumps(module)),
    ]
    for twin in twins:
        assert torch.equal(twin(x), module(x)) or module.training
        assert str(twin) == str(module)
    with torch.no_grad():
        for p in twins[0].parameters():
            p.add_(1)
    for p, q in zip(
        module.parameters(), twins[1].parameters(), strict=True
    ):
        assert torch.equal(p, q)


@each
def test_device_and_dtype(name, args, shape):
    meta = getattr(layers, name)(*args, device="meta", dtype=torch.float64)
    tensors = [*meta.parameters(), *meta.buffers()]
    assert all(t.device.type == "meta" for t in tensors)
    floats = [t for t in tensors if t.is_floating_point()]
    assert all(t.dtype == torch.float64 for t in floats)
    x = torch.empty(shape, device="meta", dtype=torch.float64)
    assert meta(x).shape == x.shape
    if tensors:
        real = meta.to_empty(device="cpu")
        real.reset_parameters()
        assert real(torch.randn(shape).double()).isfinite().all()


def state_of(module):
    return {k: v.clone() for k, v in module.state_dict().items()}


B, I, G, L, R = (
    layers.BatchNorm1d,
    layers.InstanceNorm1d,
    layers.GroupNorm,
    layers.LayerNorm,
    layers.RMSNorm,
)
tracked = {"track_running_stats": True}
REFUSED = [
    (B(3), (4,), r"input must be 2D or 3D, got shape \(4,\)"),
    (B(3), (4, 3, 2, 2), "input must be 2D or 3D, got"),
    (
        layers.BatchNorm2d(3),
        (4, 3),
        r"input must be 4D, got shape \(4, 3\)",
    ),
    (layers.BatchNorm3d(3), (4, 3), "input must be 5D"),
    (
        B(3),
        (4, 5),
        r"running_mean must have shape \(5,\) to fit an input of shape "
        r"\(4, 5\), got shape \(3,\)",
    ),
    (B(3, **{"track_running_stats": False}), (4, 5), "weight must have"),
    (B(3), (1, 3), r"more than 1 value per channel, got shape \(1, 3\)"),
    (B(3, momentum=None), (1, 3, 1), "more than 1 value per channel"),
    (B(3, track_running_stats=False).eval(), (1, 3), "more than 1 value"),
    (B(3, eps=0.0), (4, 3), "eps must be positive in training, got 0.0"),
    (B(3, eps=-1.0), (4, 3), "eps must be positive in training, got -1.0"),
    (B(3, eps=-1.0).eval(), (4, 3), "eps must be non-negative, got -1.0"),
    (
        B(3, dtype=torch.float64),
        (4, 3),
        "must be torch.float32 to .*float64",
    ),
    (B(3, dtype=torch.half), (4, 3), "must be torch.float32 to"),
    (I(3, **tracked), (3,), "input must be 2D or 3D"),
    (layers.InstanceNorm2d(3), (3, 4), "input must be 3D or 4D"),
    (layers.InstanceNorm3d(3), (3, 4), "input must be 4D or 5D"),
    (I(3, **tracked), (2, 3, 1), "more than 1 value per channel"),
    (I(3, affine=True), (2, 4, 5), r"weight must have shape \(4,\)"),
    (I(3, **tracked), (4, 5), r"running_mean must have shape \(4,\)"),
    (L(3), (2, 4), r"end in normalized_shape \(3,\), got shape \(2, 4\)"),
    (L((2, 3)), (3,), r"end in normalized_shape \(2, 3\)"),
    (L(()), (3,), "normalized_shape must name a dimension"),
    (L(3, dtype=torch.float64), (2, 3), "weight must be torch.float32"),
    (R(3), (2, 4), r"end in normalized_shape \(3,\)"),
    (R(()), (2,), "normalized_shape must name a dimension"),
    (G(2, 4), (4,), r"input must be \(N, C, …\), got shape \(4,\)"),
    (G(2, 4), (2, 6), r"weight must have shape \(6,\)"),
    (G(2, 4, affine=False), (2, 5), "must divide the 5 channels, got 2"),
    (G(4, 4), (1, 4), r"more than 1 value per channel, got shape \(1, 4\)"),
]


@pytest.mark.parametrize("module, shape, message", REFUSED)
def test_refusals_change_nothing(module, shape, message):
    before = state_of(module)
    with pytest.raises(ValueError, match=message):
        module(torch.randn(shape))
    after = module.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)


@pytest.mark.filterwarnings("ignore:input's size at dim=0")
@pytest.mark.parametrize("module, shape, _message", REFUSED)
def test_torch_refuses_the_same(module, shape, _message):
    name = type(module).__name__
    keys = [
        k
        for k in inspect.signature(getattr(nn, name)).parameters
        if hasattr(module, k) and k != "bias"
    ]
    weight = getattr(module, "weight", None)
    theirs = getattr(nn, name)(
        **{k: getattr(module, k) for k in keys},
        dtype=None if weight is None else weight.dtype,
    )
    with pytest.raises((ValueError, RuntimeError)):
        theirs.train(module.training)(torch.randn(shape))


@each
@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.cfloat])
def test_other_numbers_are_refused(name, args, shape, dtype):
    module = getattr(layers, name)(*args)
    before = state_of(module)
    with pytest.raises(ValueError, match=f"floating point, got {dtype}"):
        module(torch.ones(shape, dtype=dtype))
    after = module.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)


@pytest.mark.parametrize("groups, channels", [(2, 3), (0, 3), (-1, 3)])
def test_groups_must_divide_channels(groups, channels):
    wanted = rf"\({channels}\) must be divisible by num_groups \({groups}\)"
    with pytest.raises(ValueError, match=wanted):
        layers.GroupNorm(groups, channels)


def test_functions_refuse_what_modules_cannot_meet():
    x = torch.randn(2, 3, 4)
    with pytest.raises(ValueError, match=r"running_mean and running_var"):
        F.batch_norm(x, None, torch.ones(3), training=False)
    with pytest.raises(
        ValueError, match="must divide the 3 channels, got 0"
    ):
        F.group_norm(x, 0)
    with pytest.raises(ValueError, match="bias must have shape"):
        F.layer_norm(x, (4,), bias=torch.ones(1))


def test_another_number_of_channels_warns_where_it_does_not_matter():
    with pytest.warns(UserWarning, match="num_features is 3 .* 4 channels"):
        layers.InstanceNorm1d(3)(torch.randn(2, 4, 5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers.InstanceNorm1d(3)(torch.randn(2, 3, 5))
        # Where it matters it is an error, and nothing is said before.
        remembers = layers.InstanceNorm1d(3, track_running_stats=True)
        with pytest.raises(ValueError, match=r"running_mean .* \(4,\)"):
            remembers(torch.randn(2, 4, 5))


@each
def test_compiles_in_one_graph(name, args, shape):
    torch.manual_seed(0)
    module = getattr(layers, name)(*args)
    twin = copy.deepcopy(module)
    torch._dynamo.reset()
    compiled = torch.compile(twin, fullgraph=True, backend="aot_eager")
    for more in (0, 1):  # the second size makes the batch symbolic
        x = torch.randn(shape[0] + more, *shape[1:]).requires_grad_()
        y, z = compiled(x), module(x)
        (dy,) = torch.autograd.grad(y.pow(3).sum(), x)
        (dz,) = torch.autograd.grad(z.pow(3).sum(), x)
        # The same operations, perhaps in another order.
        torch.testing.assert_close(y, z, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(dy, dz, rtol=1e-4, atol=1e-4)
    for a, b in zip(twin.buffers(), module.buffers(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-6)


@each
def test_exports(name, args, shape):
    module = getattr(layers, name)(*args).eval()
    x = torch.randn(shape)
    program = torch.export.export(module, (x,))
    torch.testing.assert_close(program.module()(x), module(x))


def test_public_names():
    assert all(hasattr(layers, n) for n in layers.__all__)
    files = {"core", "functional", "batch", "group", "instance", "layer"}
    assert not files & set(layers.__all__)
