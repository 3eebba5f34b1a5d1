"""Slips: what is left out, exchanged or another is found and told."""

import pytest

from normlib.checks import edits
from normlib.checks import layer_norm as ex
from normlib.checks.diagnose import examine
from normlib.checks.small_edits import slips

SOURCE = """def f(x, γ, b):
    mu = x.mean(axis=0)
    d = γ * (x - mu) + np.abs(b)
    low = 0 if b else d[1]
    if b:
        return 1
    return low, mu.max()
"""
FOUND = {
    ("left-out", "You left out: axis=0"): "x.mean()",
    ("left-out", "You left out: γ *"): "d = (x - mu) + np.abs(b)",
    ("left-out", "You left out: + np.abs(b)"): "d = γ * (x - mu)\n",
    ("left-out", "You left out: np.abs"): "+ (b)",
    ("left-out", "You left out: [1]"): "else d\n",
    ("left-out", "You left out: .max()"): "return low, mu\n",
    ("left-out", "You left out: if b: return 1"): "pass\n    return low",
    ("exchanged", "You exchanged x and mu."): "γ * (mu - x)",
    (
        "order-swapped",
        "You return mu.max(), low; wanted is low, mu.max().",
    ): "return mu.max(), low",
    ("another-there", "You have min where max belongs."): "mu.min()",
    ("another-there", "You have + where - belongs."): "γ * (x + mu)",
    ("another-there", "You have 1 where 0 belongs."): "mean(axis=1)",
    ("another-there", "You have γ where x belongs."): "γ * (γ - mu)",
}


@pytest.mark.parametrize(("told", "text"), FOUND.items())
def test_a_slip_is_an_edit_and_says_what_it_is(told, text):
    made = [s for s in slips(SOURCE) if (s.id, s.did) == told]
    assert any(text in edits.edited(SOURCE, s.spans) for s in made)


def test_a_sign_that_is_not_arithmetic_stays():
    assert not slips("def f(a, b):\n    return {} | {}\n")


def test_an_answer_that_equals_a_slip_is_told_its_line():
    def without_beta(x, h, c, W_x, W_h, b, *gammas):
        *gammas, beta_c = gammas
        return ex.lstm.answer(x, h, c, W_x, W_h, b, *gammas, 0 * beta_c)

    outcome = examine(ex.lstm, without_beta)
    assert outcome.mistakes == ("left-out",)
    assert "You left out: + beta_c" in outcome.message
    assert "+ out = ln(c, gamma_c)\n" in outcome.message


def test_the_order_of_a_pair_is_told_with_its_names():
    for task in (ex.lstm, ex.shards, ex.largest, ex.race):
        outcome = examine(task, lambda *a, f=task.answer: f(*a)[::-1])
        assert outcome.mistakes == ("order-swapped",), task.id
        wanted = task.source.strip().rpartition("return ")[2]
        assert f"wanted is {wanted}." in outcome.message


def test_what_is_written_into_is_told_by_its_name():
    def into(W, f, moves, pays, after, *numbers):
        new = ex.q_step.answer(W, f, moves, pays, after, *numbers)
        pays += 1
        return new

    outcome = examine(ex.q_step, into)
    assert outcome.mistakes == ("input-changed",)
    assert "changes what it is given: pays." in outcome.message
    outcome = examine(ex.q_step, lambda *given: into(*given))
    assert "changes what it is given: argument 4." in outcome.message


def test_an_entry_is_told_by_its_words():
    means = {
        key: ex.drift.answer(key) for key in next(iter(ex.drift.cases()))
    }
    means["LayerNorm before", "b2", "Adam"] = "stays"
    message = " ".join(examine(ex.drift, means).message.split())
    assert "is what our rule gives with this line changed" in message
    assert "LayerNorm before, b2, Adam expected moves got stays" in message
