"""Scenes of plates, the nets that read them, and what is counted there."""

import torch

from normlib.experiments.nets.dense_prediction import (
    CELL,
    CELLS,
    KINDS,
    LETTERS,
    MANY,
    PLATE,
    SIDE,
    FrozenBatchNorm2d,
    SceneNet,
    fine_tuned,
    scenes,
)
from normlib.experiments.nets.ensemble import Ensemble
from normlib.experiments.other_techniques import scenes_read


def test_a_scene_has_four_plates_on_a_plain_ground():
    data = scenes(901, n=20, test=10)
    assert data.train_x.shape == (20, 1, SIDE, SIDE)
    assert data.train_y.shape == (20, CELLS)
    assert data.val_y.shape == (5 * CELLS,)
    assert data.test_y.shape == (10 * CELLS,)
    covered = (data.train_y < KINDS).sum(1)
    assert (covered == 4 * (PLATE // CELL) ** 2).all()
    side = SIDE // CELL
    for image, label in zip(data.train_x[:, 0], data.train_y, strict=True):
        cells = image.unfold(0, CELL, CELL).unfold(1, CELL, CELL)
        ground = cells[label.view(side, side) == KINDS]
        assert ground.std() < 0.12


def test_scenes_repeat_themselves_and_differ():
    one = scenes(901, n=20, test=10)
    scenes.cache_clear()
    again = scenes(901, n=20, test=10)
    assert all(map(torch.equal, one, again))
    for other in (
        scenes(902, n=20, test=10),
        scenes(901, first=LETTERS, n=20, test=10),
    ):
        assert not torch.equal(one.train_x, other.train_x)


def test_what_says_nothing_everywhere():
    covered = 4 * (PLATE // CELL) ** 2
    assert 0 < 100 * covered / CELLS - scenes_read.LOST < 0.5


def test_frozen_batch_norm_is_constant():
    norm = FrozenBatchNorm2d(3)
    g = torch.Generator().manual_seed(0)
    x = 3 * torch.randn(4, 3, 5, 5, generator=g) + 1
    for _ in range(50):
        norm(x)
    want = norm.eval()(x)
    norm.train().frozen = True
    before = norm.running_mean.clone()
    x.requires_grad_()
    y = norm(x)
    torch.testing.assert_close(y, want)
    assert torch.equal(norm.running_mean, before)
    y.sum().backward()
    assert norm.weight.grad.abs().max() == norm.bias.grad.abs().max() == 0
    scale = 1 / (norm.running_var + norm.eps).sqrt()
    torch.testing.assert_close(
        x.grad, scale[:, None, None].expand_as(x).detach()
    )


def test_nets_that_differ_in_the_norm_have_the_same_weights():
    group, batch = (
        SceneNet(3, norm=norm, pooled=True)
        for norm in ("group", FrozenBatchNorm2d)
    )
    for name, value in group.state_dict().items():
        torch.testing.assert_close(value, batch.state_dict()[name])
    x = torch.randn(2, 1, SIDE, SIDE)
    assert group(x).shape == (2 * CELLS, KINDS + 1)


def test_an_ensemble_of_scene_nets_is_its_members():
    def make(seed):
        return SceneNet(seed, norm="group", pooled=True)

    nets = Ensemble(make, [3, 4])
    x = torch.randn(2, 2, 1, SIDE, SIDE)
    for z, one, seed in zip(nets(x), x, (3, 4), strict=True):
        torch.testing.assert_close(z, make(seed)(one), atol=1e-4, rtol=1e-4)


def test_all_rates_go_on_from_one_pre_training():
    config = {
        "first_seed": 900, "seeds": 2, "rates": [0.0, 1e-9], "n": 8,
        "test": 4, "before": 2, "steps": 1, "batch": 2,
    }  # fmt: skip
    rows = fine_tuned(
        config, lambda s: SceneNet(s, norm="group", pooled=False), "cpu"
    )
    assert [row["seed"] for row in rows] == [900, 901, 900, 901]
    assert rows[:2] == rows[2:]  # so small a rate is told as 0


def test_frozen_nets_keep_their_statistics_while_they_learn():
    seen = []

    def make(seed):
        return SceneNet(seed, norm=FrozenBatchNorm2d, pooled=True)

    config = {
        "first_seed": 900, "seeds": 1, "rates": [0.01], "n": 8, "test": 4,
        "before": 3, "steps": 2, "batch": 2,
    }  # fmt: skip
    for frozen in (True, False):
        rows = fine_tuned(config, make, "cpu", frozen=frozen)
        seen.append(rows[0]["test_error"])
    assert seen[0] != seen[1]


def test_the_values_that_share_a_mean():
    table = scenes_read.counts()
    for side, C, few, many, group in table.rows:
        positions = int(side.split("×")[0]) ** 2
        assert (few, many) == (2 * positions, MANY * positions)
        assert group == C // 4 * positions
    assert [row[2] for row in table.rows].count(2) == 1
