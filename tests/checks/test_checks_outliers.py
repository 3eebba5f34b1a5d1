"""What the exercises on outliers rest on: their inputs and the page."""

import numpy as np
import pytest
import torch
from test_checks_attention import cases

from normlib.checks import layer_norm as ex
from normlib.checks.layer_norm import causes, loud
from normlib.experiments.layer_norm import outliers


def test_scales_are_balanced_and_the_maps_give_what_they_gave():
    for (gamma, beta, *W, y), new in cases(ex.balance):
        a, b, *moved = new
        x_hat = np.random.default_rng(0).normal(size=(9, len(gamma)))
        for before, after in zip(W, moved, strict=True):
            was = (gamma * x_hat + beta) @ before.T
            np.testing.assert_allclose((a * x_hat + b) @ after.T, was)
        idle = gamma == 0
        x_hat = (y - beta) / np.where(idle, 1, gamma)
        top = abs(a * x_hat + b).max(0)
        read = abs(np.vstack(moved)).max(0)
        np.testing.assert_allclose(top[~idle], read[~idle])


def test_each_reader_sign_and_token_matters_to_a_balance():
    for (_, _, *W, y), _ in cases(ex.balance):
        sizes = [abs(matrix).max(0) for matrix in W]
        assert {*np.argmax(sizes, 0)} == {0, 1, 2}
        for x in (y, np.vstack(W)):
            assert (-x.min(0) > x.max(0)).any()
        first = abs(y).argmax(0) == 0
        assert first.any() and not first.all()


def test_whole_numbers_are_those_of_the_page():
    for (y, W, b), found in cases(ex.steps):
        ours, rows = (
            outliers.rounded(torch.tensor(x), 1).numpy() for x in (y, W)
        )
        np.testing.assert_allclose(found["out"], ours @ rows.T + b)
        for name, x in (("y", ours), ("W", rows)):
            step, whole = found[f"{name}_step"], found[f"{name}8"]
            np.testing.assert_allclose(whole * step[:, None], x, atol=1e-9)
            assert abs(whole.astype(int)).max() == 127


def test_no_number_lies_between_two_steps_and_sums_need_bits():
    for (y, W, _), found in cases(ex.steps):
        for name, x in (("y_step", y), ("W_step", W)):
            part = x / found[name][:, None] % 1
            assert (abs(part - 0.5) > 1e-5).all()
        assert abs(found["sums"]).max() >= 2**14
    assert abs(cases(ex.steps)[-1][1]["sums"]).max() >= 2**15


def sizes():
    for *size, _ in (causes.GIVEN, *causes.FRESH):
        for kind, name in loud.KINDS.items():
            y, columns = loud.drawn(kind, *size)
            yield kind, name, abs(y), columns


def ratio(sizes):
    return sizes.max() / np.median(sizes)


def test_what_is_loud_is_loud_by_far():
    for _, name, y, columns in sizes():
        feature = ratio(np.median(y, 0))
        assert feature > 8 if name == "loud feature" else feature < 4
        if name != "loud feature":
            token = ratio(y.max(1))
            assert token > 4.5 if name == "loud token" else token < 2.5
        column = ratio(columns)
        assert column > 9 if name == "loud column" else column < 1.6


def test_no_one_number_tells_what_is_loud():
    by_kind, squares = {}, {"loud feature": [], "loud token": []}
    for kind, name, y, _ in sizes():
        most = y.max() / y.mean(), (y**4).mean() / (y**2).mean() ** 2
        by_kind.setdefault(kind, []).append(most)
        if name in squares:
            squares[name].append(ratio((y**2).mean(0)))
    tails = np.array(by_kind["nothing, heavy tails"])
    assert (tails > [12, 9]).all()
    assert (np.array(by_kind["nothing"]) < [8, 4]).all()
    assert max(squares["loud token"]) > min(squares["loud feature"])


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [("a large γ", "a step a token"), ("six tokens", "one step")],
)
def test_the_wrong_remedy_leaves_the_error(kind, remedy):
    y, _ = loud.drawn(kind, *causes.GIVEN[:-1])
    y = torch.tensor(y)
    quiet = y.abs().median(0).values < 3
    few = y.abs().amax(1) < 8 if kind == "six tokens" else slice(None)
    error = {
        name: (outliers.rounded(y, dim) - y)[few][:, quiet].square().mean()
        for name, dim in (("one step", None), ("a step a token", 1))
    }
    if kind == "six tokens":
        assert error["one step"] > 20 * error["a step a token"]
    else:
        assert error["a step a token"] > error["one step"] / 10


def test_what_is_taken_for_what_is_told():
    outcome = ex.cause.check(lambda y, columns: "loud token")
    said = " ".join(outcome.message.split())
    assert "33 nets: 9 right; 3 × a large γ called loud token" in said


def test_whole_numbers_must_be_of_eight_bits():
    def floats(*given):
        found = ex.steps.answer(*given)
        return found | {"W8": found["W8"].astype(float)}

    outcome = ex.steps.check(floats)
    assert "W8 holds float64; it must be int8" in outcome.message
    part = ex.steps.check(
        lambda y, W, b: {"y_step": ex.steps.answer(y, W, b)["y_step"]}
    )
    assert part.status == "unfinished"
    assert "Right so far. Next comes W_step." in part.message
