"""What an answer is told that fails in a way of its own exercise."""

from pathlib import Path

import nbformat
import numpy as np
from right_newer import SWEEP, arm, designs
from wrong_newer import rewrite_by_rows

from normlib.checks import batch_norm as norm
from normlib.checks import introduction as intro
from normlib.checks import performance as speed
from normlib.checks import rms_norm as rms
from normlib.checks.introduction import deep
from normlib.checks.performance import traffic
from normlib.experiments.performance import steps

EXERCISES = Path(__file__).parents[2] / "exercises"


def notebook(stem):
    """Return the text of an exercise notebook, in one line."""
    cells = nbformat.read(EXERCISES / f"{stem}.ipynb", 4).cells
    return " ".join(" ".join(cell.source for cell in cells).split())


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


def test_a_measured_number_is_told_from_the_theory():
    outcome = intro.sweep.check(SWEEP | {("batch", -1): 9.3})
    assert "('batch', -1) is what nets of 128 units do" in words(outcome)
    assert "for endless width" in words(outcome)
    assert "(you: +9.3)" in words(outcome)
    assert "endless width" in notebook("01_introduction/what_for")


def test_what_is_said_of_wider_nets_is_so():
    narrow, wide = (
        np.mean([
            np.log10(g[0] / g[-1])
            for seed in range(3)
            for g in [growing(width, seed)]
        ])
        for width in (128, 512)
    )  # fmt: skip
    (_, theory) = [*SWEEP.items()][-1]
    assert narrow + 0.3 < wide < theory


def growing(width, seed):
    """Return the lengths of the gradients of BatchNorm before |z|."""
    size = {"depth": 50, "width": width, "batch": 128, "seed": seed}
    return deep.lengths(np.abs, np.sign, 1 / 3, 0.0, "batch", **size)


def test_in_narrow_nets_a_few_samples_stand_far_out():
    var, fourth = zip(
        *(far_out(width) for width in (128, 512)), strict=True
    )
    assert var[0] > var[1] + 0.02 > var[1] > 1 - 2 / np.pi + 0.1
    assert min(fourth) > 10  # 3 for a normal z


def far_out(width):
    """Return Var φ and E z⁴ behind BatchNorm in nets of |z|."""
    rng = np.random.default_rng(0)
    h, found = rng.normal(size=(128, width)), []
    for _ in range(50):
        z = h @ rng.normal(size=(width, width))
        z = (z - z.mean(0)) / z.std(0)
        h = np.abs(z)
        found.append((h.var(0).mean(), (z**4).mean()))
    return np.mean(found[10:], axis=0)


def test_a_pencils_rounding_is_shown_as_written():
    outcome = intro.sweep.check(SWEEP | {("none", 0.5): -16.8})
    assert outcome.status == "correct"
    assert "('none', 0.5) -16.7 (you: -16.8)" in words(outcome)


def test_one_entry_off_does_not_mean_fifty_factors():
    for entry in ({("none", 0.5): -17.0}, {("batch", -1): 11.0}):
        outcome = intro.sweep.check(SWEEP | entry)
        assert outcome.status == "incorrect"
        assert "fifty factors" not in outcome.message


def test_the_task_of_the_design_states_what_it_asks():
    told = notebook("02_batch_normalization/why_it_works")
    assert "an arm gets, eight at the least" in told
    assert "with other weights there is BatchNorm without noise" in told
    plain = arm("none"), arm("none", weights="other")
    outcome = norm.design.check(lambda: designs(null=plain))
    assert "No such nets were trained" in words(outcome)


def test_two_to_seven_nets_are_too_few_and_not_one():
    for seeds in range(2, 8):
        outcome = norm.design.check(lambda n=seeds: designs(seeds=n))
        assert outcome.mistakes == ("few-seeds",)
        assert "too few nets" in words(outcome)
        assert "one net" not in words(outcome)


def test_what_a_probe_may_not_have_is_told_by_itself():
    x = np.array([[300.0, 1, 2], [1, 2, 3]])
    gamma = np.array([2, -3, 0.5])

    def told(x, gamma, eps):
        return words(rms.probe.check(lambda: (x, gamma, eps)))

    said = told(np.where(x == 300, 300.123, x), gamma, 4)
    assert "does not hold 300.123: it becomes 300." in said
    said = told(np.where(x == 300, -70000, x), gamma, 4)
    assert "x has -70000; it must be within 65504" in said
    assert "eps" not in said
    for eps, shown in ((0, "0"), (-1e-6, "-1e-06")):
        said = told(x, gamma, eps)
        assert f"eps is {shown}; it must be above 0" in said
        assert "float16" not in said
    assert "gamma must be finite" in told(x, gamma * np.inf, 4)
    assert "x must be finite" in told(x * np.nan, gamma, 4)
    assert "np.float16(x)" in notebook("03_rmsnorm/in_half_precision")


def test_a_loop_over_rows_is_named_and_nothing_ends_empty():
    outcome = speed.rewrite.check(rewrite_by_rows)
    assert outcome.mistakes == ("loop",)
    assert "You loop over rows or blocks" in words(outcome)
    assert ", for \n" not in f"{outcome.message}\n"


def test_the_gap_between_count_and_time_is_explained():
    said = words(speed.copies.check(speed.copies.answer))
    assert "took 14.8 copies" in said and "You count 12." in said
    assert "the other 2.8 are no arrays that you missed" in said
    said = words(speed.copies.check(lambda *a: 2 * speed.copies.answer(*a)))
    assert "You count 24." in said and "the other" not in said


def test_the_program_that_was_timed_moves_twelve_copies():
    x, dy = np.random.default_rng(0).normal(size=(2, 512, 512))
    traffic.passes.clear()
    x, dy = map(traffic.counted, (x, dy))
    _, kept = steps.naive_forward(x, np.ones(512))
    steps.naive_backward(dy, kept)
    moved = sum(size for _, size in traffic.passes) / x.nbytes
    assert round(moved) == 24  # reads and writes
