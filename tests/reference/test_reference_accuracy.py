"""How far float32 and float16 results are from the exact ones."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from normlib import reference as ref

torch.set_num_threads(1)
ROWS, M = 6, 96


def normal(mean, sigma):
    return lambda rng: mean + sigma * rng.normal(size=(ROWS, M))


def outlier(rng):
    x = rng.normal(size=(ROWS, M))
    x[:, 11] = 1e6
    return x


DATA = {
    f"mean {mean:g}, sigma {sigma:g}": normal(mean, sigma)
    for mean in (0, 1, -1e3, 1e6)
    for sigma in (1e-2, 1, 1e3)
}
DATA |= {
    f"constant {c:g}": lambda rng, c=c: np.full((ROWS, M), c)
    for c in (0, 0.1, 1e6, 1e18, 1e-20)
}
DATA |= {
    "outlier": outlier,
    "of size 1e18": normal(0, 1e18),
    "of size 6e37": normal(0, 6e37),
    "of size 1e-20": normal(0, 1e-20),
    "1e18 and 1e-20": lambda rng: np.where(
        rng.random((ROWS, M)) < 0.5, 1e18, 1e-20
    ),
}
DRAWS = pytest.mark.parametrize("data", DATA, ids=str)


def exact(x, gamma, beta, eps, centre):
    """Return the norm of each row in long double, two-pass."""
    x = x.astype(np.longdouble)
    d = x - x.mean(1, keepdims=True) if centre else x
    d = d - d.mean(1, keepdims=True) if centre else d
    sigma = np.sqrt((d * d).mean(1, keepdims=True) + np.longdouble(eps))
    return d / sigma * gamma + beta


def error(y, wanted):
    """Return the largest |error|/(1 + |y|)."""
    off = np.abs(np.asarray(y, np.longdouble) - wanted)
    return float((off / (1 + np.abs(wanted))).max())


def draw(data, seed=0):
    rng = np.random.default_rng(seed)
    x = DATA[data](rng).astype(np.float32)
    gamma = rng.normal(size=M).astype(np.float32)
    beta = rng.normal(size=M).astype(np.float32)
    return x, gamma, beta


def judge(y, twin, wanted):
    ours, theirs = error(y, wanted), error(twin, wanted)
    # What the course promises …
    assert ours <= max(2e-6, 0.0 if np.isnan(theirs) else theirs)
    # … and what one rounding to float32 leaves: half a step.
    assert ours <= 2.0**-24 * (1 + 1e-6)


@DRAWS
def test_layer_norm(data):
    x, gamma, beta = draw(data)
    y, _ = ref.layer_norm_forward(x, gamma, beta)
    t, w, b = map(torch.tensor, (x, gamma, beta))
    twin = F.layer_norm(t, (M,), w, b)
    judge(y, twin, exact(x, gamma, beta, 1e-5, True))


@DRAWS
def test_rms_norm(data):
    x, gamma, _ = draw(data)
    y, _ = ref.rms_norm_forward(x, gamma)
    twin = F.rms_norm(torch.tensor(x), (M,), torch.tensor(gamma))
    judge(y, twin, exact(x, gamma, 0, 2.0**-23, False))


@DRAWS
def test_batch_norm(data):
    x, _, _ = draw(data)
    y, _ = ref.batch_norm_forward(x.T, None, None)
    twin = F.batch_norm(torch.tensor(x).T, None, None, training=True)
    judge(y.T, twin.T, exact(x, 1, 0, 1e-5, True))


@DRAWS
def test_instance_and_group_norm(data):
    x, _, _ = draw(data)
    maps = x.reshape(2, 3, 12, 8)
    wanted = exact(x, 1, 0, 1e-5, True).reshape(maps.shape)
    y, _ = ref.instance_norm_forward(maps, None, None)
    judge(y, F.instance_norm(torch.tensor(maps)), wanted)
    split = x.reshape(3, 8, 4, 6)
    wanted = wanted.reshape(split.shape)
    y, _ = ref.group_norm_forward(split, None, None, num_groups=2)
    judge(y, F.group_norm(torch.tensor(split), 2), wanted)


@pytest.mark.parametrize("data", [d for d in DATA if "constant 0" not in d])
def test_weight_norm(data):
    v, _, _ = draw(data)
    g = np.linspace(-2, 2, ROWS, dtype=np.float32)[:, None]
    w, _ = ref.weight_norm_forward(v, g)
    twin = torch._weight_norm(torch.tensor(v), torch.tensor(g), 0)
    wanted = exact(v, 1, 0, 0, False) * g / np.sqrt(np.longdouble(M))
    judge(w, twin, wanted)


@pytest.mark.parametrize("data", ["mean 1e+06, sigma 1", "of size 1e18"])
def test_running_statistics(data):
    x, _, _ = draw(data)
    mean, var = np.zeros((2, ROWS), np.float32)
    ref.batch_norm_forward(
        x.T, None, None, running_mean=mean, running_var=var, momentum=1
    )
    x = x.astype(np.longdouble)
    np.testing.assert_allclose(mean, x.mean(1), rtol=2**-23)
    np.testing.assert_allclose(var, x.var(1, ddof=1), rtol=2**-23)


@pytest.mark.parametrize(
    "low, high", [(-60000, 60000), (299, 301), (0, 6e-8), (300, 60000)]
)
def test_float16_is_not_reduced_in_float16(low, high):
    # The square of 300 and the sum of 60000 values leave float16.
    rng = np.random.default_rng(0)
    x = rng.uniform(low, high, size=(3, 60000)).astype(np.float16)
    for centre, eps, y in (
        (True, 1e-5, ref.layer_norm_forward(x, None, None)[0]),
        (True, 1e-5, ref.batch_norm_forward(x.T, None, None)[0].T),
        (False, 2.0**-23, ref.rms_norm_forward(x, None)[0]),
    ):
        assert y.dtype == np.float16
        wanted = exact(x, 1, 0, eps, centre)
        assert error(y, wanted) <= 2.0**-11 * (1 + 1e-6)


def test_float64_far_from_zero():
    # Every value is exact, but μ is rounded to steps of 1/8 while σ is
    # 0.3: only the second pass takes out what that leaves behind.
    rng = np.random.default_rng(0)
    x = 1e15 + rng.integers(0, 9, size=(50, 99)) / 8.0
    y, _ = ref.layer_norm_forward(x, None, None)
    assert error(y, exact(x, 1, 0, 1e-5, True)) < 1e-14
