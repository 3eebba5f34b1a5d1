"""The images are the same everywhere, legible, and independent draws."""

import hashlib
import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch

from normlib.data import atlas, glyphs, images
from normlib.experiments import fingerprint

SMALL = {"n": 300, "val": 20, "test": 50, "side": 16}
# 500 images and their labels, before they are standardized.
PINNED = {
    (16, False, 1.0): "caf3e5b0a9fee9d6",
    (16, True, 1.0): "885ac8bab8454066",
    (32, False, 1.0): "70beb7a07ad5cee8",
    (32, True, 1.0): "ce6c0c223adfdbc0",
    (32, False, 0.0): "c747811d8f748d42",
    (32, True, 2.0): "7f4741fb046a0614",
}
DIGEST = "8ba75ce608d54efe"
OPTIONS = pytest.mark.parametrize(
    ("side", "offsets", "level"), PINNED, ids=str
)


def drawn(side, offsets, level, seed=7):
    return images._part(seed, "test", 500, side, offsets, level)


def digest(side, offsets, level):
    both = b"".join(v.tobytes() for v in drawn(side, offsets, level))
    return hashlib.sha256(both).hexdigest()[:16]


@OPTIONS
def test_the_same_on_every_machine(side, offsets, level):
    kind = (side, offsets, level)
    assert digest(*kind) == PINNED[kind]


def test_the_same_in_a_process_without_vector_instructions():
    """Sums in another order, or fused products, would show."""
    script = "from normlib.data import glyphs; print(glyphs.data_digest())"
    simd = np._core._multiarray_umath.__cpu_dispatch__
    env = {"NPY_DISABLE_CPU_FEATURES": " ".join(simd)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | env,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == glyphs.data_digest() == DIGEST


def test_shapes_dtypes_and_scale():
    data = glyphs(3, **SMALL, offsets=True)
    for part, count in (("train", 300), ("val", 20), ("test", 50)):
        x, y = getattr(data, f"{part}_x"), getattr(data, f"{part}_y")
        assert x.shape == (count, 1, 16, 16) and x.dtype == torch.float32
        assert y.shape == (count,) and y.dtype == torch.int64
    assert data.train_x.mean().abs() < 1e-5
    assert data.train_x.std(correction=0) == pytest.approx(1, abs=1e-5)
    assert glyphs(3).test_x.shape == (10_000, 1, 32, 32)


def test_a_larger_part_begins_with_the_smaller_one():
    few, many = (
        images._part(1, "val", n, 16, False, 1.0) for n in (90, 600)
    )
    for a, b in zip(few, many, strict=True):
        assert np.array_equal(a, b[:90])


def test_parts_and_seeds_have_no_image_in_common():
    seen = [
        image.tobytes()
        for seed in (0, 1, 2)
        for part in images.PARTS
        for image in images._part(seed, part, 600, 16, False, 1.0)[0]
    ]
    assert len(set(seen)) == len(seen) == 5400


def test_classes_are_balanced():
    """χ² with 61 degrees of freedom: mean 61, deviation 11."""
    labels = images._part(0, "test", 10_000, 16, False, 1.0)[1]
    counts = np.bincount(labels, minlength=62)
    expected = 10_000 / 62
    assert ((counts - expected) ** 2 / expected).sum() < 61 + 4 * 11


@pytest.mark.parametrize("side", images.SIDES)
def test_upright_glyphs_are_those_of_the_atlas(side):
    """At difficulty 0 the nearest picture, shrunk by hand, is its own."""
    found, labels = drawn(side, False, 0.0)
    # A pixel of the atlas is 19/34 units: 57.3 of them are an image.
    at = (np.arange(side * 8) + 0.5) * 32 / (side * 8) - 16
    at = np.floor(at * 34 / 19 + 32).astype(int)
    cells = atlas.read()[:, :, at][:, :, :, at]
    cells = cells.reshape(-1, side, 8, side, 8).mean((2, 4))
    a, b = found.reshape(500, -1) / 128.0 - 0.5, cells.reshape(21 * 62, -1)
    far = (a * a).sum(1)[:, None] - 2 * a @ b.T + (b * b).sum(1)
    wrong = (far.argmin(1) % 62 != labels).mean()
    assert wrong < 0.02  # I and l


@pytest.mark.parametrize("side", images.SIDES)
def test_offsets_change_brightness_and_contrast_alone(side):
    plain, labels = drawn(side, False, 1.0)
    other, same = drawn(side, True, 1.0)
    assert np.array_equal(labels, same)
    x = plain.reshape(500, -1).astype(float)
    y = other.reshape(500, -1).astype(float)
    u, v = (a - a.mean(1, keepdims=True) for a in (x, y))
    slope = (u * v).sum(1) / (u * u).sum(1)
    rest = v - slope[:, None] * u
    assert abs(rest).max() <= 1.5  # both are rounded, none is clipped
    assert 0.24 < slope.min() < 0.3 and 0.95 < slope.max() < 1.01
    assert y.mean(1).std() > y.std(1).mean()


def test_difficulty_clutters():
    spread = [drawn(32, False, level)[0].std() for level in (0.0, 1.0, 2.0)]
    assert spread[0] != spread[1] != spread[2]
    upright, shaken = (drawn(16, False, v)[0][:, :2] for v in (0.0, 1.0))
    assert upright.std() < 3 < shaken.std()  # the border


WRONG = [
    ({"n": 0}, "n is 0; wanted: at least 1"),
    ({"val": -1}, "val is -1"),
    ({"test": 0}, "test is 0"),
    ({"side": 28}, r"side is 28; wanted: one of \(16, 32\)"),
    ({"difficulty": 2.5}, "difficulty is 2.5; wanted: 0 to 2"),
    ({"difficulty": float("nan")}, "difficulty is nan"),
    ({"seed": -1}, "seed is -1; wanted: 0 to"),
    ({"seed": 2**32}, "seed is 4294967296"),
]


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_bad_arguments_are_named(given, message):
    with pytest.raises(ValueError, match=message):
        glyphs(**{"seed": 0} | SMALL | given)


@pytest.fixture
def new_digest():
    """Forget the digest of the images, before and after."""
    images._glyphs_digest.cache_clear()
    yield
    images._glyphs_digest.cache_clear()


def test_a_record_notices_other_images(monkeypatch, new_digest):
    def measure(config, unit, device):
        return partial(glyphs, side=16)

    before, draw = fingerprint.of(measure), images._chunk
    for name in ("glyphs", "glyphs: data", "_chunk", "_glyph", "Draws"):
        assert f"normlib.data.images.{name}" in before
    monkeypatch.setattr(
        images, "_chunk", lambda *kind: (v // 2 for v in draw(*kind))
    )
    images._glyphs_digest.cache_clear()
    changed = fingerprint.changed(before, fingerprint.of(measure))
    assert "normlib.data.images.glyphs: data" in changed


def test_a_record_notices_another_atlas(monkeypatch, new_digest):
    before, cells = glyphs.data_digest(), atlas.read()
    monkeypatch.setattr(atlas, "read", lambda: ~cells)
    images._glyphs_digest.cache_clear()
    assert glyphs.data_digest() != before


def test_the_atlas_is_drawn_from_the_fonts_of_matplotlib():
    """Another FreeType may round a pixel at an edge the other way."""
    cells = atlas.read()
    again = atlas.draw().reshape(21, 64, 62, 64).transpose(0, 2, 1, 3)
    differ = (cells != again).sum() / cells.sum()
    assert differ < 0.01


def test_all_glyphs_are_whole_and_differ():
    cells = atlas.read()
    for edge in (0, -1):
        assert not cells[:, :, edge].any() and not cells[..., edge].any()
    for font, row in zip(atlas.FONTS, cells, strict=True):
        different = len({cell.tobytes() for cell in row})
        # In Computer Modern Sans l and I are one bar.
        assert different == (61 if font == "cmss10" else 62)


def test_distances_by_hand(monkeypatch):
    """A bar of ink, columns 10 to 13 of 64."""
    cells = np.zeros((1, 1, 64, 64), bool)
    cells[..., 10:14] = True
    monkeypatch.setattr(atlas, "read", lambda: cells)
    row = atlas.distances.__wrapped__()[0, 0, 30]
    assert row[6:18].tolist() == [
        -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 1.5, 0.5, -0.5, -1.5, -2.5, -3.5
    ]  # fmt: skip
    assert row.min() == -6
