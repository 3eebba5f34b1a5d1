"""The rule of temporal differences, its controls, and the mazes."""

import pytest
import torch
from made_up import made_up, spread

from normlib.experiments.layer_norm import learner, maze, td
from normlib.experiments.layer_norm.transitions import TASKS, World
from normlib.experiments.nets.ensemble import Ensemble
from normlib.experiments.nets.valuenet import ValueNet
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
BEST = 0.003
SHAPE = {"inputs": maze.WAVES**2 - 1, "moves": maze.MOVES}
SHAPE |= {"norm": "none", "depth": 2, "width": 8}


def errors(gains, noise=0.02, plain=0.5, best=BEST, **arms):
    """LayerNorm errs `gains[task]` times less; `arms` err by `plain`."""
    arms = {td.KNOWN: plain / 10} | arms

    def value(cell):
        e = arms.get(cell["arm"], plain)
        if cell["arm"] in ("layer", td.AGAIN):
            e = arms.get(cell["arm"], plain / gains[cell["task"]])
        e *= 10 ** spread(cell | {"rate": 0}, noise)
        return {"error": e if cell["rate"] == best else 4.0}

    return made_up("layer_norm.td", value)


ALL = dict.fromkeys(TASKS, 2.5)
NONE = dict.fromkeys(TASKS, 1.0)
SOME = NONE | {"offline": 2.5, "off-policy": 2.5}
NEAR = dict.fromkeys(TASKS, td.FACTOR)


def test_temporal_differences():
    records = [errors(gains) for gains in (ALL, SOME, NONE)]
    found = [decide("ln.rl", r) for r in (*records, errors(NEAR, 0.04))]
    assert tuple(d.verdict for d in found) == VERDICTS, found
    assert all(0 < len(d.headline.split()) <= 14 for d in found)
    assert "insensitive" not in found[3].headline
    assert found[1].when == "values are learnt off-policy and offline"


def test_a_task_that_cannot_be_told_leaves_it_open():
    assert decide("ln.rl", errors(ALL | {"online": 1.5})).verdict == "open"


def test_a_diverged_plain_net_is_a_bound_and_can_be_clear():
    record = errors(ALL | {"offline": 100})
    for row in record.rows:
        if row["arm"] == "none" and row["task"] == "offline":
            row["error"] = None if row["seed"] == 0 else row["error"]
    found = decide("ln.rl", record)
    offline = next(e for e in found.estimates if e.arm == "offline")
    assert found.verdict == "holds"
    assert offline.note == "at least" and offline.interval.high == float(
        "inf"
    )


def test_a_diverged_layer_norm_is_never_clear():
    record = errors(ALL)
    for row in record.rows:
        if row["arm"] == "layer" and row["task"] == "online":
            row["error"] = None if row["seed"] == 0 else row["error"]
    assert decide("ln.rl", record).verdict == "open"


def test_two_nets_that_learn_nothing_say_nothing():
    found = decide("ln.rl", errors(ALL, plain=3.5))
    assert found.verdict == "open"


@pytest.mark.parametrize("end", [0, -1])
def test_a_rate_at_the_edge_leaves_it_open(end):
    rate = td.trial.presets["cpu"]["rates"][end]
    assert decide("ln.rl", errors(ALL, best=rate)).verdict == "open"


@pytest.mark.parametrize(
    ("kind", "arm", "error"),
    [("null", td.AGAIN, 0.5), ("positive", td.KNOWN, 0.5)],
)
def test_the_controls_can_fail(kind, arm, error):
    found = decide("ln.rl", errors(ALL, **{arm: error}))
    assert found.headline == (
        f"Open: insensitive. The {kind} control failed."
    )


def solved(one, policy):
    """The values of a policy by one linear system, cell by cell."""
    n = maze.CELLS
    A, b = torch.eye(n).double(), torch.zeros(n).double()
    for s in range(n):
        for a in range(maze.MOVES):
            ends = [one.to[s, a].item(), *one.to[s].tolist()]
            share = [1 - maze.SLIP] + [maze.SLIP / maze.MOVES] * maze.MOVES
            for t, p in zip(ends, share, strict=True):
                p *= policy[s, a].item()
                b[s] += p * one.pay[t]
                A[s, t] -= p * maze.DISCOUNT * (t != one.goal)
    return torch.linalg.solve(A, b)


@pytest.mark.parametrize("seed", range(3))
def test_the_true_values_solve_the_maze(seed):
    one = maze.make(seed)
    policy = maze.good(one)
    v = (policy * maze.values(one, policy)).sum(1)
    torch.testing.assert_close(v, solved(one, policy))
    best = maze.values(one)
    greedy = torch.eye(maze.MOVES).double()[best.argmax(1)]
    torch.testing.assert_close(best.amax(1), solved(one, greedy))
    assert (best >= maze.values(one, policy) - 1e-12).all()
    assert (best <= 1 + 1e-12).all()
    assert one.pay.sum() == 1 - maze.PITS and one.pay[one.goal] == 1


def test_visits_are_those_of_walkers():
    """Walk, and count: a maze's long-run visits, but the goal's."""
    one, policy = maze.make(3), maze.adrift(0.6)
    g, n = torch.Generator().manual_seed(0), 4000
    cells = torch.arange(maze.CELLS)
    starts = cells[cells != one.goal]
    at = starts[torch.randint(len(starts), (n,), generator=g)]
    count = torch.zeros(maze.CELLS, maze.MOVES).double()
    for _ in range(600):
        a = torch.multinomial(policy[at], 1, generator=g)[:, 0]
        count.index_put_((at, a), torch.tensor(1.0).double(), True)
        at = torch.multinomial(one.chance[at, a], 1, generator=g)[:, 0]
        new = starts[torch.randint(len(starts), (n,), generator=g)]
        at = torch.where(at == one.goal, new, at)
    found = maze.visits(one, policy)
    assert found.sum().item() == pytest.approx(1)
    assert (count / count.sum() - found).abs().max() < 0.005
    assert found[one.goal].sum() == 0


@pytest.mark.parametrize("task", TASKS)
def test_the_moves_of_a_task_follow_the_maze(task):
    nets = Ensemble(lambda s: ValueNet(s, **SHAPE), [5, 6, 5])
    world = World(task, [5, 6], 2000, 0.6)
    m = world.moves(nets)
    for e, seed in enumerate(nets.seeds):
        one = maze.make(seed)
        straight = one.to[m.s[e], m.a[e]] == m.t[e]
        assert 0.9 < straight.double().mean() < 1
        assert (one.chance[m.s[e], m.a[e], m.t[e]] > 0).all()
        assert (m.r[e] == one.pay[m.t[e]]).all()
        assert (m.on[e] == (m.t[e] != one.goal)).all()
    if task != "online":
        assert (m.s[0] == m.s[2]).all() and (m.s[0] != m.s[1]).any()
    if task in ("off-policy", "offline"):
        assert 0.55 < (m.a == 0).double().mean() < 0.65


def test_the_error_is_0_for_the_truth_and_1_for_a_constant():
    world = World("offline", [5, 6], 4, 0.6)
    rows = torch.tensor([0, 1])
    assert world.error(world.true, rows).tolist() == [0, 0]
    cells = torch.arange(maze.CELLS) != world.goal[:, None]
    flat = world.true[cells].view(2, -1).mean(1)[:, None, None]
    found = world.error(flat.expand_as(world.true), rows)
    assert found.tolist() == pytest.approx([1, 1])


def test_what_diverges_is_no_number():
    assert learner.kept(learner.CAP) is None
    assert learner.kept(float("nan")) is learner.kept(float("inf")) is None
    assert learner.kept(0.123456) == 0.1235
