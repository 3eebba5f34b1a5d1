"""What is told when no mistake has a name, or a stage is missing."""

import re

import pytest
import right_backwards as backwards
import right_forwards as forwards

from normlib.checks import batch_norm as ex


def test_a_partial_backward_is_told_what_comes_next():
    def begun(*args):
        out = backwards.staged_by_loops(*args)
        return {k: out[k] for k in ("dbeta", "dgamma", "dx_hat")}

    outcome = ex.staged_backward.check(begun)
    assert outcome.status == "unfinished" and not outcome.mistakes
    assert outcome.headline == "… Unfinished · batch_norm.staged_backward"
    assert "Right so far. Next comes dvar." in outcome.message


def test_a_lacking_name_and_a_wrong_length_are_told():
    lacking = ex.backward.check(lambda *a: {"dx": a[0], "dgamma": a[2]})
    assert "lacks dbeta" in lacking.message
    short = ex.backward.check(lambda *a: (a[0], a[2]))
    assert "tuple of 2; wanted is (dx, dgamma, dbeta)" in short.message


def test_the_first_wrong_stage_is_named_whatever_follows():
    def begun(dy, x, mu, var, gamma, eps):
        out = backwards.staged_by_loops(dy, x, mu, var, gamma, eps)
        return out | {"dgamma": (dy * x).sum(0), "dx": x, "dmu": mu}

    outcome = ex.staged_backward.check(begun)
    assert outcome.mistakes == ("dgamma-with-x",)
    assert "Your dgamma equals" in outcome.message
    assert outcome.compared.name == "dgamma"


def halfway(x, gamma, beta, *, training, **o):
    y = forwards.modes_by_slices(x, gamma, beta, training=training, **o)
    return y if training else y * 0.5 + x.mean(0)


def drifting(x, gamma, beta, *, training, **o):
    y = forwards.modes_by_slices(x, gamma, beta, training=training, **o)
    if not training:
        o["running_mean"][:] += 1
    return y


def half_momentum(x, gamma, beta, *, momentum, **o):
    o |= {"momentum": momentum / 2}
    return forwards.modes_by_slices(x, gamma, beta, **o)


PROPERTIES = {
    ("forward", lambda x, g, b, eps: x[:, :1]): "shape",
    ("forward", lambda x, g, b, eps: x + b): "mean",
    ("forward", lambda x, g, b, eps: 3 * (x - x.mean(0)) + b): "variance",
    ("images", lambda x, g, b, eps: x * 2): "mean",
    ("inference", half_momentum): "running mean",
    ("inference", drifting): "evaluation",
    ("inference", halfway): "independence",
    ("backward", lambda dy, x, g, s: (dy, g, g)): "mean",
    ("backward", lambda dy, x, g, s: (0 * dy, g, g)): "dβ",
    ("backward", lambda dy, x, g, s: (0 * dy, g, dy.sum(0))): "dγ",
    (
        "backward",
        lambda dy, x, g, s: (0 * dy, (dy * x).sum(0), dy.sum(0)),
    ): "gradient",
}


@pytest.mark.parametrize(("case", "name"), PROPERTIES.items())
def test_without_a_name_the_first_property_that_fails_is_shown(case, name):
    id, answer = case
    outcome = getattr(ex, id).check(answer)
    words = " ".join(outcome.message.split())
    assert f"The first property that fails is {name}:" in words
    assert "expected" in words and "got" in words


def test_a_backward_may_be_begun_anywhere():
    def begun(dy, x, mu, var, gamma, eps):
        return {"dgamma": (dy * x).sum(0), "sigma": var}

    outcome = ex.staged_backward.check(begun)
    assert outcome.mistakes == ("dgamma-with-x",)
    assert re.search("dbeta +–", outcome.message)


def test_an_empty_dict_is_nothing_and_a_blank_stage_is_not_there():
    empty = ex.staged_backward.check(lambda *a: {})
    assert empty.status == "not attempted"
    assert ex.backward.check(lambda *a: {}).status == "not attempted"
    blank = ex.staged_backward.check(
        lambda dy, *a: {"dbeta": dy.sum(0), "dgamma": None, "dx": ...}
    )
    assert "Right so far. Next comes dgamma." in blank.message


def test_a_name_that_is_nearly_right_is_told():
    outcome = ex.staged_backward.check(lambda dy, *a: {"dxhat": dy})
    assert "Your dict has dxhat; is it dx_hat?" in outcome.message


def test_what_predict_returned_is_told():
    outcome = ex.debug_predict.check(lambda model, x: model(x))
    words = " ".join(outcome.message.split())
    assert "it returned a Tensor of shape (60, 3)" in words


def test_one_wrong_entry_is_named_beside_right_ones():
    right = {(32, 100): 32, (16, 8, 50): 800, (2, 64, 28, 28): 1568}
    right |= {(1, 16, 14, 14): 196, (8, 32, 1, 1): 8}
    outcome = ex.set_size.check(right | {(16, 8, 50): 16})
    assert outcome.mistakes == ("m-is-n",)
    assert "What you wrote for “(16, 8, 50)” is what" in outcome.message


def test_where_space_is_wrong_the_example_has_space():
    outcome = ex.images.check(
        lambda x, g, b, eps: forwards.images_by_none(
            x - x.mean((0, 3), keepdims=True), g, b, eps=eps
        )
    )
    words = " ".join(outcome.message.split())
    assert "property that fails is variance" in words
    assert "x = [[[[1. 3. 8.] [2. 7. 4.]]]]" in words


def test_a_stage_of_the_wrong_shape_is_told():
    def begun(dy, x, mu, var, gamma, eps):
        return {"dbeta": dy, "dgamma": dy}

    outcome = ex.staged_backward.check(begun)
    assert "expected shape (3,), got shape (4, 3)" in outcome.message
