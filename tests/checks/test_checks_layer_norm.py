"""What the exercises on LayerNorm rest on: their inputs and judges."""

import numpy as np
import torch

from normlib.checks import layer_norm as ex
from normlib.checks.layer_norm import creeping, margins, means, untied
from normlib.experiments.intervals import mean_interval
from normlib.reference import layer_norm_forward


def by_torch(shape, x, gamma, beta):
    return torch.nn.functional.layer_norm(x, shape, gamma, beta, eps=0.1)


def test_our_set_is_pytorchs():
    rng = np.random.default_rng(0)
    for batch, shape in (((2, 3), (4,)), ((2,), (3, 4, 2)), ((), (5,))):
        x = rng.normal(2, 3, (*batch, *shape))
        gamma, beta = rng.normal(size=(2, *shape))
        given = map(torch.tensor, (x, gamma, beta))
        twin = by_torch(shape, *given)
        ours = ex.trailing.answer(x, shape, gamma, beta, eps=0.1)
        np.testing.assert_allclose(ours, twin, rtol=1e-9, atol=1e-12)


def test_parts_make_the_row():
    x = np.random.default_rng(0).normal(3, 2, (4, 10))
    parts = x[:, :1], x[:, 1:4], x[:, 4:]
    mean, var = (
        np.array([f(part, axis=1) for part in parts])
        for f in (np.mean, np.var)
    )
    mu, merged = ex.shards.answer(np.array([1, 3, 6]), mean, var)
    np.testing.assert_allclose(mu, x.mean(1))
    np.testing.assert_allclose(merged, x.var(1))


def test_moments_of_far_rows_are_fragile():
    def by_moments(n, mean, var):
        w = n / n.sum()
        mu = w @ mean
        return mu, w @ (var + mean**2) - mu**2

    outcome = ex.shards.check(by_moments)
    assert outcome.status == "correct" and "fragile" in outcome.message


def test_a_box_is_what_its_name_says():
    seen = ex.alone.use(ex.alone.answer, 1)
    assert seen == {name: told for name, (_, told) in ex.BOXES.items()}
    x = np.random.default_rng(0).normal(size=(8, 6))
    for name, (box, depends) in ex.BOXES.items():
        changes = 0
        for training in (True, False):
            for k in range(1, 9):
                for mates in (x[:k], np.vstack([x[:1], 99 * x[1:k]])):
                    off = abs(box(mates, training) - box(x, training)[0])
                    changes += off[0].max() > 1e-5
        assert bool(changes) == depends, name


def layer_norm_net(s):
    """Run the net of untied.logits, with LayerNorm and tied."""

    def norm(h, name):
        g, b = s[f"{name}.weight"], s[f"{name}.bias"]
        return layer_norm_forward(h, g, b, eps=0.1)[0]

    h = s["byte"][[4, 0, 2]] + s["place"]
    for k in "01":
        y = norm(h, f"{k}.norm") @ s[f"{k}.up.weight"].T
        y = np.tanh(y + s[f"{k}.up.bias"]) @ s[f"{k}.down.weight"].T
        h = h + y + s[f"{k}.down.bias"]
    return norm(h, "last") @ s["byte"].T


def test_the_converted_net_is_the_one_with_layer_norm():
    for case in ex.no_mean.cases():
        state = untied.drawn(*case)
        seen = untied.convert(ex.no_mean.answer, case)
        np.testing.assert_allclose(seen["logits"], layer_norm_net(state))
        assert seen["the state given"] == "as before"


def test_what_moves_moves_visibly():
    for case in creeping.KEYS:
        before, after = means.trained(*case)
        off = abs(after - before).max()
        assert off < 1e-12 or off > 1e-4, case
        assert means.measured(case) == ex.drift.answer(case)


def test_signs_of_a_gradient_without_a_mean_have_one():
    g = torch.tensor([2.0, -1, -1])
    p = torch.zeros(3, requires_grad=True)
    p.grad = g
    torch.optim.Adam([p], 0.1).step()
    assert g.mean() == 0 and abs(p.mean()) > 0.03


def test_the_interval_is_the_courses_and_all_verdicts_occur():
    told = []
    for case in ex.decide.cases():
        layer, rms = margins.bits(case)
        a, b = layer[1][1], rms[1][2]
        wanted = mean_interval(100 * (b - a) / a.mean())
        seen = margins.judge(ex.decide.answer, case)
        np.testing.assert_allclose((seen["low"], seen["high"]), wanted[1:])
        told.append(seen["verdict"])
    assert {*told} == {"as good", "worse", "open"}


def test_a_prediction_that_is_no_word_is_told():
    outcome = ex.drift.check(dict.fromkeys(creeping.KEYS, "grows"))
    assert "must be one of" in outcome.message
