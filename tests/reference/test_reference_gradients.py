"""Every gradient against central differences, shapes drawn at random."""

from functools import partial
from math import prod

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import reference as ref

drawn = settings(derandomize=True, deadline=None, max_examples=25)
SIZES = st.integers(1, 4)
EPS = st.sampled_from([0.0, 1e-5, 0.1, 3.0])
SEEDS = st.integers(0, 2**16)
STEP = 1e-5


def differences(loss, a):
    """Return ∂loss/∂a by central differences; a is restored."""
    grad = np.zeros_like(a)
    for i in np.ndindex(a.shape):
        kept = a[i]
        a[i] = kept + STEP
        above = loss()
        a[i] = kept - STEP
        grad[i] = (above - loss()) / (2 * STEP)
        a[i] = kept
    return grad


def check(forward, backward, shape, param_shapes, seed):
    rng = np.random.default_rng(seed)
    # Values at least 0.3 apart: σ ≥ 0.15 in every set of two or more, so
    # the third derivatives, of size 1/σ³ < 300, leave an error of
    # STEP²·300/6 < 1e-8; rounding adds 1e-15·|loss|/STEP < 1e-8.
    x = 0.5 * rng.permutation(prod(shape)).reshape(shape)
    x += rng.uniform(-0.1, 0.1, size=shape) - x.mean()
    params = [np.array(rng.normal(0.5, 1.0, s)) for s in param_shapes]
    dy = rng.normal(0.3, 1.0, size=shape)

    def loss():
        return float((dy * forward(x, *params)[0]).sum())

    grads = backward(dy, forward(x, *params)[1])
    for a, grad in zip((x, *params), grads, strict=True):
        wanted = differences(loss, a)
        np.testing.assert_allclose(grad, wanted, rtol=1e-6, atol=1e-6)


@drawn
@given(st.lists(SIZES, min_size=2, max_size=4), EPS, SEEDS)
def test_batch_norm(shape, eps, seed):
    shape[0] += prod(shape) == shape[1]  # m ≥ 2
    c = shape[1:2]
    forward = partial(ref.batch_norm_forward, eps=eps)
    check(forward, ref.batch_norm_backward, shape, (c, c), seed)


@drawn
@given(st.lists(SIZES, min_size=2, max_size=4), EPS, SEEDS)
def test_batch_norm_in_evaluation(shape, eps, seed):
    rng = np.random.default_rng(seed)
    c = shape[1:2]
    forward = partial(
        ref.batch_norm_forward,
        running_mean=rng.normal(size=c),
        running_var=rng.uniform(0.5, 2, size=c),
        training=False,
        eps=eps,
    )
    check(forward, ref.batch_norm_backward, shape, (c, c), seed)


@drawn
@given(st.lists(SIZES, min_size=1, max_size=4), EPS, SEEDS, st.data())
def test_layer_norm(shape, eps, seed, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    tail = shape[axis:]
    eps = eps or (prod(tail) == 1) * 1e-2  # 0/0 is not differentiable
    forward = partial(ref.layer_norm_forward, axis=axis, eps=eps)
    check(forward, ref.layer_norm_backward, shape, (tail, tail), seed)


@drawn
@given(st.lists(SIZES, min_size=1, max_size=4), SEEDS, st.data())
def test_rms_norm(shape, seed, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    # Nothing keeps one value away from zero: ε must.
    eps = data.draw(st.sampled_from([0.05, 3.0]))
    forward = partial(ref.rms_norm_forward, axis=axis, eps=eps)
    tail = shape[axis:]
    check(forward, ref.rms_norm_backward, shape, (tail,), seed)


@drawn
@given(st.lists(SIZES, min_size=3, max_size=5), EPS, SEEDS)
def test_instance_norm(shape, eps, seed):
    shape[-1] += prod(shape[2:]) == 1  # m ≥ 2
    c = shape[1:2]
    forward = partial(ref.instance_norm_forward, eps=eps)
    check(forward, ref.instance_norm_backward, shape, (c, c), seed)


@drawn
@given(
    st.lists(SIZES, min_size=2, max_size=4),
    st.integers(1, 3),
    EPS,
    SEEDS,
)
def test_group_norm(shape, groups, eps, seed):
    eps = eps or (prod(shape[1:]) == 1) * 1e-2
    shape[1] *= groups
    c = shape[1:2]
    forward = partial(ref.group_norm_forward, num_groups=groups, eps=eps)
    check(forward, ref.group_norm_backward, shape, (c, c), seed)


@drawn
@given(st.lists(SIZES, min_size=1, max_size=4), SEEDS, st.data())
def test_weight_norm(shape, seed, data):
    dim = data.draw(st.none() | st.integers(0, len(shape) - 1))
    g = [n if i == dim else 1 for i, n in enumerate(shape)]
    forward = partial(ref.weight_norm_forward, dim=dim)

    def away_from_zero(v, g):
        return forward(v + prod(shape), g)

    backward = ref.weight_norm_backward
    g = () if dim is None else tuple(g)
    check(away_from_zero, backward, shape, (g,), seed)


@drawn
@given(st.integers(2, 6), EPS, SEEDS, st.booleans())
def test_standardize_itself(m, eps, seed, centre):
    def forward(x):
        return ref.standardize(x, (1,), eps=eps + 0.01, centre=centre)

    def backward(g, cache):
        return (ref.standardize_backward(g, cache),)

    check(forward, backward, (3, m), (), seed)
