"""What is refused, in which words, and that nothing was changed by it."""

import numpy as np
import pytest

from normlib import reference as ref

X = np.arange(24.0).reshape(4, 6)
X4 = np.arange(96.0).reshape(2, 6, 4, 2)
ONES = np.ones(6)
SHORT = np.ones(5)

FORWARDS = {
    "batch": lambda x, **k: ref.batch_norm_forward(x, None, None, **k),
    "layer": lambda x, **k: ref.layer_norm_forward(x, None, None, **k),
    "rms": lambda x, **k: ref.rms_norm_forward(x, None, **k),
    "instance": lambda x, **k: ref.instance_norm_forward(
        x, None, None, **k
    ),
    "group": lambda x, **k: ref.group_norm_forward(
        x, None, None, **({"num_groups": 2} | k)
    ),
}
BACKWARDS = {
    name: getattr(ref, f"{name}_norm_backward") for name in FORWARDS
}
every = pytest.mark.parametrize("norm", FORWARDS)


def refuses(call, *said):
    """Call, and expect a ValueError that says all this."""
    with pytest.raises(ValueError) as caught:
        call()
    for words in said:
        assert words in str(caught.value)


WRONG_X = {
    "int64": np.arange(24).reshape(4, 6, 1),
    "bool": np.ones((4, 6, 2), bool),
    "complex128": np.ones((4, 6, 2), complex),
    "longdouble": np.ones((4, 6, 2), np.longdouble),
    "object": np.ones((4, 6, 2), object),
    "list": [[1.0, 2.0], [3.0, 4.0]],
    "float": 1.0,
    "NoneType": None,
}
CAME = {"longdouble": str(np.dtype(np.longdouble))}


@every
@pytest.mark.parametrize("kind", WRONG_X)
def test_x_is_a_float_array(norm, kind):
    came = CAME.get(kind, kind)
    refuses(
        lambda: FORWARDS[norm](WRONG_X[kind]),
        "x must be a NumPy array of float16, float32 or float64, got a",
        came,
    )


@pytest.mark.parametrize("kind", WRONG_X)
def test_v_and_g_are_float_arrays(kind):
    wanted = "a NumPy array of float16, float32 or float64, got a"
    wrong, came = WRONG_X[kind], CAME.get(kind, kind)
    forward = ref.weight_norm_forward
    refuses(lambda: forward(wrong, ONES), f"v must be {wanted}", came)
    refuses(lambda: forward(X, wrong), f"g must be {wanted}", came)


@pytest.mark.parametrize(
    "norm, shape, wanted",
    [
        ("batch", (5,), "2D or more"),
        ("group", (5,), "2D or more"),
        ("instance", (5, 6), "3D or more"),
        ("layer", (), "1D or more"),
        ("rms", (), "1D or more"),
    ],
)
def test_too_few_axes(norm, shape, wanted):
    x = np.array(np.ones(shape))
    refuses(
        lambda: FORWARDS[norm](x), f"x must be {wanted}, got shape {shape}"
    )


@pytest.mark.parametrize(
    "forward, x, wanted",
    [
        (ref.batch_norm_forward, X, (6,)),
        (ref.batch_norm_forward, X4, (6,)),
        (ref.instance_norm_forward, X4, (6,)),
        (
            lambda *a: ref.group_norm_forward(*a, num_groups=2),
            X4,
            (6,),
        ),
        (ref.layer_norm_forward, X, (6,)),
        (lambda *a: ref.layer_norm_forward(*a, axis=1), X4, (6, 4, 2)),
        (
            lambda x, g, b: ref.rms_norm_forward(x, g if b is None else b),
            X,
            (6,),
        ),
    ],
)
def test_gamma_and_beta_fit(forward, x, wanted):
    right = np.ones(wanted)
    scalar, column = np.array(1.0), right[..., None]
    for wrong in (SHORT, scalar, column):
        said = f"must be of shape {wanted}, got shape {wrong.shape}"
        refuses(lambda: forward(x, wrong, None), f"gamma {said}")  # noqa: B023
    if forward in (ref.batch_norm_forward, ref.layer_norm_forward):
        said = f"must be of shape {wanted}, got shape (5,)"
        refuses(lambda: forward(x, right, SHORT), f"beta {said}")
    single = right.astype(np.float32)
    refuses(
        lambda: forward(x, single, None),
        "gamma must be of float64, got float32",
    )
    refuses(
        lambda: forward(x.astype(np.float16), right, None),
        "gamma must be of float16 or float32, got float64",
    )
    refuses(lambda: forward(x, [1.0] * 6, None), "gamma must be", "a list")
    refuses(
        lambda: forward(x, np.ones(wanted, int), None),
        "gamma must be",
        "an array of int64",
    )


@every
@pytest.mark.parametrize(
    "eps", [-1e-9, np.inf, np.nan, "1e-5", None, True, 1j, np.ones(1)]
)
def test_eps(norm, eps):
    if norm == "rms" and eps is None:
        return  # of the dtype
    refuses(
        lambda: FORWARDS[norm](X4, eps=eps),
        f"eps must be a finite number from 0 to inf, got {eps!r}",
    )


def test_eps_in_evaluation():
    refuses(
        lambda: FORWARDS["batch"](
            X, running_mean=ONES, running_var=ONES, training=False, eps=-1
        ),
        "eps must be a finite number from 0 to inf, got -1",
    )


@pytest.mark.parametrize("norm", ["layer", "rms"])
@pytest.mark.parametrize("axis", [2, -3, 99])
def test_axis_out_of_range(norm, axis):
    wanted = f"axis must be an integer from -2 to 1, got {axis}"
    refuses(lambda: FORWARDS[norm](X, axis=axis), wanted)


@pytest.mark.parametrize("norm", ["layer", "rms"])
@pytest.mark.parametrize("axis", [None, 1.0, "1", (0, 1), True])
def test_axis_is_an_integer(norm, axis):
    refuses(
        lambda: FORWARDS[norm](X, axis=axis), "axis must be", f"{axis!r}"
    )


@pytest.mark.parametrize("groups", [0, -2, 7, 4, 5, 2.0, True, None, "2"])
def test_num_groups(groups):
    refuses(
        lambda: FORWARDS["group"](X4, num_groups=groups),
        "num_groups must be a",
        f"got {groups!r}",
    )
    if groups in (4, 5) and groups is not True:
        refuses(
            lambda: FORWARDS["group"](X4, num_groups=groups),
            "num_groups must be a divisor of C = 6",
        )


@pytest.mark.parametrize(
    "norm, shape, m",
    [
        ("batch", (0, 6), 0),
        ("batch", (3, 6, 0), 0),
        ("batch", (1, 6), 1),
        ("batch", (1, 6, 1, 1), 1),
        ("instance", (3, 6, 0), 0),
        ("instance", (3, 6, 1, 1), 1),
        ("layer", (3, 0), 0),
        ("rms", (3, 0), 0),
        ("group", (3, 6, 0), 0),
    ],
)
def test_too_few_values(norm, shape, m):
    least = 2 if norm in ("batch", "instance") else 1
    refuses(
        lambda: FORWARDS[norm](np.ones(shape)),
        f"x must be of m ≥ {least} values a set, ",
        "got shape ",
        f"with m = {m} over axes",
    )


def test_weight_norm_arguments():
    forward = ref.weight_norm_forward
    v = np.ones((3, 4, 2))
    for g, dim, wanted in (
        (np.ones(3), 0, (3, 1, 1)),
        (np.ones((3, 4, 1)), 0, (3, 1, 1)),
        (np.ones((3, 1, 1)), 1, (1, 4, 1)),
        (np.ones((1, 1, 1)), None, ()),
        (np.ones((1, 1, 2)), -1, ()),
    ):
        refuses(
            lambda: forward(v, g, dim=dim),  # noqa: B023
            f"g must be of shape {wanted}, got shape {g.shape}",
        )
    g = np.ones((3, 1, 1))
    refuses(
        lambda: forward(v, g.astype(np.float32)),
        "g must be of float64, got float32",
    )
    refuses(lambda: forward(v, None), "g must be", "got a NoneType")
    for dim in (3, -4):
        refuses(lambda: forward(v, g, dim=dim), "dim", "-3 to 2", f"{dim}")  # noqa: B023
    refuses(lambda: forward(v, g, dim=0.0), "dim must be an integer", "0.0")
    refuses(
        lambda: forward(np.ones((3, 0)), np.ones((3, 1))),
        "v must be of m ≥ 1 values a set, got shape (3, 0) with m = 0",
    )


RUNNING = {
    "one alone": (
        {"running_mean": ONES},
        "running_var must be given with the other or, to train, not at "
        "all, got None",
    ),
    "the other alone": (
        {"running_var": ONES},
        "running_mean must be given",
    ),
    "one alone in evaluation": (
        {"running_mean": ONES, "training": False},
        "running_var must be given",
    ),
    "none in evaluation": (
        {"training": False},
        "running_mean must be given",
    ),
    "shape of the mean": (
        {"running_mean": SHORT, "running_var": ONES},
        "running_mean must be of shape (6,), got shape (5,)",
    ),
    "shape of the variance": (
        {"running_mean": ONES, "running_var": X},
        "running_var must be of shape (6,), got shape (4, 6)",
    ),
    "dtype": (
        {"running_mean": ONES, "running_var": ONES.astype(np.float32)},
        "running_var must be of float64, got float32",
    ),
    "integers": (
        {"running_mean": np.ones(6, int), "running_var": ONES},
        "running_mean must be a NumPy array of float16, float32 or "
        "float64, got an array of int64",
    ),
    "list": (
        {"running_mean": [0.0] * 6, "running_var": ONES},
        "running_mean must be a NumPy array",
    ),
    "momentum": (
        {"momentum": 1.5},
        "momentum must be a finite number from 0 to 1, got 1.5",
    ),
    "negative momentum": ({"momentum": -0.1}, "momentum must be"),
    "no momentum": ({"momentum": None}, "momentum must be"),
    "NaN momentum": ({"momentum": np.nan}, "momentum must be"),
}


@pytest.mark.parametrize("name", RUNNING)
def test_running_arguments(name):
    arguments, said = RUNNING[name]
    refuses(lambda: FORWARDS["batch"](X, **arguments), said)


@pytest.mark.parametrize(
    "x, wrong",
    [
        (X, {"gamma": SHORT}),
        (X, {"beta": SHORT}),
        (X, {"eps": -1.0}),
        (X, {"momentum": 2.0}),
        (X, {"running_var": SHORT}),
        (X, {"running_mean": SHORT}),
        (X[:1], {}),
        (X[:0], {}),
        (X.astype(int), {}),
        (X.astype(np.float32), {}),
    ],
)
def test_nothing_is_half_updated(x, wrong):
    arguments = {
        "gamma": None,
        "beta": None,
        "running_mean": np.full(6, 3.0),
        "running_var": np.full(6, 4.0),
    } | wrong
    refuses(lambda: ref.batch_norm_forward(x, **arguments))
    for name, kept in (("running_mean", 3.0), ("running_var", 4.0)):
        if name not in wrong:
            assert (arguments[name] == kept).all()


@pytest.mark.parametrize("fixed", ["running_mean", "running_var"])
def test_read_only_running_arrays(fixed):
    arguments = {"running_mean": np.zeros(6), "running_var": np.zeros(6)}
    arguments[fixed].flags.writeable = False
    refuses(
        lambda: FORWARDS["batch"](X, **arguments),
        f"{fixed} must be writeable, got a read-only array",
    )
    assert not any(a.any() for a in arguments.values())
    FORWARDS["batch"](X, training=False, **arguments)


@every
def test_dy_is_like_y(norm):
    y, cache = FORWARDS[norm](X4)
    backward = BACKWARDS[norm]
    refuses(
        lambda: backward(y[:1], cache),
        "dy must be of shape (2, 6, 4, 2), got shape (1, 6, 4, 2)",
    )
    refuses(
        lambda: backward(y.reshape(2, 2, 3, 4, 2), cache),
        "dy must be of shape (2, 6, 4, 2), got shape (2, 2, 3, 4, 2)",
    )
    refuses(
        lambda: backward(y.astype(np.float32), cache),
        "dy must be of float64, got float32",
    )
    refuses(lambda: backward(1.0, cache), "dy must be a NumPy array")
    refuses(
        lambda: backward(np.ones(y.shape, int), cache),
        "dy must be a NumPy array",
        "int64",
    )


def test_dy_of_weight_and_evaluated_batch_norm():
    w, cache = ref.weight_norm_forward(X, np.ones((4, 1)))
    refuses(
        lambda: ref.weight_norm_backward(w.T, cache),
        "dy must be of shape (4, 6), got shape (6, 4)",
    )
    y, cache = FORWARDS["batch"](
        X, running_mean=ONES, running_var=ONES, training=False
    )
    refuses(
        lambda: ref.batch_norm_backward(y[0], cache),
        "dy must be of shape (4, 6), got shape (6,)",
    )


def test_standardize():
    def call(x=X, axes=(1,), eps=0.1):
        return ref.standardize(x, axes, eps=eps)

    refuses(lambda: call(x=[1.0]), "x must be", "a list")
    refuses(lambda: call(axes=(2,)), "axes must be", "from 0 to 1, got 2")
    refuses(
        lambda: call(axes=(1.0,)),
        "axes must be an integer from 0 to 1, got 1.0",
    )
    refuses(lambda: call(axes=(1, 1)), "axes must be different, got (1, 1)")
    refuses(lambda: call(x=X[:, :0]), "x must be of m ≥ 1", "m = 0")
    refuses(lambda: call(eps=-1), "eps must be")
    _, cache = call()
    backward = ref.standardize_backward
    refuses(lambda: backward(ONES, cache), "g must be of shape (4, 6)")
    refuses(lambda: backward(X.astype(int), cache), "g must be", "int64")
