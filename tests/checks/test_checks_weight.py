"""What the exercises on weight norm rest on."""

import numpy as np
import pytest
import torch
from right_weight import REST, fault_by_replay
from torch.nn.utils.parametrizations import weight_norm

from normlib.checks import other_techniques as ex
from normlib.checks.other_techniques import causes, histories, walks


def test_the_way_back_through_spectral_norm_is_torchs():
    rng = np.random.default_rng(0)
    for shape in ((4, 4), (3, 6), (5, 1)):
        dw, v = rng.normal(size=(2, *shape))
        left, _, right = np.linalg.svd(v)
        rows = torch.tensor(v, requires_grad=True)
        (rows / torch.linalg.svdvals(rows)[0]).backward(torch.tensor(dw))
        dv = ex.spectral.answer(dw, v, left[:, 0], right[0])
        np.testing.assert_allclose(dv, rows.grad, atol=1e-12)
        assert abs((dv * v).sum()) < 1e-12


def test_pytorch_takes_u_and_x_for_constants_too():
    layer = torch.nn.Linear(5, 3, dtype=torch.float64)
    torch.nn.utils.parametrizations.spectral_norm(
        layer, n_power_iterations=200
    )
    dw = torch.randn(3, 5, dtype=torch.float64)
    (layer.weight * dw).sum().backward()
    rows = layer.parametrizations.weight.original
    norm = layer.parametrizations.weight[0]
    given = (dw, rows.detach(), norm._u, norm._v)
    dv = ex.spectral.answer(*(part.numpy() for part in given))
    np.testing.assert_allclose(rows.grad, dv, atol=1e-9)


def test_what_no_named_mistake_gives_is_told_the_right_angle():
    outcome = ex.spectral.check(lambda dw, v, u, x: v)
    assert "fails is right angle" in outcome.message


def test_rows_that_walk_come_to_rest_where_the_closed_form_says():
    for key, (rate, decay, loss, g, _) in walks.CHANGES.items():
        angle, length = walks.factors()[key]
        assert angle == pytest.approx((rate * decay) ** 0.5, rel=0.01)
        long = (rate * (loss * g) ** 2 / decay) ** 0.25
        assert length == pytest.approx(long, rel=0.01)
        assert REST[key] == pytest.approx((angle, length), rel=0.02)


def walked(layer, rate, decay, steps):
    """Take steps by PyTorch; return the angles, and the length at last."""
    angles = []
    _, v = layer.parametrizations.weight.parameters()
    optimizer = torch.optim.SGD([v], rate, weight_decay=decay)
    for _ in range(steps):
        before = v.detach().clone()
        optimizer.zero_grad()
        (layer.weight * torch.randn(v.shape).double() / 8).sum().backward()
        optimizer.step()
        cosine = torch.cosine_similarity(before, v.detach())
        angles.append(cosine.clamp(-1, 1).arccos().square().mean().sqrt())
    return torch.stack(angles), v.detach().norm(dim=1).mean()


def test_pytorch_comes_to_the_same_rest_and_follows_a_schedule():
    torch.manual_seed(0)
    layer = weight_norm(torch.nn.Linear(64, 32, dtype=torch.float64))
    layer.parametrizations.weight.original0.data.fill_(1)
    angles, length = walked(layer, 0.1, 0.05, 800)
    angle = angles[-200:].mean()
    assert angle == pytest.approx(0.01**0.5, rel=0.03)
    assert length == pytest.approx(1, rel=0.03)  # η = 2λ, and c is 1
    angles, _ = walked(layer, 0.025, 0.05, 800)
    assert angles[:3].mean() / angle == pytest.approx(1 / 4, rel=0.05)
    assert angles[-200:].mean() / angle == pytest.approx(1 / 2, rel=0.05)


def test_a_pair_that_is_still_empty_is_asked_for():
    outcome = ex.rest.check(REST | {"g": None})
    assert outcome.status == "not attempted"
    assert "Still empty: g." in outcome.message


def test_what_rows_did_is_told_to_who_has_foretold_it():
    message = ex.rest.check(REST).message
    angle, length = walks.factors()["rate up, loss down"]
    told = f"rate up, loss down {angle:.3f}, {length:.3f}"
    assert told in " ".join(message.split())
    message = ex.rest.check(REST | {"g": (1, 3), "loss": (2, 2)}).message
    assert "14 of 16 numbers are right." in message
    assert "walked" not in message


def test_pairs_the_other_way_round_are_told():
    turned = {key: pair[::-1] for key, pair in REST.items()}
    outcome = ex.rest.check(turned)
    assert outcome.mistakes == ("length-first",)


def test_of_several_mistakes_one_is_told_that_leaves_right_what_is():
    first_step = {key: (4, 1) for key in REST} | {
        "decay": (1, 1), "rate up, loss down": (1, 1), "start": (1 / 16, 4)
    }  # fmt: skip
    outcome = ex.rest.check(first_step)
    assert outcome.mistakes == ("length-held",)
    assert "“decay, angle” and “rate, angle” and 5 more" in " ".join(
        outcome.message.split()
    )
    outcome = ex.rest.check(REST | {"start": (1, 2)})
    assert outcome.mistakes == ()


def test_an_error_of_shapes_is_shown_and_a_tuple_named():
    def product(dw, v, u, x):
        return dw - (dw @ v).sum() * np.outer(u, x)

    assert "mismatch" in ex.spectral.check(product).message
    outcome = ex.spectral.check(
        lambda *given: (ex.spectral.answer(*given), 1.0)
    )
    assert "Its first entry was checked as dv" in " ".join(
        outcome.message.split()
    )


def test_a_message_shows_how_to_make_the_run_that_it_speaks_of():
    outcome = ex.culprit.check(lambda *run: "healthy")
    made = "a length an input (1, (5, 4, 4), 0.1)"
    assert made in outcome.message
    name, numbers = made[:17], (1, (5, 4, 4), 0.1)
    assert len(ex.history(name, *numbers)) == 6


def runs():
    """Return the cause of each run that is judged, and the run."""
    found = []

    def noted(*run):
        found.append(run)
        return "healthy"

    for case in causes.CASES:
        causes.told(noted, case)
    return [*zip(histories.CAUSES * len(causes.CASES), found, strict=True)]


def residuals(v, g, w, dw, rate, decay):
    """Return how far off each claim is that a cause makes."""
    if g.shape != v.shape[:2]:
        return {"rows": 1.0}
    long = np.linalg.norm(v, axis=2)
    unit, before = v / long[..., None], v[:-1]
    slope = (unit[:-1] * dw).sum(2)
    step = v[1:] - (1 - rate * decay) * before
    off = {
        "rows": abs(w - g[..., None] * unit),
        "v moves": np.diff(v, axis=0),
        "g moves": np.diff(g, axis=0),
        "g is pulled": slope,
        "along": (step * unit[:-1]).sum(2),
        "g decays": np.diff(g, axis=0) + rate * slope,
    }
    return {name: abs(values).max() for name, values in off.items()}


SHOWS = {
    "a length an input": {"rows"},
    "not in the optimizer": {"g is pulled"},
    "norm behind": {"v moves"},
    "length held constant": {"v moves", "g moves", "g is pulled", "along"},
    "decay on g": {"v moves", "g moves", "g is pulled", "g decays"},
    "healthy": {"v moves", "g moves", "g is pulled"},
}


def test_no_run_is_near_two_names():
    assert len(runs()) == 36
    for cause, run in runs():
        assert fault_by_replay(*run) == cause
        off = residuals(*run)
        near = {name for name, far in off.items() if far > 1e-10}
        assert all(far > 1e-3 for name, far in off.items() if name in near)
        if cause == "not in the optimizer":  # nothing follows its gradient
            near -= {"along", "g decays"}
        if cause == "a length an input":
            near &= {"rows"}
        assert near == SHOWS[cause], (cause, off)


def test_one_run_begins_with_a_step_that_has_nothing_to_learn():
    for cause in histories.CAUSES:
        idle = [(run[3][0] == 0).all() for c, run in runs() if c == cause]
        assert sum(idle) == 1


def test_a_branch_without_return_is_no_blank():
    def begun(*run):
        found = ex.culprit.answer(*run)
        return None if found == "healthy" else found

    outcome = ex.culprit.check(begun)
    assert outcome.status == "incorrect"
    assert "Your function returned None for one run." in outcome.message
    assert ex.culprit.check(lambda *run: None).status == "not attempted"


def test_sound_runs_tempt():
    sound = [run for cause, run in runs() if cause == "healthy"]
    stands = [(v[0] == v[-1]).all(1).any() for v, *_ in sound]
    creeps = [abs(v[0] - v[-1]).max(1).min() < 1e-2 for v, *_ in sound]
    shorter = [run[5] > 0 for run in sound]
    assert 1 <= sum(stands) < sum(creeps) and sum(shorter) == 3
    assert all(
        (g < 0).any() or seed for seed, (_, g, *_) in enumerate(sound)
    )
    assert sum((g < 0).any() for _, g, *_ in sound) >= 3


def test_the_loss_falls_in_four_of_the_five():
    for cause in histories.CAUSES:
        _, _, w, dw, *_ = histories.history(cause, 1, (9, 4, 4), 0.1)
        change = ((w[1:] - w[:-1]) * dw).sum((1, 2))
        fell = (change < 0).all()
        assert fell == (cause != "not in the optimizer")
