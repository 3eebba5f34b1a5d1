"""Glyphs: the same on every machine, and what their docstring says."""

import numpy as np
import pytest
import torch

from normlib.data import atlas, glyphs

SMALL = {"n": 400, "val": 30, "test": 300, "side": 16}


def test_every_machine_draws_the_same_images():
    assert glyphs.data_digest() == "b123e77c0dcf83ce"


def test_the_atlas_is_of_the_fonts_it_names():
    """Another FreeType may move a few pixels at the edges, no more."""
    drawn = atlas.draw()
    cells = atlas.read().transpose(0, 2, 1, 3).reshape(drawn.shape)
    assert np.mean(drawn != cells) < 0.005


def test_every_character_of_every_font_is_there_and_inside():
    cells = atlas.read()
    assert cells.shape == (len(atlas.FONTS), 62, atlas.CELL, atlas.CELL)
    assert cells.any((2, 3)).all()
    rim = np.ones((atlas.CELL, atlas.CELL), bool)
    rim[1:-1, 1:-1] = False
    assert not cells[:, :, rim].any()


def test_shapes_labels_and_scale():
    data = glyphs(3, **SMALL)
    assert data.train_x.shape == (400, 1, 16, 16)
    assert data.val_x.shape == (30, 1, 16, 16)
    assert data.test_y.shape == (300,)
    assert data.train_x.dtype == torch.float32
    # float32 rounds each pixel, and the mean of 102,400 of them
    assert abs(data.train_x.mean()) < 1e-5
    assert data.train_x.std(correction=0).item() == pytest.approx(
        1, abs=1e-5
    )
    assert set(glyphs(0).test_y.tolist()) == set(range(62))


def test_a_larger_part_begins_with_the_smaller():
    few, many = glyphs(0, **SMALL), glyphs(0, **SMALL | {"test": 600})
    assert torch.equal(few.test_x, many.test_x[:300])
    assert torch.equal(few.test_y, many.test_y[:300])


def test_parts_and_seeds_share_no_image():
    one, other = glyphs(0, **SMALL), glyphs(1, **SMALL)
    parts = [one.train_x, one.val_x, one.test_x, other.train_x]
    images = torch.cat([part.mul(1e4).round().flatten(1) for part in parts])
    assert len(images.unique(dim=0)) == len(images)


def test_offsets_change_the_light_and_nothing_else():
    """Each image is b + c·image of the plain one, up to rounding."""
    plain = glyphs(0, **SMALL)
    lit = glyphs(0, **SMALL, offsets=True)
    assert torch.equal(plain.train_y, lit.train_y)
    a, b = plain.train_x.flatten(1), lit.train_x.flatten(1)
    together = [
        torch.corrcoef(torch.stack(pair))[0, 1]
        for pair in zip(a, b, strict=True)
    ]
    assert min(together) > 0.99
    assert b.mean(1).std() > 4 * a.mean(1).std()


def error_of_means(data):
    """Per cent error of the nearest class mean."""
    x, y = data.train_x.flatten(1), data.train_y
    means = torch.stack([x[y == k].mean(0) for k in range(62)])
    found = torch.cdist(data.test_x.flatten(1), means).argmin(1)
    return (found != data.test_y).double().mean().item() * 100


def test_difficulty_makes_it_harder():
    size = {"n": 3000, "val": 1, "test": 1000, "side": 16}
    errors = [
        error_of_means(glyphs(0, **size, difficulty=d)) for d in (0, 0.5, 1)
    ]
    assert errors[0] + 10 < errors[1] < errors[2] - 10 < 88
    # chance errs in 98.4 %


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"n": 0}, "n is 0"),
        ({"val": 0}, "val is 0"),
        ({"test": -1}, "test is -1"),
        ({"side": 28}, "side is 28"),
        ({"difficulty": 3.0}, "difficulty is 3.0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_errors_name_the_argument(wrong, message):
    with pytest.raises(ValueError, match=message):
        glyphs(**{"seed": 0} | wrong)
