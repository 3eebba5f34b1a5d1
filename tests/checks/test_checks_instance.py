"""What the exercises on instance norm rest on."""

import numpy as np
import pytest
import torch
from right_instance import STAYS

from normlib.checks import other_techniques as ex
from normlib.reference import instance_norm_forward


def given():
    """Return what a learner's function is called with, and our answer."""
    made = []

    def kept(*given):
        made.append((given, ex.restyle.answer(*given)))
        return made[-1][1]

    for case in ex.restyle.cases():
        ex.restyle.use(kept, case)
    return made


def test_a_whole_style_is_instance_norm_with_the_styles_moments():
    for (h, s, a), y in given():
        for n in range(len(h)):
            gamma, beta = s[n].std((1, 2)), s[n].mean((1, 2))
            new, _ = instance_norm_forward(h[n : n + 1], gamma, beta, eps=0)
            np.testing.assert_allclose(
                y[n], a[n] * new[0] + (1 - a[n]) * h[n]
            )


def test_what_no_named_mistake_gives_is_told_a_property():
    for answer, words in (
        (lambda h, s, a: 2 * h, "fails is strength 0"),
        (lambda h, s, a: h + a[:, None, None, None] * h**2, "is the mean"),
        (lambda h, s, a: h + a[:, None, None, None] * (
            s.mean((2, 3)) - h.mean((2, 3)))[..., None, None],
         "is the deviation"),
    ):  # fmt: skip
        message = " ".join(ex.restyle.check(answer).message.split())
        assert words in message or "equals ours" in message, message


def test_what_norms_forget_is_what_torch_forgets():
    x = torch.randn(2, 4, 5, 5, dtype=torch.float64)
    tint = torch.tensor([0.5, 1.5, 0.8, 2.0])[:, None, None]
    norms = {
        "BN": lambda x: torch.nn.functional.batch_norm(
            x, None, None, training=True, eps=1e-12
        ),
        "LN": lambda x: torch.nn.functional.group_norm(x, 1),
        "GN": lambda x: torch.nn.functional.group_norm(x, 2),
        "IN": lambda x: torch.nn.functional.group_norm(x, 4),
    }
    other = torch.stack([x[0] * tint, x[1]])
    for change, y in (("tinted", other), ("both tinted", x * tint)):
        for name, norm in norms.items():
            stays = torch.allclose(norm(y)[0], norm(x)[0], atol=1e-3)
            assert stays == (name in STAYS[change])


def test_an_entry_that_is_still_empty_is_asked_for():
    outcome = ex.forgets.check(STAYS | {"spike": None})
    assert outcome.status == "not attempted"
    assert "Still empty: spike" in outcome.message


def test_the_norms_that_change_are_told_from_those_that_stay():
    changing = {
        key: [n for n in ("BN", "LN", "GN", "IN") if n not in names]
        for key, names in STAYS.items()
    }
    outcome = ex.forgets.check(changing)
    assert outcome.mistakes == ("asked-the-other-way",)


@pytest.mark.parametrize("case", ex.broken.cases())
def test_runs_are_far_from_the_limits_that_the_task_states(case):
    runs = {fault: ex.run(fault, *case) for fault in ex.FAULTS}
    for fault, (h, y, t) in runs.items():
        assert h.shape[:2] == (6, 8) and y.shape == (6, case[2])
        assert (h[0, 0].size < 3) == (fault == "too few positions")
        assert {*t} == {0, 1}
    off = abs(runs["running averages"][0].std((2, 3)) - 1).max()
    assert off > 0.2
    _, y, t = runs["healthy"]
    apart = abs(y[:, None] - y).max(2)
    assert (apart[t[:, None] != t] > 0.01).all()
    assert (apart[range(3), range(3, 6)] < 1e-3).all()
    assert (abs(y.std(1) - 1) > 0.1).any()
    _, y, t = runs["asks what it forgets"]
    assert np.ptp(y, 0).max() > 0.01 and (t[:3] != t[3:]).all()
