"""The inputs are those on which mistakes show, and nothing else judges."""

import numpy as np
import pytest
import right_backwards as backwards
import right_forwards as forwards
import right_layers as layers
import torch
from torch.nn.functional import cross_entropy

from normlib.checks import all_exercises
from normlib.checks import batch_norm as ex
from normlib.checks.diagnose import examine

ARRAYS = (ex.forward, ex.images, ex.staged_backward, ex.backward)


@pytest.mark.parametrize("exercise", ARRAYS, ids=lambda e: e.id)
def test_inputs_are_single_far_of_both_signs_and_small(exercise):
    cases = list(exercise.cases())
    m = [case["x"][:, 0].size for case in cases]
    assert min(m) == 2 and max(m) > 4
    assert {case["x"].dtype for case in cases} == {
        np.dtype("float64"),
        np.dtype("float32"),
    }
    assert all((case["gamma"] < 0).any() for case in cases)
    assert all((case["gamma"] > 0).any() for case in cases)
    if exercise in (ex.forward, ex.images):
        assert max(np.abs(case["x"]).max() for case in cases) > 100


def test_images_come_one_two_and_more():
    counts = {len(case["x"]) for case in ex.images.cases()}
    assert {1, 2, 3} <= counts
    shapes = [case["x"].shape for case in ex.images.cases()]
    N, C, H, W = shapes[0]
    assert N == C == W != H  # silent mistakes run in the first case
    assert any(len({*shape}) == 4 for shape in shapes)


def test_inference_starts_fresh_and_takes_few_rows():
    starts, rows = [], []

    def notes(x, gamma, beta, *, running_mean, running_var, training, **o):
        rows.append((len(x), training, x.dtype))
        starts.append((running_mean.sum(), running_var.mean()))
        return x

    examine(ex.inference, notes)
    assert (0, 1) in starts
    kinds = {(n, training) for n, training, _ in rows}
    assert {(2, True), (1, False)} <= kinds
    assert np.dtype("float32") in {dtype for *_, dtype in rows}


def test_images_of_a_layer_are_not_square_and_few():
    shapes = []

    class Notes(layers.Folded):
        def forward(self, x):
            shapes.append(tuple(x.shape))
            return super().forward(x)

    assert examine(ex.module, Notes).status == "correct"
    assert {1, 2, 4} <= {n for n, *_ in shapes}
    assert all(h != w for *_, h, w in shapes)


def moments(x, gamma, beta, *, eps=1e-5):
    axes = (0, *range(2, x.ndim))
    mean = x.mean(axes, keepdims=True)
    var = (x * x).mean(axes, keepdims=True) - mean * mean
    shape = mean.shape
    d = (x - mean) / np.sqrt(var + eps)
    return d * gamma.reshape(shape) + beta.reshape(shape)


def moments_kept(
    x, gamma, beta, *, running_mean, running_var, training, **o
):
    mean, var = running_mean, running_var
    if training:
        mean, a, n = x.mean(0), o["momentum"], len(x)
        var = (x**2).mean(0) - mean**2
        running_mean += a * (mean - running_mean)
        running_var += a * (var * n / (n - 1) - running_var)
    return gamma * (x - mean) / np.sqrt(var + o["eps"]) + beta


class Moments(layers.Rebinding):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        keep, m = [1, -1, 1, 1], x[:, 0].numel()
        mean = x.mean((0, 2, 3))
        var = (x**2).mean((0, 2, 3)) - mean**2
        self.remember(mean.detach(), var.detach() * m / (m - 1))
        d = (x - mean.view(keep)) * (var + self.eps).rsqrt().view(keep)
        return d * self.weight.view(keep) + self.bias.view(keep)

    def remember(self, mean, var):
        self.running_mean = self.running_mean.lerp(mean, self.momentum)
        self.running_var = self.running_var.lerp(var, self.momentum)
        self.num_batches_tracked += 1


FRAGILE = (
    (ex.forward, moments),
    (ex.images, moments),
    (ex.inference, moments_kept),
    (ex.module, Moments),
)


@pytest.mark.parametrize(
    ("exercise", "answer"), FRAGILE, ids=[e.id for e, _ in FRAGILE]
)
def test_a_right_but_fragile_answer_is_told_so(exercise, answer):
    outcome = exercise.check(answer)
    assert outcome.status == "correct", outcome.message
    assert "Right, and fragile" in outcome.message


def test_a_step_in_float32_is_told():
    def short(x, gamma, beta, *, eps=1e-5):
        y = forwards.by_einsum(x.astype("f4"), gamma, beta, eps)
        return y.astype(x.dtype)

    message = ex.forward.check(short).message
    assert "right to about five digits" in " ".join(message.split())


def test_a_dtype_is_refused_where_the_text_asks_for_it():
    def long(x, gamma, beta, *, eps=1e-5):
        return forwards.by_einsum(x, gamma, beta, eps).astype("f8")

    outcome = ex.forward.check(long)
    assert outcome.status == "incorrect"
    assert "y: expected float32, got float64" in outcome.message

    def longer(*args):
        return [g.astype("f8") for g in backwards.closed_by_jacobian(*args)]

    outcome = ex.backward.check(longer)
    assert outcome.status == "correct"
    assert "dx: expected float32, got float64" in outcome.message


def test_a_counterexample_is_what_it_says():
    """The gain is on W, and the function takes rows as well."""

    def either(x, gamma, beta, *, eps=1e-5):
        if x.ndim == 2:
            return forwards.by_einsum(x, gamma, beta, eps)
        ones = np.ones_like(gamma)
        return gamma**2 * forwards.images_by_none(x, ones, beta, eps=eps)

    words = " ".join(ex.images.check(either).message.split())
    assert "property that fails is" in words and "x = [[[[" in words
    assert "fails is shape" not in words


def treated(rate=0.5, clip=None, mode="once", shuffle=False):
    """Make a train that mends the bug, or treats what it does."""

    def train(model, epochs, batches, validate):
        optimizer = torch.optim.SGD(model.parameters(), lr=rate)
        model.train()
        for _ in range(epochs):
            if mode == "each":
                model.train()
            for x, y in batches[::-1] if shuffle else batches:
                optimizer.zero_grad()
                cross_entropy(model(x), y).backward()
                if clip:
                    torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()
            validate(model)
        return model

    return train


@pytest.mark.parametrize("rate", [0.25, 0.1, 0.02, 0.001])
@pytest.mark.parametrize("clip", [None, 1.0, 0.1])
def test_a_treated_symptom_gets_the_best_message(rate, clip):
    outcome = ex.debug_train.check(treated(rate, clip))
    assert outcome.mistakes == ("symptom-treated",)
    words = " ".join(outcome.message.split())
    assert words.startswith(
        "You treat the symptom; the bug is still there."
    )
    assert "12 of 18 batches the net trains in evaluation mode" in words
    assert "in which mode does it leave the model?" in words


@pytest.mark.parametrize("change", [{"rate": 0.1}, {"clip": 0.1}])
def test_a_mended_mode_and_another_change_are_told_apart(change):
    outcome = ex.debug_train.check(treated(mode="each", **change))
    assert outcome.mistakes == ("changed-too-much",)
    words = " ".join(outcome.message.split())
    assert "first epoch of the program you were given was right" in words
    assert ex.debug_train.check(treated(mode="each")).status == "correct"


def test_an_exercise_prints_what_to_do_with_it_and_no_more():
    for exercise in all_exercises().values():
        assert len(repr(exercise)) < 90
        assert exercise.id in repr(exercise)
        assert ".hint()" in repr(exercise)
