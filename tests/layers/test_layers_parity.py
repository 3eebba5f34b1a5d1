"""The layers against torch.nn: outputs, gradients, running arrays."""

import copy
import math

import pytest
import torch
from layer_pairs import close, close_states, pair, run
from torch.testing._internal.common_modules import module_db

from normlib import layers

NAMES = [n for n in layers.__all__ if n != "weight_norm"]
SAMPLES = [i for i in module_db if i.module_cls.__name__ in NAMES]


def compare(ours, theirs, x, amplify=1.0):
    n = max(x.numel(), 1)
    for a, b in zip(run(ours, x), run(theirs, x), strict=True):
        close(a, b, n, amplify)
    close_states(ours, theirs, n, amplify)


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("info", SAMPLES, ids=lambda i: i.name)
def test_the_samples_of_pytorch(info, dtype, train):
    torch.manual_seed(0)
    samples = info.module_inputs_func(
        info, device="cpu", dtype=dtype, requires_grad=False, training=train
    )
    assert len(samples) >= 6
    for s in samples:
        c = s.constructor_input
        ours, theirs = pair(
            info.module_cls.__name__,
            *c.args,
            **c.kwargs,
            dtype=dtype,
            train=train,
        )
        (x,) = s.forward_input.args
        compare(ours, theirs, x)


def test_every_norm_has_samples():
    assert sorted(i.module_cls.__name__ for i in SAMPLES) == sorted(NAMES)


CASES = [
    ("BatchNorm1d", (3,), {"momentum": None}, (5, 3)),
    ("BatchNorm1d", (3,), {"momentum": 0.0}, (5, 3, 2)),
    ("BatchNorm1d", (3,), {"momentum": 1.0}, (1, 3, 4)),
    (
        "BatchNorm2d",
        (3,),
        {"affine": False, "momentum": None},
        (2, 3, 4, 5),
    ),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (1, 3, 4, 5)),
    ("BatchNorm3d", (2,), {"eps": 0.3}, (2, 2, 3, 1, 2)),
    ("InstanceNorm1d", (3,), {"affine": True}, (2, 3, 4)),
    ("InstanceNorm1d", (3,), {"track_running_stats": True}, (3, 6)),
    (
        "InstanceNorm2d",
        (3,),
        {"affine": True, "track_running_stats": True, "momentum": None},
        (3, 3, 2, 2),
    ),
    ("InstanceNorm2d", (3,), {"track_running_stats": True}, (3, 3, 2, 2)),
    ("InstanceNorm3d", (2,), {"affine": True}, (2, 2, 2, 1, 3)),
    ("LayerNorm", ((3, 4),), {"bias": False}, (2, 5, 3, 4)),
    ("LayerNorm", (4,), {"elementwise_affine": False}, (4,)),
    ("RMSNorm", (6,), {}, (5, 6)),
    ("RMSNorm", ((2, 3),), {"eps": 0.1}, (5, 2, 3)),
    ("RMSNorm", (6,), {"elementwise_affine": False}, (6,)),
    ("GroupNorm", (2, 6), {}, (1, 6)),
    ("GroupNorm", (3, 6), {"eps": 0.2}, (2, 6, 2, 2, 2)),
    ("GroupNorm", (2, 6), {"affine": False}, (2, 6, 3)),
]
EACH = {}
for _case in CASES:
    EACH.setdefault(_case[0], _case)


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name, args, kwargs, shape", CASES)
def test_more_settings(name, args, kwargs, shape, dtype, train):
    torch.manual_seed(1)
    ours, theirs = pair(name, *args, **kwargs, dtype=dtype, train=train)
    compare(ours, theirs, 3 * torch.randn(shape, dtype=dtype) + 2)


M_IS_ONE = [
    ("LayerNorm", (1,), {}, (3, 1)),
    ("GroupNorm", (4, 4), {}, (2, 4)),
    ("RMSNorm", (1,), {}, (3, 1)),
]


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name, args, kwargs, shape", CASES + M_IS_ONE)
def test_zero_variance(name, args, kwargs, shape, dtype, train):
    ours, theirs = pair(name, *args, **kwargs, dtype=dtype, train=train)
    ours.eps = theirs.eps = 1e-4
    x = torch.full(shape, 0.5, dtype=dtype)
    compare(ours, theirs, x, amplify=1.5 / 1e-2)


@pytest.mark.parametrize(
    "name, args, shape",
    [
        ("BatchNorm1d", (1,), (5, 1)),
        ("InstanceNorm1d", (1, 1e-5, 0.1, True), (2, 1, 6)),
        ("GroupNorm", (1, 1), (2, 1, 5)),
        ("LayerNorm", (1,), (4, 1)),
    ],
)
def test_zero_variance_gives_beta_exactly(name, args, shape):
    # 0.7 is not a binary fraction and 5 or 6 of them sum inexactly.
    ours, _ = pair(name, *args)
    ours.eps = 1e-30
    y = ours(torch.full(shape, 0.7))
    assert torch.equal(y, ours.bias.expand(shape[-1:]).expand(shape))


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("case", EACH.values(), ids=EACH)
def test_empty_batches(case, train):
    name, args, kwargs, shape = case
    if name.startswith("Instance"):
        kwargs = {}  # with affine torch.nn's own raises IndexError
    ours, theirs = pair(name, *args, **kwargs, train=train)
    compare(ours, theirs, torch.empty(0, *shape[1:]))


def test_empty_instances_leave_the_running_arrays_alone():
    # torch.nn makes them NaN for good.
    ours = layers.InstanceNorm1d(3, affine=True, track_running_stats=True)
    before = copy.deepcopy(ours.state_dict())
    y, dx, *_ = run(ours, torch.empty(0, 3, 4))
    assert y.shape == dx.shape == (0, 3, 4)
    assert all(torch.equal(a, before[k]) for k, a in ours.named_buffers())


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize(
    "name", ["BatchNorm2d", "InstanceNorm2d", "GroupNorm"]
)
def test_memory_layouts(name, train):
    torch.manual_seed(2)
    args = (2, 4) if name == "GroupNorm" else (4,)
    x = torch.randn(2, 4, 6, 5)
    last = x.to(memory_format=torch.channels_last)
    for view in (last, x.mT, x.expand(2, 4, 6, 5), x[:, :, ::2, 1:]):
        ours, theirs = pair(name, *args, affine=True, train=train)
        compare(ours, theirs, view)
        assert ours(view).stride() == torch.empty_like(view).stride()


@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm"])
def test_views_of_features(name):
    torch.manual_seed(2)
    for view in (torch.randn(6, 5).T, torch.randn(5, 12)[:, ::2]):
        compare(*pair(name, 6), view)


@pytest.mark.filterwarnings("ignore:Mismatch dtype")
@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("params", ["half", "float32"])
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("case", EACH.values(), ids=EACH)
def test_half_precision(case, half, params, train):
    name, args, kwargs, shape = case
    dtype = half if params == "half" else torch.float32
    torch.manual_seed(3)
    x = (torch.randn(shape) + 4).to(half)
    ours, theirs = pair(name, *args, **kwargs, dtype=dtype, train=train)
    exact = copy.deepcopy(ours).float()
    y, *grads = run(ours, x, steps=1)
    y32, *grads32 = run(exact, x.float(), steps=1)
    assert y.dtype == half and [g.dtype for g in grads[1:]] == [
        p.dtype for p in ours.parameters()
    ]
    # dy is drawn in float64 and rounded to half for one, float32 for the
    # other: half an ulp each of Σ|dy·x̂|; for the rest one rounding.
    n = x.numel()
    for a, b in zip([y, *grads], [y32, *grads32], strict=True):
        scale = 1 + b.abs().max()
        few = 2 if a is y else 2 * math.sqrt(n)
        assert (a - b).abs().max() <= few * torch.finfo(half).eps * scale
    # torch.nn rounds y once too; with parameters in half precision its
    # batch and instance norm round μ and σ as well, and lose by it.
    error = (y - y32).abs()
    theirs_error = (run(theirs, x, steps=1)[0] - y32).abs()
    limit = torch.finfo(half).eps * (1 + y32.abs())
    assert (error <= limit).all()
    if dtype == torch.float32 or name in ("LayerNorm", "RMSNorm"):
        assert (theirs_error <= limit).all()
    assert error.mean() <= 1.05 * theirs_error.mean() + 1e-6
    for (_, a), (_, b) in zip(
        ours.named_buffers(), theirs.named_buffers(), strict=True
    ):
        eps = torch.finfo(dtype).eps if a.is_floating_point() else 0
        assert ((a - b).abs() <= 4 * eps * (1 + b.abs())).all()


@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.float32, torch.half]
)
def test_rms_eps_none_is_that_of_the_working_dtype(dtype):
    # 1e-3² lies near float32's eps, so the two epsilons differ visibly.
    x = torch.full((1, 4), 1e-3, dtype=dtype)
    ours, theirs = pair("RMSNorm", 4, dtype=dtype)
    tol = 4 * torch.finfo(dtype).eps
    torch.testing.assert_close(ours(x), theirs(x), rtol=tol, atol=0)


@pytest.mark.filterwarnings("ignore:Mismatch dtype")
def test_rms_takes_a_weight_of_any_dtype():
    for x in (torch.float64, torch.float32, torch.bfloat16):
        for w in (torch.float64, torch.float32, torch.bfloat16):
            ours, theirs = pair("RMSNorm", 4, dtype=w)
            v = torch.randn(3, 4).to(x)
            a, b = ours(v), theirs(v)
            assert a.dtype == b.dtype == x
            tol = 4 * max(torch.finfo(x).eps, 2e-7)
            torch.testing.assert_close(a, b, rtol=tol, atol=tol)


def test_flags_changed_after_construction():
    x = torch.randn(4, 3, 5) + 1
    for name in ("BatchNorm1d", "InstanceNorm1d"):
        for train in (True, False):
            a, b = pair(name, 3, track_running_stats=True, train=train)
            a.track_running_stats = b.track_running_stats = False
            compare(a, b, x)
    a, b = pair("BatchNorm1d", 3)
    a.num_batches_tracked = b.num_batches_tracked = None
    for momentum in (0.1, None):
        a.momentum = b.momentum = momentum
        compare(a, b, x)
