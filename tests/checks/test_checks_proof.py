"""The proof by mutation: our answers with one mistake, and with two."""

import re

import pytest

from normlib.checks import all_exercises, proof
from normlib.checks.batch_norm import given, places
from normlib.checks.diagnose import examine

EXERCISES = all_exercises()
each = pytest.mark.parametrize("id", EXERCISES)
MISTAKES = [m for e in EXERCISES.values() for m in e.mistakes]


HEARD = []


@pytest.fixture(scope="module")
def rates():
    return proof.rates(lambda *doubles: HEARD.append(doubles), every=4)


def test_every_single_mistake_is_caught_and_named(rates):
    assert all(one.caught == one.made for one, _ in rates.values())
    assert all(one.named == one.made for one, _ in rates.values())


@each
def test_no_mistake_is_idle(id, rates):
    assert rates[id][0].made == len(EXERCISES[id].mistakes)


def test_every_pair_is_caught_and_most_are_named_in_full(rates):
    for _, two in rates.values():
        assert two.caught == two.made
        assert two.named >= 0.95 * two.made
    assert sum(two.made for _, two in rates.values()) >= 1000


def test_the_rates_make_a_table(rates):
    shown = proof.table(rates)
    lines = repr(shown).splitlines()
    assert len(lines) == len(EXERCISES) + 2
    assert max(map(len, lines)) <= 76
    assert str(proof.Rate(0, 0, 0)) == "none"
    assert str(proof.Rate(30, 30, 30)) == "all 30 caught and named"
    assert str(proof.Rate(30, 30, 29)) == "all 30 caught, 29 named"
    assert str(proof.Rate(30, 28, 27)) == "28 of 30 caught, 27 named"
    total = sum(one.made for one, _ in rates.values())
    assert (
        lines[-1].startswith("all") and f"all {total} caught" in lines[-1]
    )


def test_the_rates_of_one_technique_are_those_of_its_exercises():
    few = proof.rates(every=50, technique="rms_norm")
    assert [*few] == [id for id in EXERCISES if id.startswith("rms_norm.")]


def test_a_sample_of_pairs_is_every_kth_and_the_same_each_time():
    task = EXERCISES["batch_norm.backward"]
    few = proof.tried(task, 2, every=40)
    assert 0 < few.made == few.caught < 20
    assert proof.tried(task, 2, every=40) == few


def test_what_is_not_named_in_full_has_a_double(rates):
    unnamed = sum(two.made - two.named for _, two in rates.values())
    assert len(HEARD) == unnamed > 0
    for id, made, found in HEARD:  # the same numbers by another way
        assert len(made) == 2 and found.status == "incorrect"
        assert found.mistakes, (id, made)


@each
def test_our_answer_is_correct_and_shown(id):
    exercise = EXERCISES[id]
    (text,) = [exercise.solution().text]
    answer = exercise.answer
    if exercise.takes == "dict":
        answer = eval(text)
    outcome = examine(exercise, answer)
    assert outcome.status == "correct"
    assert "fragile" not in outcome.message
    assert '"""' not in text


@each
def test_hints_go_one_step_further_and_stay(id):
    exercise = EXERCISES[id]
    exercise._step = 0
    said = [repr(exercise.hint()) for _ in range(5)]
    assert len(set(said)) == 3 and said[2] == said[4]
    assert said[0].startswith("Hint 1 of 3") and "?" in said[0]
    assert "Hint 3 of 3" in exercise.hint()._repr_html_()


def test_the_words_of_a_mistake_are_short_and_complete():
    for m in MISTAKES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", m.id)
        for words in (m.did, m.symptom, m.fix):
            assert words.endswith(".") and 2 <= len(words.split()) <= 45
        assert re.match(r"[A-Z]|[a-z]+_|d\w+ |weight", m.did)
    for exercise in EXERCISES.values():
        known = {*exercise.places.values()}
        assert {m.read for m in exercise.mistakes} <= known


def test_the_given_programs_have_the_bug_they_are_about():
    for id, f, bug in (
        ("debug_predict", given.predict, "eval-forgotten"),
        ("debug_train", given.train, "train-lost"),
    ):
        found = EXERCISES[f"batch_norm.{id}"].check(f)
        assert found.mistakes == (bug,)
        assert "Measured:" in found.message


def test_two_mistakes_are_both_told_with_their_lines():
    exercise = EXERCISES["batch_norm.forward"]
    wanted = ("unbiased-variance", "no-beta")
    made = [m for m in exercise.mistakes if m.id in wanted]
    found = exercise.check(exercise.wrong(*made))
    assert {*found.mistakes} == {*wanted}
    assert "two mistakes at once" in found.message
    assert "What follows:" in found.message and "Read:" in found.message
    lines = ["− var = ((x - mu) ** 2).mean(axis=0)"]
    lines += ["+ var = x.var(ddof=1, axis=0)"]
    lines += ["− return gamma * x_hat + beta", "+ return gamma * x_hat"]
    shown = "\n".join(f"    {line}" for line in lines)
    assert f"ours with these lines changed:\n\n{shown}\n" in found.message
    assert "\n".join(lines) in found._repr_html_()
    for place in ("unbiased", "scale and shift"):
        stem, heading = places.PLACES[place].split("#")
        anchor = heading.replace(" ", "-")
        assert f"{stem}.ipynb#{anchor}" in found._repr_html_()
