"""What the exercises on through time and on runaway values rest on."""

import numpy as np
import pytest
import torch
from right_later import race_by_loops

from normlib.checks import layer_norm as ex
from normlib.checks.layer_norm import gates, heights, races, runaway
from normlib.experiments.nets.gated import Gated
from normlib.reference import layer_norm_forward


def test_a_step_is_the_one_of_the_trials_net():
    rng, H = np.random.default_rng(0), 6
    x, h, c = rng.normal(size=(3, 5, H))
    W_x, W_h = rng.normal(size=(2, H, 4 * H))
    one, unit, b = np.ones(4 * H), np.ones(H), rng.normal(size=4 * H)
    net = Gated(0, cell="LSTM", norm="layer", hidden=H)
    sums = gates.ln(x @ W_x, one) + b, gates.ln(h @ W_h, one)
    z_x, z_h, h_t, c_t = map(torch.tensor, (*sums, h, c))
    theirs = net.lstm(z_x.float(), z_h.float(), h_t.float(), c_t.float(), 0)
    ours = ex.lstm.answer(x, h, c, W_x, W_h, b, one, one, unit, 0 * unit)
    for a, t in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, t.detach(), rtol=1e-4, atol=1e-5)


def test_the_norm_that_is_given_is_layer_norm():
    z, gamma = np.random.default_rng(0).normal(size=(4, 7)), np.arange(7.0)
    right, _ = layer_norm_forward(z, gamma, 0 * gamma)
    np.testing.assert_allclose(gates.ln(z, gamma), right)


def test_every_race_is_what_it_is_called():
    ends = {n: races.read(race_by_loops, n).values() for n in races.CASES}
    closed = [(low > 0, high < np.inf) for low, high in ends.values()]
    assert closed == [(1, 1), (1, 0), (0, 1), (0, 0)]
    drawn = [races.curves(1, *races.CASES["neither"][:2])]
    drawn += [races.curves(2, *races.CASES["all learn"][2:])]
    assert all((v == 5).any() for v in drawn)
    low = np.minimum.accumulate(drawn[1], axis=2)
    assert ((low <= 5) & (drawn[1] > 5)).any()  # learned, and lost again


@pytest.mark.parametrize("name", runaway.cases())
def test_values_run_away_above_the_safe_rate_and_not_below(name):
    f, seen, P, discount, decay = runaway.cases()[name]
    safe = ex.safe_rate.answer(f, seen, P, discount, decay)

    def grown(rate, steps):
        w = np.random.default_rng(0).normal(size=f.shape[1])
        start = np.linalg.norm(w)
        for _ in range(steps):
            e = discount * P @ f @ w - f @ w
            w = w + rate * (f.T @ (seen * e) - decay * w)
            if np.linalg.norm(w) > 1000 * start:
                break
        return np.linalg.norm(w) / start

    if safe:
        assert grown(0.97 * safe, 5000) < 0.1
        assert grown(1.03 * safe, 5000) > 100
    else:
        assert grown(0.05, 40_000) > 100


def test_moves_of_the_walk_itself_do_not_run_away():
    for seed in range(20):
        f, _, P = runaway.drawn(seed, 5, 4)
        P = 0.9 * P + 0.02  # each cell can be reached
        seen = np.linalg.matrix_power(P, 4096)[0]
        np.testing.assert_allclose(seen @ P, seen)
        assert ex.safe_rate.answer(f, seen, P, 0.99, 1e-6) > 0


def test_no_row_gives_a_value_above_the_largest():
    for case in ex.largest.cases():
        seen = heights.reached(ex.largest.answer, case)
        bound, at = seen.values()
        np.testing.assert_allclose(bound, at)
        drawn = np.random.default_rng(0).normal(size=(2000, case["D"]))
        found = max(
            heights.reached(lambda *_, z=z: (1.0, z), case)["|v| of z"]
            for z in drawn
        )
        assert 0.8 * bound < found <= bound + 1e-9


def test_one_number_is_not_two():
    message = ex.race.check(lambda plain, normed, target: 2.0).message
    assert "wanted is (lowest, highest)" in " ".join(message.split())
