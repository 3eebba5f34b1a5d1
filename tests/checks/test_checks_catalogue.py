"""The proof by mutation: the catalogue's own mistakes, one and two."""

import re

import numpy as np
import pytest

from normlib.checks import all_exercises, proof
from normlib.checks.batch_norm import given, places
from normlib.checks.diagnose import examine
from normlib.checks.mistakes import compatible
from normlib.checks.stages import table

EXERCISES = all_exercises()
each = pytest.mark.parametrize("id", EXERCISES)
MISTAKES = [m for e in EXERCISES.values() for m in e.mistakes]


@pytest.fixture(scope="module")
def rates():
    return proof.rates()


def test_every_single_mistake_is_caught_and_named(rates):
    assert all(r.singles_caught == r.singles for r in rates)
    unnamed = sum(r.singles - r.singles_named for r in rates)
    assert unnamed <= 1
    assert sum(r.singles for r in rates) >= 30


@each
def test_no_switch_is_idle(id):
    exercise = EXERCISES[id]
    made, _, _ = proof.tried(exercise, 1)
    assert made == len(exercise.mistakes)


def test_every_pair_is_caught_and_most_are_named_in_full(rates):
    assert all(r.pairs_caught == r.pairs for r in rates)
    pairs = sum(r.pairs for r in rates)
    assert pairs >= 1000
    assert sum(r.pairs_named for r in rates) >= 0.8 * pairs
    for r in rates:
        if r.pairs:
            assert r.pairs_named >= 0.75 * r.pairs, r


def test_the_rates_make_a_table(rates):
    lines = repr(rates).splitlines()
    assert len(lines) == len(EXERCISES) + 2
    assert max(map(len, lines)) <= 76
    rich = rates._repr_html_()
    assert rich.count("<tr>") == len(EXERCISES) + 2
    assert re.sub("<[^>]*>", " ", rich).split() == repr(rates).split()
    assert proof.told(30, 30, 29) == "30: all caught, 29 named"
    total = sum(r.singles for r in rates)
    assert lines[-1].startswith("all") and f" {total}: all" in lines[-1]


def test_a_sample_of_pairs_is_every_kth():
    few = proof.tried(EXERCISES["batch_norm.inference"], 2, every=20)
    assert 0 < few[0] == few[1] < 12


def test_the_rates_are_the_same_each_time(rates):
    chosen = EXERCISES["batch_norm.staged_backward"]
    again = (*proof.tried(chosen, 1), *proof.tried(chosen, 2))
    before = next(r for r in rates if r.exercise == chosen.id)
    assert again == tuple(vars(before).values())[1:]


@each
def test_the_stored_answer_is_correct(id):
    exercise = EXERCISES[id]
    assert examine(exercise, exercise.answer).status == "correct"
    assert exercise.solution().text


@each
def test_hints_go_one_step_further_and_stay(id):
    exercise = EXERCISES[id]
    exercise._step = 0
    told = [repr(exercise.hint()) for _ in range(5)]
    assert len(set(told)) == 3 and told[2] == told[4]
    assert told[0].startswith("Hint 1 of 3") and "?" in told[0]
    assert "Hint 3 of 3" in exercise.hint()._repr_html_()


def test_the_words_of_a_mistake_are_short_and_complete():
    known = {}
    for m in MISTAKES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", m.id)
        assert known.setdefault((m.id, m.place), m) == m
        for words in (m.did, m.symptom, m.fix):
            assert words.endswith(".") and 2 <= len(words.split()) <= 45
        assert (
            re.match(r"[A-Z]|[a-z]+_|d\w+ |weight", m.did)
            and m.place in places.ALL
        )
    assert {m.place for m in MISTAKES} <= set(places.ALL)


def test_two_mistakes_of_one_slot_exclude_each_other():
    a, b = EXERCISES["batch_norm.forward"].mistakes[:2]
    assert a.slot == b.slot and not compatible(a, b)


def test_the_given_programs_have_the_bug_they_are_about():
    for id, f, bug in (
        ("debug_predict", given.predict, "eval-forgotten"),
        ("debug_train", given.train, "train-lost"),
    ):
        found = EXERCISES[f"batch_norm.{id}"].check(f)
        assert found.mistakes == (bug,)
        assert "Measured:" in found.message


def test_two_mistakes_are_both_told():
    exercise = EXERCISES["batch_norm.forward"]
    wrong = exercise.wrong(frozenset({"unbiased-variance", "no-beta"}))
    found = exercise.check(wrong)
    assert {*found.mistakes} == {"unbiased-variance", "no-beta"}
    assert "two mistakes at once" in found.message
    assert "What follows:" in found.message and "Read:" in found.message
    for place in (places.UNBIASED, places.SCALE_SHIFT):
        stem, heading = place.split("#")
        anchor = heading.replace(" ", "-")
        assert f"{stem}.ipynb#{anchor}" in found._repr_html_()


def test_the_table_of_stages_stops_at_the_first_one_off():
    right = {"a": np.ones(2), "b": np.ones(2), "c": np.ones(3)}
    got = {"a": np.ones(2), "b": np.array([1, 1.5]), "c": np.zeros(3)}
    text = table(got, right, 1e-6)
    assert "off  5.0e-01" in text and "(2,)" in text
    assert len(text.splitlines()) == 3
    assert "expected (2,)" in table({"a": np.ones(3)}, right, 1e-6)
