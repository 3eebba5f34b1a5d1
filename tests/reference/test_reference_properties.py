"""What follows from the operator, and how the functions behave."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import CASES, batch, group, instance, layer, rms

import normlib
from normlib import reference as ref

by_name = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
drawn = settings(derandomize=True, deadline=None, max_examples=50)
FOLDER = Path(ref.__file__).parent
NONE = (None, None)
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def rows(shape=(5, 7), seed=0):
    return np.random.default_rng(seed).normal(1, 2, size=shape)


# The operator


@drawn
@given(st.integers(2, 40), st.integers(0, 999), st.sampled_from([0, 1e-3]))
def test_x_hat_is_bounded(m, seed, eps):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, m)) * np.exp(rng.normal(0, 5, (20, m)))
    for centre, limit in ((True, m - 1), (False, m)):
        x_hat, cache = ref.standardize(x, (1,), eps=eps, centre=centre)
        assert cache.m == m
        assert np.abs(x_hat).max() <= np.sqrt(limit) * (1 + 1e-14)
        length = np.linalg.norm(x_hat, axis=1)
        if eps == 0:
            np.testing.assert_allclose(length, np.sqrt(m), rtol=1e-13)
        else:
            assert (length <= np.sqrt(m) * (1 + 1e-14)).all()


def test_one_outlier_reaches_the_bound():
    x = np.zeros((1, 10))
    x[0, 3] = 8.0
    y, _ = ref.layer_norm_forward(x, *NONE, eps=0)
    np.testing.assert_allclose(y.max(), 3.0, **CLOSE)  # √(m − 1)
    y, _ = ref.rms_norm_forward(x, None, eps=0)
    np.testing.assert_allclose(y.max(), np.sqrt(10), **CLOSE)  # √m


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_two_values_say_one_bit_and_learn_nothing(scale):
    x, dy = scale * rows((2, 9)), rows((2, 9), 1)
    y, cache = ref.batch_norm_forward(x, *NONE, eps=0)
    np.testing.assert_allclose(y, np.sign(x - x[::-1]), rtol=1e-12)
    dx, _, _ = ref.batch_norm_backward(dy, cache)
    sigma = np.abs(x[0] - x[1]) / 2
    assert np.abs(dx * sigma).max() < 1e-13  # beside dy, of size 1


@pytest.mark.parametrize("centre", [True, False])
def test_the_backward_is_a_projection(centre):
    x, g = rows(), rows(seed=1)
    x_hat, cache = ref.standardize(x, (1,), eps=0, centre=centre)
    once = ref.standardize_backward(g, cache) * cache.sigma
    twice = ref.standardize_backward(once, cache) * cache.sigma
    np.testing.assert_allclose(twice, once, **CLOSE)
    np.testing.assert_allclose((once * x_hat).sum(1), 0, **CLOSE)
    if centre:
        np.testing.assert_allclose(once.sum(1), 0, **CLOSE)
    else:
        assert np.abs(once.sum(1)).min() > 1e-3


def test_with_eps_a_fraction_along_x_hat_stays():
    x, g = rows(), rows(seed=1)
    x_hat, cache = ref.standardize(x, (1,), eps=0.5)
    dx = ref.standardize_backward(g, cache) * cache.sigma
    kept = (dx * x_hat).sum(1) / (g * x_hat).sum(1)
    fraction = 0.5 / cache.sigma.ravel() ** 2
    np.testing.assert_allclose(kept, fraction, **CLOSE)


# One operator, many norms


def same(one, other, x, dy):
    (y1, cache1), (y2, cache2) = one(x), other(x)
    np.testing.assert_allclose(y1, y2, **CLOSE)
    dx1 = ref.norm_backward(dy, cache1)[0]
    dx2 = ref.norm_backward(dy, cache2)[0]
    np.testing.assert_allclose(dx1, dx2, **CLOSE)


X, DY = rows((3, 6, 4, 5)), rows((3, 6, 4, 5), 1)


def test_one_group_is_layer_norm_over_all_but_the_batch():
    same(
        lambda x: ref.group_norm_forward(x, *NONE, num_groups=1),
        lambda x: ref.layer_norm_forward(x, *NONE, axis=1),
        X,
        DY,
    )


def test_as_many_groups_as_channels_is_instance_norm():
    same(
        lambda x: ref.group_norm_forward(x, *NONE, num_groups=6),
        lambda x: ref.instance_norm_forward(x, *NONE),
        X,
        DY,
    )


def test_batch_norm_of_one_image_is_instance_norm():
    same(
        lambda x: ref.batch_norm_forward(x, *NONE),
        lambda x: ref.instance_norm_forward(x, *NONE),
        X[:1],
        DY[:1],
    )


def test_rms_norm_of_centred_rows_is_layer_norm():
    x = X - X.mean(-1, keepdims=True)
    y, _ = ref.rms_norm_forward(x, None, eps=0.1)
    z, _ = ref.layer_norm_forward(x, *NONE, eps=0.1)
    np.testing.assert_allclose(y, z, **CLOSE)


def test_weight_norm_gives_rows_of_length_g():
    g = np.array([[2.0], [-3.0], [0.5]])
    v = rows((3, 8))
    w, _ = ref.weight_norm_forward(v, g)
    np.testing.assert_allclose(np.linalg.norm(w, axis=1), abs(g[:, 0]))
    np.testing.assert_allclose(
        w / g, v / np.linalg.norm(v, axis=1)[:, None]
    )


def test_who_ignores_a_preceding_bias():
    """The gradient of a bias is Σ dx over all that it was added to."""
    bias = {
        "batch": ref.batch_norm_forward(X, *NONE),
        "instance": ref.instance_norm_forward(X, *NONE),
        "group": ref.group_norm_forward(X, *NONE, num_groups=2),
        "layer": ref.layer_norm_forward(X, *NONE, axis=1),
        "rms": ref.rms_norm_forward(X, None, axis=1),
    }
    for name, (_, cache) in bias.items():
        db = ref.norm_backward(DY, cache)[0].sum((0, 2, 3))
        if name in ("batch", "instance"):
            assert np.abs(db).max() < 1e-12
        else:
            assert np.abs(db).max() > 1e-2


@pytest.mark.parametrize("factor", [1e-3, 7.0, 1e5])
def test_the_scale_of_x_goes_and_divides_the_gradient(factor):
    for forward in (
        lambda x: ref.batch_norm_forward(x, *NONE, eps=0),
        lambda x: ref.layer_norm_forward(x, *NONE, eps=0),
        lambda x: ref.rms_norm_forward(x, None, eps=0),
    ):
        (y, cache), (z, scaled) = forward(X), forward(factor * X)
        np.testing.assert_allclose(y, z, **CLOSE)
        dx = ref.norm_backward(DY, cache)[0]
        dz = ref.norm_backward(DY, scaled)[0]
        np.testing.assert_allclose(dx, factor * dz, rtol=1e-9, atol=1e-12)


# Edges


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_one_value_gives_beta(dtype):
    x = rows((4, 1)).astype(dtype)
    gamma, beta = np.full(1, 3, dtype), np.full(1, 0.25, dtype)
    for forward in (
        lambda: ref.layer_norm_forward(x, gamma, beta),
        lambda: ref.group_norm_forward(x, gamma, beta, num_groups=1),
    ):
        y, cache = forward()
        np.testing.assert_array_equal(y, np.full((4, 1), 0.25))
        dx, dgamma, dbeta = ref.norm_backward(np.ones_like(y), cache)
        assert not dx.any() and not dgamma.any() and dbeta == 4
    y, cache = ref.rms_norm_forward(x, gamma)
    np.testing.assert_allclose(y, 3 * np.sign(x), rtol=1e-3)


EMPTY = [
    layer(0, 5, axis=-1),
    layer(0, 3, 5, axis=1),
    rms(0, 5, axis=-1),
    instance(0, 5, 3),
    group(0, 6, 4, groups=3),
    group(0, 6, groups=2),
    batch(4, 0),
    instance(2, 0, 3),
]


@pytest.mark.parametrize("case", EMPTY, ids=lambda c: c.name)
def test_empty_batch(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arrays, dy = case.arrays(np.float32)
        y, cache = case.forward(*arrays)
        grads = case.backward(dy, cache)
    assert y.shape == case.shape and y.dtype == np.float32
    assert grads[0].shape == case.shape
    for grad, shape in zip(grads[1:], case.params, strict=True):
        assert grad.shape == shape and not grad.any()


def test_empty_batch_in_evaluation():
    mean, var, x = np.zeros(5), np.ones(5), np.ones((0, 5, 2))
    y, cache = ref.batch_norm_forward(
        x, var, mean, running_mean=mean, running_var=var, training=False
    )
    dx, dgamma, dbeta = ref.batch_norm_backward(y, cache)
    assert y.shape == dx.shape == x.shape
    assert dgamma.shape == (5,) and not dgamma.any() and not dbeta.any()


def test_equal_values_without_eps_are_a_silent_nan():
    x, zeros = np.full((4, 6, 3), 2.5), np.zeros((4, 6, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for y, cache in (
            ref.batch_norm_forward(x, *NONE, eps=0),
            ref.layer_norm_forward(x, *NONE, eps=0),
            ref.instance_norm_forward(x, *NONE, eps=0),
            ref.group_norm_forward(x, *NONE, num_groups=2, eps=0),
            ref.rms_norm_forward(zeros, None, eps=0),
            ref.weight_norm_forward(zeros, np.ones((4, 1, 1))),
        ):
            assert np.isnan(y).all()
            assert np.isnan(ref.norm_backward(x, cache)[0]).all()
        z = np.zeros(6)
        y, cache = ref.batch_norm_forward(
            x, *NONE, running_mean=z, running_var=z, training=False, eps=0
        )
        assert np.isinf(y).all()
        assert np.isinf(ref.batch_norm_backward(x, cache)[0]).all()


@by_name
def test_equal_values_with_eps_give_beta(case):
    if case.name.startswith(("rms", "weight")):
        return
    (x, gamma, beta), dy = case.arrays()
    x[:] = 1e6 / 3
    y, cache = case.forward(x, np.zeros_like(gamma), beta)
    z, _ = case.forward(x, gamma, beta)
    np.testing.assert_array_equal(z, y)
    assert np.isfinite(case.backward(dy, cache)[0]).all()


# Arrays


def is_own(a, arrays):
    return not any(np.shares_memory(a, b) for b in arrays)


@by_name
def test_arguments_are_kept_and_results_are_own(case):
    arrays, dy = case.arrays()
    before = [a.copy() for a in (*arrays, dy)]
    y, cache = case.forward(*arrays)
    wanted = y.copy()
    grads = case.backward(dy, cache)
    for a, b in zip((*arrays, dy), before, strict=True):
        np.testing.assert_array_equal(a, b)
    held = [a for a in vars(cache).values() if isinstance(a, np.ndarray)]
    for out in (y, *grads):
        assert out.flags.writeable
        assert is_own(out, [*arrays, dy, *held])
    for out in (y, *grads):
        out += 1.0  # a second backward gives the same all the same
    again = case.backward(dy, cache)
    for out, grad in zip(again, grads, strict=True):
        np.testing.assert_array_equal(out + 1.0, grad)
    np.testing.assert_array_equal(wanted, case.forward(*arrays)[0])


@by_name
def test_without_parameters_results_are_own_too(case):
    if case.name.startswith("weight"):
        return
    arrays, dy = case.arrays()
    nones = [None] * (len(arrays) - 1)
    y, cache = case.forward(arrays[0], *nones)
    dx = case.backward(dy, cache)[0]
    held = [a for a in vars(cache).values() if isinstance(a, np.ndarray)]
    for out in (y, dx):
        assert is_own(out, [arrays[0], dy, *held])


@by_name
@pytest.mark.parametrize("how", ["every other", "transposed", "fixed"])
def test_any_memory_layout(case, how):
    arrays, dy = case.arrays()

    def laid_out(a):
        if how == "every other" and a.ndim:
            out = np.empty((*a.shape[:-1], 2 * a.shape[-1]))[..., ::2]
            out[:] = a
        else:
            out = np.array(a, order="F")
        if how == "fixed":
            out.flags.writeable = False
        return out

    y, cache = case.forward(*arrays)
    z, other = case.forward(*map(laid_out, arrays))
    np.testing.assert_allclose(z, y, **CLOSE)
    pairs = zip(
        case.backward(laid_out(dy), other),
        case.backward(dy, cache),
        strict=True,
    )
    for grad, wanted in pairs:
        np.testing.assert_allclose(grad, wanted, **CLOSE)


def test_running_arrays_are_updated_where_they_are():
    store = np.zeros((6, 2, 2))
    mean, var = store[:, 0, 0], store[:, 0, 1]  # not contiguous
    ref.batch_norm_forward(X, *NONE, running_mean=mean, running_var=var)
    flat = X.transpose(1, 0, 2, 3).reshape(6, -1)
    np.testing.assert_allclose(store[:, 0, 0], 0.1 * flat.mean(1))
    np.testing.assert_allclose(store[:, 0, 1], 0.1 * flat.var(1, ddof=1))
    assert not store[:, 1].any()


def test_float16_may_run_in_float32():
    x = np.array([[-6e4], [6e4]], np.float16)
    mean, var = np.zeros((2, 1), np.float32)
    ref.batch_norm_forward(
        x, *NONE, running_mean=mean, running_var=var, momentum=1.0
    )
    np.testing.assert_allclose(var, 2 * float(x[0, 0]) ** 2, rtol=1e-6)


def test_a_failed_update_leaves_both_running_arrays():
    # In float16 the variance overflows; as an error, it comes first.
    x = np.array([[-5e4], [6e4]], np.float16)
    mean, var = np.zeros((2, 1), np.float16)
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        ref.batch_norm_forward(
            x, *NONE, running_mean=mean, running_var=var, momentum=1.0
        )
    assert mean == 0


# The folder


def test_it_is_short():
    lines = [
        line
        for path in sorted(FOLDER.glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(lines) <= 400
    assert max(map(len, lines)) <= 76


def test_everything_public_is_documented():
    assert len(set(ref.__all__)) == len(ref.__all__) == 16
    modules = {path.stem for path in FOLDER.glob("*.py")}
    assert not modules & set(ref.__all__)
    for name in set(ref.__all__) - {"SETS"}:
        assert "ValueError" in getattr(ref, name).__doc__
    sources = {
        "batch": "1502.03167",
        "layer": "1607.06450",
        "rms": "1910.07467",
        "instance": "1607.08022",
        "group": "1803.08494",
        "weight": "1602.07868",
    }
    for norm, source in sources.items():
        forward = getattr(ref, f"{norm}_norm_forward")
        assert f"arXiv:{source}" in forward.__doc__


def test_it_loads_no_torch():
    code = (
        "import sys, normlib.reference; "
        "ours = {m for m in sys.modules if m.startswith('normlib.')}; "
        "print('torch' in sys.modules, "
        "all(m.startswith('normlib.reference') for m in ours))"
    )
    root = Path(normlib.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]
