"""The NumPy norms beside Keras and Flax: neither shares code with torch.

float32 both sides. Each rounds a handful of times per value, and values
are of order 1 to 10: 2e-5 absolute is about a hundred roundings.
"""

import numpy as np
import pytest

from normlib import reference as ref

TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def keras():
    import os

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return pytest.importorskip("keras", reason="no wheel here")


@pytest.fixture(scope="module")
def flax():
    return pytest.importorskip("flax.linen", reason="no wheel here")


def arrays(*shape, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(3, 2, size=shape).astype(np.float32)
    dy = rng.normal(size=shape).astype(np.float32)
    return x, dy


def coefficients(C, seed=1):
    rng = np.random.default_rng(seed)
    gamma, beta = rng.normal(1, 0.5, size=(2, C)).astype(np.float32)
    return gamma, beta


def last(x):
    """Channels first to channels last."""
    return np.moveaxis(x, 1, -1)


def first(x):
    return np.moveaxis(np.asarray(x), -1, 1)


def near(ours, theirs):
    np.testing.assert_allclose(ours, theirs, atol=TOLERANCE, rtol=1e-5)


# name -> (ours forward, ours backward); image input (N, C, H, W)
def ours(norm, x, dy, gamma, beta, eps):
    if norm == "batch":
        forward, backward = ref.batch_norm_forward, ref.batch_norm_backward
        y, cache = forward(x, gamma, beta, eps=eps)
    elif norm == "instance":
        forward = ref.instance_norm_forward
        backward = ref.instance_norm_backward
        y, cache = forward(x, gamma, beta, eps=eps)
    else:
        forward, backward = ref.group_norm_forward, ref.group_norm_backward
        y, cache = forward(x, gamma, beta, num_groups=2, eps=eps)
    return y, *backward(dy, cache)


def tape(layer, x, dy, **call):
    """Return y and the gradients of Σ y·dy from a Keras layer."""
    tf = pytest.importorskip("tensorflow", reason="no wheel here")
    x = tf.constant(x)
    with tf.GradientTape() as t:
        t.watch(x)
        y = layer(x, **call)
        loss = tf.reduce_sum(y * dy)
    grads = t.gradient(loss, [x, *layer.trainable_weights])
    return [np.asarray(v) for v in (y, *grads)]


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_keras_on_images(norm, keras):
    x, dy = arrays(4, 6, 3, 3)
    gamma, beta = coefficients(6)
    if norm == "batch":
        layer = keras.layers.BatchNormalization(epsilon=1e-3)
        call = {"training": True}
    else:
        layer = keras.layers.GroupNormalization(groups=2, epsilon=1e-3)
        call = {}
    layer.build(last(x).shape)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    y, dx, dgamma, dbeta = tape(layer, last(x), last(dy), **call)
    mine = ours(norm, x, dy, gamma, beta, 1e-3)
    for got, want in zip(
        mine, (first(y), first(dx), dgamma, dbeta), strict=True
    ):
        near(got, want)


def test_keras_keeps_the_biased_variance_and_we_torchs(keras):
    x, _ = arrays(4, 6, 3, 3)
    layer = keras.layers.BatchNormalization(momentum=0.9)
    layer.build(last(x).shape)
    layer(last(x), training=True)
    mean, var = np.zeros(6, np.float32), np.ones(6, np.float32)
    ref.batch_norm_forward(
        x, None, None, running_mean=mean, running_var=var, momentum=0.1
    )
    m = 4 * 3 * 3
    near(mean, np.asarray(layer.moving_mean))
    biased = 0.9 + (var - 0.9) * (m - 1) / m
    near(biased, np.asarray(layer.moving_variance))


@pytest.mark.parametrize("norm", ["layer", "rms"])
def test_keras_on_features(norm, keras):
    x, dy = arrays(5, 7)
    gamma, beta = coefficients(7)
    if norm == "layer":
        layer = keras.layers.LayerNormalization(epsilon=1e-3)
        layer.build(x.shape)
        layer.beta.assign(beta)
        layer.gamma.assign(gamma)
        y, cache = ref.layer_norm_forward(x, gamma, beta, eps=1e-3)
        mine = y, *ref.layer_norm_backward(dy, cache)
    else:
        layer = keras.layers.RMSNormalization(epsilon=1e-3)
        layer.build(x.shape)
        layer.trainable_weights[0].assign(gamma)
        y, cache = ref.rms_norm_forward(x, gamma, eps=1e-3)
        mine = y, *ref.rms_norm_backward(dy, cache)
    for got, want in zip(mine, tape(layer, x, dy), strict=True):
        near(got, want)


def pullback(module, variables, x, dy, **call):
    """Return y and the gradients of Σ y·dy from a Flax module."""
    import jax

    def run(params, x):
        held = {**variables, "params": params}
        out = module.apply(held, x, **call)
        return out[0] if isinstance(out, tuple) else out

    params = variables.get("params", {})
    y, back = jax.vjp(run, params, x)
    dparams, dx = back(jax.numpy.asarray(dy))
    return np.asarray(y), np.asarray(dx), dparams


@pytest.mark.parametrize("norm", ["batch", "group", "instance"])
def test_flax_on_images(norm, flax):
    import jax

    x, dy = arrays(4, 6, 3, 3, seed=2)
    gamma, beta = coefficients(6, seed=3)
    call = {}
    if norm == "batch":
        module = flax.BatchNorm(
            use_running_average=False, epsilon=1e-3, use_fast_variance=False
        )
        call = {"mutable": ["batch_stats"]}
    elif norm == "group":
        module = flax.GroupNorm(
            num_groups=2, epsilon=1e-3, use_fast_variance=False
        )
    else:
        module = flax.InstanceNorm(epsilon=1e-3, use_fast_variance=False)
    variables = dict(module.init(jax.random.key(0), last(x)))
    variables["params"] = {"scale": gamma, "bias": beta}
    y, dx, dparams = pullback(module, variables, last(x), last(dy), **call)
    mine = ours(norm, x, dy, gamma, beta, 1e-3)
    theirs = first(y), first(dx), dparams["scale"], dparams["bias"]
    for got, want in zip(mine, theirs, strict=True):
        near(got, np.asarray(want))


@pytest.mark.parametrize("norm", ["layer", "rms"])
def test_flax_on_features(norm, flax):
    x, dy = arrays(5, 7, seed=4)
    gamma, beta = coefficients(7, seed=5)
    if norm == "layer":
        module = flax.LayerNorm(epsilon=1e-3, use_fast_variance=False)
        variables = {"params": {"scale": gamma, "bias": beta}}
        y, cache = ref.layer_norm_forward(x, gamma, beta, eps=1e-3)
        mine = y, *ref.layer_norm_backward(dy, cache)
        names = ("scale", "bias")
    else:
        module = flax.RMSNorm(epsilon=1e-3)
        variables = {"params": {"scale": gamma}}
        y, cache = ref.rms_norm_forward(x, gamma, eps=1e-3)
        mine = y, *ref.rms_norm_backward(dy, cache)
        names = ("scale",)
    out, dx, dparams = pullback(module, variables, x, dy)
    theirs = out, dx, *(dparams[n] for n in names)
    for got, want in zip(mine, theirs, strict=True):
        near(got, np.asarray(want))


def test_flax_weight_norm(flax):
    import jax

    rng = np.random.default_rng(6)
    v = rng.normal(size=(5, 3)).astype(np.float32)  # (in, out)
    g = rng.normal(1, 0.3, size=(3, 1)).astype(np.float32)
    dense = flax.Dense(3, use_bias=False)
    module = flax.WeightNorm(dense)
    x = np.eye(5, dtype=np.float32)  # the output is the weight itself
    variables = module.init(jax.random.key(0), x)
    leaves = jax.tree_util.tree_leaves_with_path(variables)
    fresh = {
        jax.tree_util.keystr(path): g[:, 0] if leaf.ndim == 1 else v
        for path, leaf in leaves
    }
    variables = jax.tree_util.tree_map_with_path(
        lambda path, _: fresh[jax.tree_util.keystr(path)], variables
    )
    w, _ = ref.weight_norm_forward(np.ascontiguousarray(v.T), g)
    near(w.T, np.asarray(module.apply(variables, x)))
