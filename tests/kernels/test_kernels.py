"""The fused kernels against normlib.reference in float64.

On a GPU every shape runs; without one, in Triton's interpreter, the small
ones, which take the same paths.
"""

import numpy as np
import pytest
import torch
from exactly import answer, inputs, numpy

from normlib import kernels
from normlib.kernels import ops

ON_GPU = torch.cuda.is_available()
DEVICE = "cuda" if ON_GPU else "cpu"
DTYPES = [torch.float32, torch.float16, torch.bfloat16]
# Whole rows: one value, not a power of two, many rows a tile; looped: one
# step and a bit, two steps and a bit. The interpreter sums value by value:
# the longest is left to a GPU, and each length has one number format.
SHAPES = [(1, 1), (5, 1), (3, 2), (64, 7), (33, 100), (1, 256), (7, 1000)]
LONG = {(2, 8193): torch.float32, (1, 16385): torch.bfloat16}
if ON_GPU:
    LONG[1, 33000] = torch.bfloat16
LARGE = [
    (M, N)
    for M in (1, 3, 128, 1000)
    for N in (1, 3, 17, 64, 255, 256, 1000, 1024, 4095, 4096, 8192, 8193)
] + [(257, N) for N in (16384, 16385, 32768, 65535, 65536)]


def compute(p, centre, residual, eps=1e-5):
    """Return the kernels' y, s and gradients for the inputs p."""
    leaves = [p.x, p.w] + ([p.b] if centre else [])
    leaves += [p.r] if residual else []
    leaves = [t.detach().requires_grad_() for t in leaves]
    x, w, *rest = leaves
    b = rest[0] if centre else None
    r = rest[-1] if residual else None
    if centre:
        out = kernels.layer_norm(x, w, b, eps, r)
    else:
        out = kernels.rms_norm(x, w, eps, r)
    y, s = out if residual else (out, x)
    outs, grads = [y], [p.dy]
    if residual:
        outs, grads = [y, s], [p.dy, p.ds]
    got = torch.autograd.grad(outs, leaves, grads)
    named = dict(zip(("dx", "dw", "db") if centre else ("dx", "dw"), got,
                     strict=False))  # fmt: skip
    if residual:
        assert torch.equal(got[-1], got[0])  # s = x + r: one gradient
    return s.detach(), {"y": y} | named


def check(p, centre, residual, eps=1e-5):
    s, got = compute(p, centre, residual, eps)
    ds = p.ds if residual else None
    if residual:
        exact = p.x.double() + p.r.double()
        off = (s.double() - exact).abs()
        unit = {4: 2.0**-24}.get(s.element_size())
        unit = unit or torch.finfo(s.dtype).eps
        assert (off <= unit * exact.abs() + 1e-7).all()
    want = answer(s, p.w, p.b, p.dy, ds, centre=centre, eps=eps)
    assert got.keys() == want.keys()
    for name, (wanted, bound) in want.items():
        off = np.abs(numpy(got[name]) - wanted)
        worst = (off / bound).max(initial=0)
        assert worst <= 1, f"{name}: {worst:.2f} of the bound"


@pytest.mark.parametrize("residual", [False, True], ids=["", "residual"])
@pytest.mark.parametrize("centre", [False, True], ids=["rms", "layer"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_outputs_and_gradients(shape, dtype, centre, residual):
    check(inputs(*shape, dtype, DEVICE), centre, residual)


@pytest.mark.parametrize("residual", [False, True], ids=["", "residual"])
@pytest.mark.parametrize("centre", [False, True], ids=["rms", "layer"])
@pytest.mark.parametrize("shape", LONG, ids=str)
def test_long_rows(shape, centre, residual):
    for dtype in (
        {torch.float32, torch.bfloat16} if ON_GPU else {LONG[shape]}
    ):
        check(inputs(*shape, dtype, DEVICE), centre, residual)


@pytest.mark.skipif(not ON_GPU, reason="no GPU")
@pytest.mark.parametrize("residual", [False, True], ids=["", "residual"])
@pytest.mark.parametrize("centre", [False, True], ids=["rms", "layer"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_large_shapes_on_a_gpu(dtype, centre, residual):
    for shape in LARGE:
        check(inputs(*shape, dtype, DEVICE), centre, residual)


@pytest.mark.parametrize("centre", [False, True], ids=["rms", "layer"])
@pytest.mark.parametrize("mean", [0.0, 1e3, 1e6])
@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e3])
def test_means_and_scales(mean, scale, centre):
    p = inputs(8, 96, torch.float32, DEVICE, mean=mean, scale=scale)
    check(p, centre, residual=False)


@pytest.mark.parametrize("N", [40, 17000])
def test_a_row_whose_start_is_unlike_the_rest(N):
    """The loop's constant c comes from the first step alone."""
    p = inputs(2, N, torch.float32, DEVICE)
    p.x[:, : N // 2] = 5.0
    check(p, centre=True, residual=False)


def test_constant_rows_give_beta_and_zeros_no_nan():
    p = inputs(4, 32, torch.float32, DEVICE)
    p.x[:2] = 3.0
    p.x[2:] = 0.0
    for centre in (True, False):
        check(p, centre, residual=False)
    y = kernels.layer_norm(p.x, p.w, p.b)
    torch.testing.assert_close(y, p.b.expand(4, -1))


def test_rows_apart_in_memory():
    wide = inputs(6, 80, torch.float32, DEVICE)
    p = inputs(6, 40, torch.float32, DEVICE)
    p.x, p.dy, p.ds = wide.x[:, :40], wide.dy[:, 40:], wide.ds[:, ::2]
    p.r = wide.r.T[:40].T  # columns not neighbours
    check(p, centre=True, residual=True)
    t = inputs(40, 6, torch.float32, DEVICE).x.T
    assert torch.equal(
        kernels.rms_norm(t, p.w), kernels.rms_norm(t.contiguous(), p.w)
    )


def test_leading_dimensions():
    p = inputs(12, 16, torch.float32, DEVICE)
    y, s = kernels.rms_norm(
        p.x.view(3, 4, 16), p.w, residual=p.r.view(3, 4, 16)
    )
    assert y.shape == s.shape == (3, 4, 16)
    one = kernels.rms_norm(p.x[0], p.w)
    assert torch.equal(one, kernels.rms_norm(p.x, p.w)[0])


def test_without_parameters():
    p = inputs(5, 24, torch.float32, DEVICE)
    x = p.x.requires_grad_()
    for y, theirs in (
        (kernels.layer_norm(x), torch.nn.functional.layer_norm(x, (24,))),
        (
            kernels.rms_norm(x),
            torch.nn.functional.rms_norm(x, (24,)),
        ),
    ):
        ours, want = (
            torch.autograd.grad(out, x, p.dy)[0] for out in (y, theirs)
        )
        torch.testing.assert_close(y, theirs)
        torch.testing.assert_close(ours, want)


def test_weights_of_another_dtype():
    p = inputs(4, 16, torch.bfloat16, DEVICE)
    w = p.w.float().requires_grad_()
    y = kernels.rms_norm(p.x, w)
    (dw,) = torch.autograd.grad(y, w, p.dy)
    assert y.dtype == torch.bfloat16 and dw.dtype == torch.float32


@pytest.mark.parametrize("frozen", ["x", "w", "b"])
def test_what_is_frozen_has_no_gradient(frozen):
    p = inputs(5, 24, torch.float32, DEVICE)
    given = {name: getattr(p, name) for name in "xwb"}
    leaves = [
        t.requires_grad_() for name, t in given.items() if name != frozen
    ]
    ours = kernels.layer_norm(*given.values())
    x, w, b = given.values()
    theirs = torch.nn.functional.layer_norm(x, (24,), w, b)
    got, want = (
        torch.autograd.grad(y, leaves, p.dy) for y in (ours, theirs)
    )
    for a, expected in zip(got, want, strict=True):
        torch.testing.assert_close(a, expected)


def test_no_rows():
    p = inputs(0, 16, torch.float32, DEVICE)
    leaves = [t.requires_grad_() for t in (p.x, p.w, p.b)]
    y = kernels.layer_norm(*leaves)
    dx, dw, db = torch.autograd.grad(y, leaves, torch.zeros_like(y))
    assert y.shape == dx.shape == (0, 16)
    assert not dw.any() and not db.any()


def test_the_same_bits_again():
    p = inputs(300, 64, torch.float32, DEVICE)
    runs = [compute(p, True, True)[1] for _ in range(3)]
    for other in runs[1:]:
        for name, value in runs[0].items():
            assert torch.equal(value, other[name])


@pytest.mark.parametrize("shape", [(1, 1), (300, 64), (2, 8193)], ids=str)
def test_no_memory_is_left_as_it_was(shape):
    """In this mode PyTorch fills what `torch.empty` returns with NaN."""
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.empty(3).isnan().all()
        s, got = compute(inputs(*shape, torch.float32, DEVICE), True, True)
    finally:
        torch.use_deterministic_algorithms(False)
    assert all(t.isfinite().all() for t in (s, *got.values()))


def test_only_one_of_the_outputs_has_a_gradient():
    p = inputs(4, 16, torch.float32, DEVICE)
    x, r = p.x.requires_grad_(), p.r.requires_grad_()
    _, s = kernels.rms_norm(x, p.w, residual=r)
    dx, dr = torch.autograd.grad(s, (x, r), p.ds)
    assert torch.equal(dx, p.ds) and torch.equal(dr, p.ds)


def test_a_gradient_that_is_one_number_repeated():
    x = inputs(4, 16, torch.float32, DEVICE).x.requires_grad_()
    theirs = torch.nn.functional.layer_norm(x, (16,)).square()
    ours = kernels.layer_norm(x).square()
    for y in (ours.sum(), kernels.layer_norm(x).sum()):
        y.backward(retain_graph=True)
    x.grad = None
    ours.sum().backward()
    (want,) = torch.autograd.grad(theirs.sum(), x)
    torch.testing.assert_close(x.grad, want)


def test_the_operators_are_registered_as_torch_asks():
    p = inputs(4, 16, torch.float32, DEVICE)
    leaves = [t.requires_grad_() for t in (p.x, p.r, p.w, p.b)]
    torch.library.opcheck(ops.norm, (*leaves, 1e-5, True))
    torch.library.opcheck(ops.norm, (p.x, None, p.w, None, 1e-5, False))
    _, s, mu, rstd = (t.detach() for t in ops.norm(*leaves, 1e-5, True))
    torch.library.opcheck(
        ops.norm_backward,
        (p.dy, p.ds, s, p.w.detach(), mu, rstd, p.w.dtype, None, True),
        test_utils=("test_schema", "test_faketensor"),
    )


def test_a_compiled_function_has_no_break():
    p = inputs(4, 16, torch.float32, DEVICE)

    def block(x, r, w):
        y, s = kernels.rms_norm(torch.relu(x), w, residual=r)
        return (y * s).sum()

    compiled = torch.compile(block, fullgraph=True, backend="aot_eager")
    for f in (block, compiled):
        leaves = [t.detach().requires_grad_() for t in (p.x, p.r, p.w)]
        f(*leaves).backward()
        grads = [t.grad for t in leaves]
        if f is block:
            want = grads
    for got, expected in zip(grads, want, strict=True):
        torch.testing.assert_close(got, expected)


def test_a_negative_eps_is_refused():
    p = inputs(2, 8, torch.float32, DEVICE)
    for eps in (-1e-5, float("nan")):
        with pytest.raises(ValueError, match="eps must be 0 or more"):
            kernels.layer_norm(p.x, p.w, p.b, eps)


def test_a_second_derivative_is_refused():
    x = inputs(2, 8, torch.float32, DEVICE).x.requires_grad_()
    y = kernels.rms_norm(x).square().sum()
    (dx,) = torch.autograd.grad(y, x, create_graph=True)
    with pytest.raises(NotImplementedError, match="not a second"):
        dx.square().sum().backward()


BAD = [
    ({"x": torch.ones(3, 4, dtype=torch.float64)}, "x must be one of"),
    ({"x": torch.ones(())}, r"x must be \(\*, N\)"),
    ({"x": torch.ones(3, 0)}, r"x must be \(\*, N\)"),
    ({"x": torch.ones(1, 270000)}, r"x must be \(\*, N\), 1 ≤ N ≤ 262144"),
    ({"weight": torch.ones(5)}, r"weight must be \(4,\)"),
    ({"weight": torch.ones(4).long()}, "weight must be one of"),
    ({"residual": torch.ones(3, 5)}, "residual must be as x"),
    ({"residual": torch.ones(3, 4).half()}, "residual must be as x"),
]


@pytest.mark.parametrize("change, message", BAD, ids=range(len(BAD)))
def test_bad_input(change, message):
    given = {"x": torch.ones(3, 4), "weight": torch.ones(4)} | change
    given = {name: t.to(DEVICE) for name, t in given.items()}
    with pytest.raises(ValueError, match=message):
        kernels.rms_norm(**given)
