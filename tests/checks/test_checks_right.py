"""Right answers are accepted; a thousandth off is not."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import right_attention as attention
import right_backwards as backwards
import right_forwards as forwards
import right_group as group
import right_instance as instance
import right_later as later
import right_layer_norm as layer_norm
import right_layers as layers
import right_loops as loops
import right_newer as newer
import right_outliers as outliers
import right_placement as placement
import right_programs as programs
import right_rms as rms
import right_weight as weight
import torch
from register import RIGHT, exercise, full, right
from torch.nn.functional import cross_entropy

from normlib.checks import all_exercises

M = {
    (32, 100): 32,
    (16, 8, 50): 800,
    (2, 64, 28, 28): 1568,
    (1, 16, 14, 14): 196,
    (8, 32, 1, 1): 8,
}
CEILING = {2: 1, 5: 2, 17: 4, 50: 7, 1025: 32}
right("set_size")(M)
right("set_size")({k: np.int64(v) for k, v in reversed(M.items())})
right("set_size")({k: np.zeros(k)[:, 0].size for k in M} | {"more": 3})
right("set_size")({k: Fraction(2 * v, 2) for k, v in M.items()})
right("ceiling")({m: (m - 1) ** 0.5 for m in CEILING})
right("ceiling")({m: np.sqrt(np.float32(m - 1)) for m in CEILING})
right("ceiling")({m: Decimal(v) for m, v in CEILING.items()})


def cases(table):
    return [
        pytest.param(id, f, id=f"{id}-{getattr(f, '__name__', i)}")
        for id, answers in table.items()
        for i, f in enumerate(answers)
    ]


@pytest.mark.parametrize(("id", "answer"), cases(RIGHT))
def test_a_right_answer_is_accepted_however_it_is_written(id, answer):
    outcome = exercise(id).check(answer)
    assert outcome.status == "correct", outcome.message
    assert "Worth knowing next" in outcome.message
    fragile = {forwards.by_folding, newer.rewrite_by_moments}
    fragile |= {layer_norm.by_moments}
    assert ("fragile" in outcome.message) == (
        not isinstance(answer, dict) and answer in fragile
    )


def test_every_exercise_has_right_variants():
    assert {*map(full, RIGHT)} == {*all_exercises()}
    assert all(len(answers) >= 3 for answers in RIGHT.values())


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


class OffModule(layers.Folded):
    def forward(self, x):
        return super().forward(x) * 1.001


def off_running_var(x, gamma, beta, *, running_var, training, **o):
    o |= {"running_var": running_var, "training": training}
    y = forwards.modes_by_lerp(x, gamma, beta, **o)
    if training:
        running_var *= 1.001
    return y


def one_class_off(model, x):
    classes = programs.predict_by_copy(model, x).clone()
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
    return model


OFF = {
    "forward": (off(forwards.by_loops), off(forwards.by_einsum)),
    "images": (
        off(forwards.images_by_none),
        off(forwards.images_by_channel),
    ),
    "inference": (off(forwards.modes_by_lerp), off_running_var),
    "staged_backward": [
        off(backwards.staged_by_loops, k)
        for k in ("dx", "dmu", "dvar", "dx_hat", "dgamma", "dbeta")
    ],
    "backward": [off(backwards.closed_by_jacobian, i) for i in range(3)],
    "module": (OffModule,),
    "debug_predict": (one_class_off,),
    "debug_train": (rate_off,),
    "set_size": ({k: v * 1.001 for k, v in M.items()},),
    "ceiling": ({k: v * 1.001 for k, v in CEILING.items()},),
    "introduction.chi": (off(newer.chi_by_hermite),),
    # A tenth is a pencil's rounding, and the least that is off is two.
    "introduction.sweep": (newer.SWEEP | {("none", 0.5): -16.9},),
    "shift": (off(newer.shift_by_units), off(newer.shift_by_norms)),
    "design": (newer.design_turned_around,),
    "performance.copies": (off(newer.copies_by_lists),),
    "performance.rewrite": (off(newer.rewrite_by_products),),
    "performance.one_pass": (
        off(loops.pass_by_welford, 0),
        off(loops.pass_by_reduce, 1),
    ),
    "performance.one_row": (off(loops.row_by_numpy),),
}
OFF |= rms.OFF | layer_norm.OFF | later.OFF | placement.OFF
OFF |= attention.OFF | outliers.OFF | instance.OFF | group.OFF
OFF |= weight.OFF


@pytest.mark.parametrize(("id", "answer"), cases(OFF))
def test_a_thousandth_off_is_caught(id, answer):
    outcome = exercise(id).check(answer)
    assert outcome.status == "incorrect"
    assert {*outcome.mistakes} <= {"changed-too-much"}


def test_every_exercise_is_tried_a_thousandth_off():
    assert {*map(full, OFF)} == {*all_exercises()}
