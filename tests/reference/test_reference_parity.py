"""Outputs, all gradients and running statistics are torch's."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from reference_cases import CASES, batch, torch_answer

from normlib import reference as ref

by_name = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
of_activations = pytest.mark.parametrize(
    "case",
    [c for c in CASES if not c.name.startswith("weight")],
    ids=lambda c: c.name,
)

# Values and sums of some hundred terms of size 1, each side rounded at
# 2^-53: about 1e-14 apart. A wrong term is off by 1e-3 and more.
TIGHT = {"rtol": 1e-12, "atol": 1e-13}

# Our only rounding to float32 or float16 is the last one: half a step,
# 2^-24 or 2^-11 of the value, and for float16 half of the smallest
# subnormal, 2^-25. A factor of two spares us the ties.
ROUNDED = {
    np.float32: {"rtol": 2.0**-23, "atol": 1e-13},
    np.float16: {"rtol": 2.0**-10, "atol": 2.0**-24},
}


def compare(case, arrays, dy, **tolerance):
    y, cache = case.forward(*arrays)
    grads = case.backward(dy, cache)
    wanted, wanted_grads = torch_answer(case, arrays, dy)
    assert y.shape == dy.shape and y.dtype == dy.dtype
    np.testing.assert_allclose(y, wanted, **tolerance)
    assert len(grads) == len(arrays)
    for a, grad, wanted in zip(arrays, grads, wanted_grads, strict=True):
        if a is None:
            assert grad is None
            continue
        assert isinstance(grad, np.ndarray)
        assert grad.shape == a.shape and grad.dtype == a.dtype
        np.testing.assert_allclose(grad, wanted, **tolerance)


@by_name
def test_float64(case):
    arrays, dy = case.arrays()
    compare(case, arrays, dy, **TIGHT)


@by_name
@pytest.mark.parametrize("dtype", ROUNDED)
def test_narrow_floats_are_rounded_once(case, dtype):
    arrays, dy = case.arrays(dtype)
    compare(case, arrays, dy, **ROUNDED[dtype])


@of_activations
@pytest.mark.parametrize("absent", [(1,), (2,), (1, 2)])
def test_parameters_may_be_none_each_by_itself(case, absent):
    arrays, dy = case.arrays()
    arrays = [None if i in absent else a for i, a in enumerate(arrays)]
    compare(case, arrays, dy, **TIGHT)


@of_activations
def test_float16_takes_float32_parameters(case):
    arrays, dy = case.arrays(np.float16)
    arrays[1:] = [a.astype(np.float32) for a in arrays[1:]]
    y, cache = case.forward(*arrays)
    grads = case.backward(dy, cache)
    assert [g.dtype for g in grads] == [a.dtype for a in arrays]
    wanted, wanted_grads = torch_answer(case, arrays, dy)
    np.testing.assert_allclose(y, wanted, **ROUNDED[np.float16])
    for grad, wanted in zip(grads[1:], wanted_grads[1:], strict=True):
        np.testing.assert_allclose(grad, wanted, rtol=2**-23, atol=1e-13)


@pytest.mark.parametrize("eps", [0.0, 1e-3, 0.5, 7])
@pytest.mark.parametrize("name", ["layer", "rms", "batch"])
def test_every_eps(name, eps):
    rng = np.random.default_rng(3)
    x, dy = rng.normal(size=(2, 6, 5))
    gamma = rng.normal(size=5)
    t = torch.tensor(x, requires_grad=True)
    w = torch.tensor(gamma)
    if name == "layer":
        y, cache = ref.layer_norm_forward(x, gamma, None, eps=eps)
        twin = F.layer_norm(t, (5,), w, None, float(eps))
    elif name == "rms":
        y, cache = ref.rms_norm_forward(x, gamma, eps=eps)
        twin = F.rms_norm(t, (5,), w, float(eps))
    else:
        y, cache = ref.batch_norm_forward(x, gamma, None, eps=eps)
        # torch wants ε > 0 here; 1e-300 vanishes beside the variance.
        twin = F.batch_norm(
            t, None, None, w, None, True, 0.1, float(eps or 1e-300)
        )
    twin.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, twin.detach(), **TIGHT)
    dx = ref.norm_backward(dy, cache)[0]
    np.testing.assert_allclose(dx, t.grad, **TIGHT)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rms_norm_has_the_eps_of_torch(dtype):
    # x² is 1e-14 in float64 and 1e-6 in the others: near the epsilon of
    # float64, 2.2e-16, and of float32, 1.2e-7; far from that of float16.
    x = np.full((2, 4), 1e-7 if dtype == np.float64 else 1e-3, dtype)
    y, _ = ref.rms_norm_forward(x, None)
    twin = F.rms_norm(torch.tensor(x), (4,))
    wide = np.float64 if dtype == np.float64 else np.float32
    other, _ = ref.rms_norm_forward(x, None, eps=np.finfo(wide).eps)
    np.testing.assert_array_equal(y, other)
    assert y[0, 0] < 0.995
    # torch rounds x², the mean, the sum, the root and the quotient.
    rtol = 2.0**-10 if dtype == np.float16 else 5 * np.finfo(wide).eps
    np.testing.assert_allclose(y, twin, rtol=rtol)


@pytest.mark.parametrize("shape", [(7, 5), (4, 5, 3, 2)])
@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.73, 1.0])
def test_running_statistics(shape, momentum):
    rng = np.random.default_rng(1)
    mean, var = rng.normal(size=5), rng.uniform(0.5, 2, size=5)
    t_mean, t_var = torch.tensor(mean), torch.tensor(var)
    held = mean, var
    for _ in range(3):
        x = rng.normal(2, 3, size=shape)
        ref.batch_norm_forward(
            x,
            None,
            None,
            running_mean=mean,
            running_var=var,
            momentum=momentum,
        )
        F.batch_norm(
            torch.tensor(x), t_mean, t_var, None, None, True, momentum
        )
        np.testing.assert_allclose(held[0], t_mean, **TIGHT)
        np.testing.assert_allclose(held[1], t_var, **TIGHT)


@pytest.mark.parametrize("shape", [(7, 5), (1, 5), (4, 5, 3, 2)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_evaluation(shape, dtype):
    rng = np.random.default_rng(2)
    case = batch(*shape)
    arrays, dy = case.arrays(dtype)
    mean = rng.normal(size=5).astype(dtype)
    var = rng.uniform(0.5, 2, size=5).astype(dtype)
    before = mean.copy(), var.copy()
    y, cache = ref.batch_norm_forward(
        *arrays, running_mean=mean, running_var=var, training=False
    )
    np.testing.assert_array_equal(mean, before[0])
    np.testing.assert_array_equal(var, before[1])
    leaves = [
        torch.tensor(a, dtype=torch.float64, requires_grad=True)
        for a in arrays
    ]
    m, v = (torch.tensor(a, dtype=torch.float64) for a in before)
    twin = F.batch_norm(leaves[0], m, v, *leaves[1:], False)
    twin.backward(torch.tensor(dy, dtype=torch.float64))
    tolerance = ROUNDED.get(dtype, TIGHT)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, twin.detach(), **tolerance)
    grads = ref.batch_norm_backward(dy, cache)
    for grad, leaf in zip(grads, leaves, strict=True):
        assert grad.dtype == dtype
        np.testing.assert_allclose(grad, leaf.grad, **tolerance)


def test_the_backward_uses_gamma_as_it_was():
    case = batch(7, 5)
    arrays, dy = case.arrays()
    _, wanted = torch_answer(case, arrays, dy)
    _, cache = case.forward(*arrays)
    arrays[1] += 1.0  # a step of training
    dx, dgamma, _ = case.backward(dy, cache)
    np.testing.assert_allclose(dx, wanted[0], **TIGHT)
    np.testing.assert_allclose(dgamma, wanted[1], **TIGHT)
