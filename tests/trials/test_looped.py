"""What *One loop* says of its races is in the records."""

import pytest

from normlib.experiments import trial
from normlib.experiments.arms import Contrast
from normlib.experiments.performance import costs, looped, mean, orders


@pytest.fixture(scope="module")
def record():
    return trial("performance.benchmark").record()


def on_one_thread(record, least, most=float("inf")):
    return [
        unit
        for unit in costs.races(record)
        if unit["threads"] == 1
        and record.where(contender="loops", **unit)
        and least <= costs.size(unit, record) < most
    ]


def test_the_goals_table_has_every_large_race(record):
    table = looped.goals(record)
    assert len(table.rows) == 18
    met = ["met" in cell for row in table.rows for cell in (row[2], row[5])]
    assert 0 < sum(met) < len(met) / 2
    assert looped.said(1.34, 1.3) == "1.3 met"
    assert looped.said(1.36, 1.3) == "1.3"


def test_rmsnorm_with_its_backward_takes_half_of_its_peers(record):
    for unit in on_one_thread(record, looped.LARGE):
        both = looped.over_faster(record, unit, "both").mean
        if unit["norm"] == "rms":
            assert both < 0.7
        else:
            assert 0.75 < both < 1.25


def test_small_arrays_lose_and_large_ones_do_not(record):
    for unit in on_one_thread(record, 0, 2**14):
        assert looped.over_faster(record, unit, "forward").mean > 1.5
    for unit in on_one_thread(record, 2**22):
        assert looped.over_faster(record, unit, "forward").mean < 1.5
    behind = looped.behind(record).rows
    small = {
        f"{costs.NAMES[u['norm']]} {u['shape']}"
        for u in on_one_thread(record, 0, looped.LARGE)
    }
    assert sum(row[0] in small for row in behind) > len(behind) / 2
    assert len(behind) < looped.raced(record)
    assert "1×256" in looped.smallest(record)


def test_two_threads_fall_behind_in_the_forward(record):
    found = [
        looped.over_faster(record, unit, "forward").mean
        for unit in costs.races(record)
        if unit["threads"] == 2 and record.where(contender="loops", **unit)
    ]
    assert len(found) == 5 and min(found) > 1


def test_what_is_saved_is_no_constant():
    record = trial("performance.mean").record()
    by = {
        (library, phase): mean.saved(record, "rms", library, phase)
        .interval()
        for library in record.distinct("library")
        for phase in mean.PHASES
    }  # fmt: skip
    for library in ("numpy", "formula"):
        assert all(by[library, p].low > mean.HIGH for p in mean.PHASES)
    assert by["compiled", "forward"].mean > 100 / 3
    assert by["compiled", "both"].high < mean.LOW
    assert all(by["torch.nn", p].high < -50 for p in mean.PHASES)
    assert by["loops", "forward"].high < mean.LOW
    shift = Contrast(
        mean.saved(record, "rms", "loops", "both"),
        mean.saved(record, "no mean", "loops", "both"),
    )
    assert shift.interval().low > mean.MEAN  # β alone
    again = mean.arms(record, "again")["loops, forward"].interval()
    assert 1 < again.mean < 6  # a few per cent
    alone = mean.arms(record, "no mean")
    for library in ("numpy", "formula"):
        for phase in mean.PHASES.values():
            name = f"{mean.LIBRARIES[library]}, {phase}"
            assert alone[name].interval().mean > 18
    for phase in mean.PHASES.values():
        assert abs(alone[f"loops, {phase}"].interval().mean) < mean.MEAN


def test_the_three_sums_are_one():
    import numpy as np

    v = np.random.default_rng(0).normal(size=1000)
    for f in (orders.in_order, orders.any_order):
        assert f(v) == pytest.approx(v.sum())
    assert orders.from_where(v, 0) == pytest.approx(v.sum())
    assert orders.from_where(v, -3) == pytest.approx(v.sum() + v[-3:].sum())
