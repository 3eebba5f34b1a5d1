"""Right answers are accepted; a thousandth off is not."""

import numpy as np
import pytest
import right_numpy as by_hand
import right_torch as in_torch
import torch
from torch.nn.functional import cross_entropy

from normlib.checks import all_exercises
from normlib.checks import batch_norm as ex


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("NORMLIB_PROGRESS", str(tmp_path / "progress.json"))


M = {
    (32, 100): 32,
    (16, 8, 50): 800,
    (2, 64, 28, 28): 1568,
    (1, 16, 14, 14): 196,
    (8, 32, 1, 1): 8,
}
CEILING = {2: 1, 5: 2, 17: 4, 50: 7, 1025: 32}
RIGHT = {
    "forward": (by_hand.by_loops, by_hand.by_folding, by_hand.by_einsum),
    "images": (
        by_hand.images_by_transposing,
        by_hand.images_by_channel,
        by_hand.images_by_none,
    ),
    "inference": (
        by_hand.modes_by_copyto,
        by_hand.modes_by_slices,
        by_hand.modes_by_lerp,
    ),
    "staged_backward": (
        by_hand.staged_tuple,
        by_hand.staged_from_projection,
        by_hand.staged_by_loops,
    ),
    "backward": (
        by_hand.closed_cs231n,
        by_hand.closed_by_matrix,
        by_hand.closed_by_jacobian,
    ),
    "module": (in_torch.Folded, in_torch.Rebinding, in_torch.WithOptions),
    "debug_predict": (
        in_torch.predict_by_try,
        in_torch.predict_by_copy,
        in_torch.predict_by_norms,
    ),
    "debug_train": (
        in_torch.train_after_validating,
        in_torch.train_each_step,
        in_torch.train_by_hand,
    ),
    "set_size": (
        M,
        {k: float(v) for k, v in M.items()},
        {k: np.int64(v) for k, v in reversed(M.items())},
    ),
    "ceiling": (
        CEILING,
        {m: (m - 1) ** 0.5 for m in CEILING},
        {m: np.sqrt(m - 1) for m in CEILING},
    ),
}


def cases(table):
    return [
        pytest.param(id, f, id=f"{id}-{getattr(f, '__name__', i)}")
        for id, answers in table.items()
        for i, f in enumerate(answers)
    ]


@pytest.mark.parametrize(("id", "answer"), cases(RIGHT))
def test_a_right_answer_is_accepted_however_it_is_written(id, answer):
    outcome = getattr(ex, id).check(answer)
    assert outcome.status == "correct", outcome.message
    assert "Worth knowing next" in outcome.message


def test_every_exercise_has_right_variants():
    assert {f"batch_norm.{id}" for id in RIGHT} == {*all_exercises()}


def off(f, which=None):
    def near(*args, **kwargs):
        out = f(*args, **kwargs)
        if isinstance(out, dict):
            return out | {which: out[which] * 1.001}
        if isinstance(out, list):
            out[which] = out[which] * 1.001
            return out
        return (out[0] if isinstance(out, tuple) else out) * 1.001

    return near


class OffModule(in_torch.Folded):
    def forward(self, x):
        return super().forward(x) * 1.001


def off_running_var(x, gamma, beta, *, running_var, training, **o):
    o |= {"running_var": running_var, "training": training}
    y = by_hand.modes_by_lerp(x, gamma, beta, **o)
    if training:
        running_var *= 1.001
    return y


def one_class_off(model, x):
    classes = in_torch.predict_by_copy(model, x).clone()
    if len(classes) > 2:
        classes[7] = (classes[7] + 1) % 3
    return classes


def rate_off(model, epochs, batches, validate):
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            weights = list(model.parameters())
            loss = cross_entropy(model(x), y)
            steps = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for w, step in zip(weights, steps, strict=True):
                    w -= 0.5 * 1.001 * step
        validate(model)


OFF = {
    "forward": (off(by_hand.by_loops), off(by_hand.by_einsum)),
    "images": (off(by_hand.images_by_none), off(by_hand.images_by_channel)),
    "inference": (off(by_hand.modes_by_lerp), off_running_var),
    "staged_backward": [
        off(by_hand.staged_by_loops, k)
        for k in ("dx", "dmu", "dvar", "dx_hat", "dgamma", "dbeta")
    ],
    "backward": [off(by_hand.closed_by_jacobian, i) for i in range(3)],
    "module": (OffModule,),
    "debug_predict": (one_class_off,),
    "debug_train": (rate_off,),
    "set_size": ({k: v * 1.001 for k, v in M.items()},),
    "ceiling": ({k: v * 1.001 for k, v in CEILING.items()},),
}


@pytest.mark.parametrize(("id", "answer"), cases(OFF))
def test_a_thousandth_off_is_caught(id, answer):
    outcome = getattr(ex, id).check(answer)
    assert outcome.status == "incorrect" and not outcome.mistakes
    assert outcome.message.startswith("No named mistake")


def test_every_exercise_is_tried_a_thousandth_off():
    assert {f"batch_norm.{id}" for id in OFF} == {*all_exercises()}
