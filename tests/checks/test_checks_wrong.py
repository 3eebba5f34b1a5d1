"""Wrong answers, written by hand, are caught; most are named.

Nothing here is taken from the catalogue.
"""

import pytest
import right_attention  # noqa: F401 (registers)
import right_backwards  # noqa: F401
import right_forwards  # noqa: F401
import right_group  # noqa: F401
import right_instance  # noqa: F401
import right_later  # noqa: F401
import right_layer_norm  # noqa: F401
import right_layers  # noqa: F401
import right_loops  # noqa: F401
import right_newer  # noqa: F401
import right_outliers  # noqa: F401
import right_placement  # noqa: F401
import right_programs  # noqa: F401
import right_rms  # noqa: F401
import right_weight  # noqa: F401
import wrong_attention  # noqa: F401
import wrong_group  # noqa: F401
import wrong_instance  # noqa: F401
import wrong_later  # noqa: F401
import wrong_layer_norm  # noqa: F401
import wrong_loops  # noqa: F401
import wrong_newer  # noqa: F401
import wrong_outliers  # noqa: F401
import wrong_placement  # noqa: F401
import wrong_rms  # noqa: F401
import wrong_styles  # noqa: F401
import wrong_styles_time  # noqa: F401
import wrong_styles_values  # noqa: F401
import wrong_weight  # noqa: F401
from register import WRONG, exercise, read_edits
from wrong_answers import WithAxes, transposed

from normlib.checks import batch_norm as ex
from normlib.checks.diagnose import examine

read_edits()
CASES = [
    pytest.param(id, answer, names, id=f"{id}-{i}-{label}")
    for id, answers in WRONG.items()
    for i, (answer, names) in enumerate(answers)
    for label in [getattr(answer, "__name__", "dict")]
]


@pytest.mark.parametrize(("id", "answer", "names"), CASES)
def test_a_wrong_answer_is_caught_and_named_if_it_has_one(
    id, answer, names
):
    outcome = examine(exercise(id), answer)
    assert outcome.status == "incorrect"
    assert {*outcome.mistakes} == names, outcome.message
    if not names:
        told = ("expected", "raised an error", "difference")
        told += ("pass your test", "must be", "wanted is", "has no return")
        assert any(words in outcome.message for words in told)


def test_most_of_them_are_named():
    named = sum(names != set() for _, _, names in (c.values for c in CASES))
    assert named >= 0.65 * len(CASES)


def test_a_transposed_answer_is_told_its_shape():
    message = ex.forward.check(transposed).message
    assert "fails is shape" in message
    assert "expected (2, 1)" in message and "got      (1, 2)" in message


def test_a_parameter_with_axes_is_told_its_shape():
    message = ex.module.check(WithAxes).message
    words = "weight has the shape (1, 3, 1, 1); it must be (3,)"
    assert words in " ".join(message.split())
