"""What an answer is told that fails in a way of its own exercise."""

import numpy as np

from normlib.checks import introduction as intro


def words(outcome):
    return " ".join(outcome.message.split())


def test_the_law_of_chi_says_what_was_fed_in():
    outcome = intro.chi.check(lambda phi, slope, gain, bias: 2.0)
    assert outcome.status == "incorrect"
    assert "fed phi = 1 and slope = z" in words(outcome)
    assert "χ² is gain·q" in words(outcome)
    gain, bias = 1.5, 0.5
    q = gain + bias
    ours = intro.chi.answer(np.ones_like, np.positive, gain, bias)
    np.testing.assert_allclose(ours, gain * q, rtol=1e-6)
