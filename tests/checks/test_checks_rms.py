"""What the exercises on RMSNorm rest on: their inputs, and the judges."""

import numpy as np
import pytest

from normlib.checks import rms_norm as ex
from normlib.checks.rms_norm import bits, centring, given, limits
from normlib.reference import layer_norm_forward, rms_norm_backward
from normlib.reference import rms_norm_forward as reference

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_our_backward_is_the_references():
    for case in ex.backward.cases():
        dy, x, gamma, eps = (case[k] for k in ("dy", "x", "gamma", "eps"))
        _, cache = reference(x, gamma, eps=eps)
        for ours, theirs in zip(
            ex.backward.answer(dy, x, gamma, eps=eps),
            rms_norm_backward(dy, cache),
            strict=True,
        ):
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("case", bits.CASES, ids=str)
def test_no_y_lies_near_the_middle_between_two_halves(case):
    x, gamma = (v.astype(float) for v in bits.rows(case))
    y = abs(reference(x, gamma, eps=case["eps"])[0])
    y = y[y > 0]
    half = y.astype(np.float16)
    for other in (np.inf, 0):
        beside = np.nextafter(half, np.float16(other)).astype(float)
        middle = (half.astype(float) + beside) / 2
        assert (abs(y - middle) > 2e-5 * y).all()


def test_the_folded_net_is_the_one_with_layer_norm():
    for case in ex.fold.cases():
        W, b, gamma, beta, V, c = centring.net(**case).values()
        x = np.random.default_rng(case["seed"]).normal(1, 1, (4, case["d"]))
        h, _ = layer_norm_forward(x @ W + b, gamma, beta, eps=0.3)
        seen = centring.run(ex.fold.answer, case)
        np.testing.assert_allclose(seen["y of the net"], h @ V + c)


def test_the_window_that_is_measured_has_no_holes():
    for D, eps in [*ex.window.cases(), (256, 1e-5), (16, 1e-8)]:
        low, high = limits.swept(D, eps)
        assert ex.window.answer(D, eps) == (low, high)
        with np.errstate(all="ignore"):
            for k in range(low, high + 1):
                y = given.in_half(np.full(D, 2.0**k, np.float16), eps)
                assert (abs(y - 1) <= 0.1).all()


def test_what_is_said_of_the_window_is_so():
    assert limits.swept(4096, 1e-12) == (-12, 1)  # 4 = 2² is lost


def test_five_wrong_norms_pass_the_usual_test():
    x = np.float16(np.random.default_rng(0).normal(size=(4, 8)))
    outcome = ex.probe.check(lambda: (x, np.ones(8), 1e-6))
    assert "catches 5 of 10" in ex.probe.measured(
        [ex.probe.use(lambda: (x, np.ones(8), 1e-6), None)]
    )
    assert outcome.message.count("needs") == 5


def test_a_row_that_is_lost_is_told():
    def typed(x, gamma, *, eps=1e-6):
        x.astype(np.float32)
        return x / np.sqrt((x * x).mean(1, keepdims=True) + eps) * x

    outcome = ex.half.check(typed)
    assert outcome.mistakes == ("row-lost",)
