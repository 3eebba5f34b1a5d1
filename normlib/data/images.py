"""Glyphs: letters and figures, drawn without an end.

An image is the same on every machine. Its numbers are raw bits of PCG64,
a stream that NumPy guarantees; what follows is one correctly rounded
operation after another, on each pixel by itself: no sine, no exponential,
no sum of floats.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache

import numpy as np
import torch

from . import atlas
from .split import Split

CLASSES = len(atlas.CHARACTERS)
SIDES = (16, 32)
CHUNK = 250  # images drawn at once, from one stream
UNITS = 32  # an image is as wide and high, whatever its `side`
CAPITAL = 19  # units, the height of H
PIXEL = np.float32(CAPITAL / atlas.CAPITAL)  # of the atlas, in units
PARTS = {"train": 0, "val": 1, "test": 2}


class Draws:
    """Random numbers, one for each of CHUNK images, from one stream."""

    def __init__(self, *stream: int) -> None:
        self.bits = np.random.PCG64(stream)

    def whole(self, high: int) -> np.ndarray:
        """Draw integers from 0 … high − 1: (CHUNK,)."""
        raw = self.bits.random_raw(CHUNK) >> np.uint64(32)
        return (raw * np.uint64(high) >> np.uint64(32)).astype(np.int32)

    def uniform(self, low: float, high: float) -> np.ndarray:
        """Draw from low … high: (CHUNK, 1, 1), float32."""
        raw = self.bits.random_raw(CHUNK) >> np.uint64(40)
        share = raw.astype(np.float32) / np.float32(2**24)
        return (low + (high - low) * share).reshape(CHUNK, 1, 1)

    def around(self, most: float) -> np.ndarray:
        """Draw from −most … most: (CHUNK, 1, 1), float32."""
        return self.uniform(-most, most)

    def noise(self, side: int) -> np.ndarray:
        """Draw (CHUNK, side, side) of mean 0 and deviation 1, float32.

        Four bytes are added: near normal, within ±3.5.
        """
        shape = (4, CHUNK, side, side)
        raw = self.bits.random_raw(CHUNK * side * side // 2)
        four = raw.astype("<u8").view(np.uint8).reshape(shape)
        total = four.sum(0, dtype=np.int16) - np.int16(510)
        return total / np.float32(((256**2 - 1) / 3) ** 0.5)


def _glyph(
    draw: Draws,
    cell: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    level: float,
) -> np.ndarray:
    """Return how far points lie inside a glyph, in units: (CHUNK, H, W).

    `cell` (CHUNK,) says which, x and y are the points from its middle.
    It is rotated by an angle whose half has tangent t, up to 12° at
    level 1, sheared, scaled along each axis and made bolder. The atlas is
    read linearly between its pixels.
    """
    t, shear = draw.around(0.11) * level, draw.around(0.18) * level
    wide, high = draw.around(0.08) * level, draw.around(0.08) * level
    wide, high = (1 + wide) / (1 - wide), (1 + high) / (1 - high)
    cos, sin = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    u, v = cos * x + sin * y, cos * y - sin * x
    u, v = (u - shear * v) / wide, v / high
    u, v = (
        (a / PIXEL + (atlas.CELL - 1) / 2).clip(0, atlas.CELL - 1.001)
        for a in (u, v)
    )
    left, top = np.floor(u), np.floor(v)
    u, v = u - left, v - top
    at = cell.reshape(CHUNK, 1, 1) * atlas.CELL + top.astype(np.int32)
    at = at * atlas.CELL + left.astype(np.int32)
    far = atlas.distances().reshape(-1)
    above = far[at] * (1 - u) + far[at + 1] * u
    at += atlas.CELL
    below = far[at] * (1 - u) + far[at + 1] * u
    inside = above * (1 - v) + below * v
    bolder = draw.uniform(-0.2, 0.4) * level
    return inside * (PIXEL * np.sqrt(wide * high)) + bolder


def _stroke(
    draw: Draws, x: np.ndarray, y: np.ndarray, long: float, wide: float
) -> np.ndarray:
    """Return how far points lie inside a line, in units: (CHUNK, H, W).

    It goes from a point a to a + b; every other one has no width.
    """
    x, y = x - draw.around(15), y - draw.around(15)
    bx, by = draw.around(long), draw.around(long)
    along = (x * bx + y * by) / (bx * bx + by * by + np.float32(1e-6))
    along = along.clip(0, 1)
    x, y = x - along * bx, y - along * by
    return draw.around(wide) - np.sqrt(x * x + y * y)


def _chunk(
    side: int, offsets: bool, level: float, *stream: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw images (CHUNK, side, side), uint8, and labels (CHUNK,).

    Another `side` or `offsets` changes no other draw.
    """
    draw, fonts = Draws(*stream), len(atlas.FONTS)
    clutter, pixel = level / 2, np.float32(UNITS / side)
    middles = (np.arange(side) + np.float32(0.5 - side / 2)) * pixel
    x = middles.astype(np.float32).reshape(1, 1, side)
    y = x.reshape(1, side, 1)

    def ink(inside: np.ndarray) -> np.ndarray:
        return (inside / pixel + np.float32(0.5)).clip(0, 1)

    def strength() -> np.ndarray:
        return draw.uniform(0.4, 1.2) * clutter

    labels = draw.whole(CLASSES)
    cell = draw.whole(fonts) * CLASSES + labels
    right, down = draw.around(2) * level, draw.around(2) * level
    image = ink(_glyph(draw, cell, x - right, y - down, level))
    for turned in (False, True):  # a glyph beside, and one above or below
        cell = draw.whole(fonts * CLASSES)
        far, down = draw.uniform(15, 21), draw.around(14)
        right = np.where(draw.around(1) < 0, -far, far)
        if turned:
            right, down = down, right
        piece = _glyph(draw, cell, x - right, y - down, level)
        np.maximum(image, ink(piece) * strength(), out=image)
    for long, wide in ((16, 0.5), (2, 1.2)):  # lines and blobs
        drawn, wiped = (
            ink(_stroke(draw, x, y, long, wide * level)) for _ in "ab"
        )
        np.maximum(image, drawn * strength(), out=image)
        image *= 1 - wiped * clutter
    contrast, brightness = draw.uniform(32, 128), draw.uniform(0, 1)
    if not offsets:
        contrast, brightness = np.float32(128), np.float32(0)
    image += draw.noise(side) * (0.08 * level)
    # From −c/2 to 3c/2 there is room for the noise.
    image = contrast * image + contrast / 2
    image += brightness * (255 - 2 * contrast)
    return np.rint(image).clip(0, 255).astype(np.uint8), labels


@lru_cache(maxsize=64)
def _part(
    seed: int, part: str, n: int, side: int, offsets: bool, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw n images (n, side, side), uint8, and their labels (n,)."""
    chunks = [
        _chunk(side, offsets, level, seed, PARTS[part], k)
        for k in range(-(-n // CHUNK))
    ]
    images, labels = (
        np.concatenate(both)[:n] for both in zip(*chunks, strict=True)
    )
    return images, labels


def glyphs(
    seed: int,
    *,
    n: int = 6000,
    val: int = 1000,
    test: int = 10_000,
    side: int = 32,
    offsets: bool = False,
    difficulty: float = 1.0,
) -> Split:
    """Draw n, `val` and `test` images of letters and figures.

    Images are (n, 1, side, side), float32, side 32 or 16; the labels are
    the places in 0-9A-Za-z, 62 classes. A glyph of one of 21 fonts is
    rotated, sheared, scaled, shifted and made bolder; pieces of two other
    glyphs, lines and blobs lie over it, lines and blobs are wiped out;
    noise is added to each pixel. `difficulty`, 0 to 2, multiplies all
    this; 0 leaves upright glyphs. Some are alike at any: l and I.

    With `offsets` image i becomes b_i + c_i · image, with a brightness b_i
    and a contrast c_i of its own: c_i is 1/4 to 1 of what it is without,
    b_i spreads as much as fits into 256 shades.

    Every part of every seed is an independent draw from one distribution;
    a larger part begins with the smaller one. Pixels are standardized
    with one mean and one deviation, those of the training images. Raises
    ValueError for counts below 1, another side, a difficulty out of range
    and a seed that is not in 0 … 2³² − 1.
    """
    counts = {"train": n, "val": val, "test": test}
    for name, count in zip(
        ("n", "val", "test"), counts.values(), strict=True
    ):
        if count < 1:
            raise ValueError(f"{name} is {count}; wanted: at least 1")
    if side not in SIDES:
        raise ValueError(f"side is {side}; wanted: one of {SIDES}")
    if not 0 <= difficulty <= 2:
        raise ValueError(f"difficulty is {difficulty}; wanted: 0 to 2")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed is {seed}; wanted: 0 to 2³² − 1")
    found = {
        part: _part(
            seed, part, count, side, bool(offsets), float(difficulty)
        )
        for part, count in counts.items()
    }
    train = found["train"][0].astype(np.int64)  # sums of integers are exact
    mean = int(train.sum()) / train.size
    std = (int((train * train).sum()) / train.size - mean**2) ** 0.5

    def standard(images: np.ndarray) -> torch.Tensor:
        return (torch.from_numpy(images).float()[:, None] - mean) / std

    return Split(*(
        value
        for images, labels in found.values()
        for value in (standard(images), torch.from_numpy(labels).long())
    ))  # fmt: skip


@cache
def _glyphs_digest() -> str:
    """Hash the atlas, and a chunk of images of each kind."""
    seen = hashlib.sha256(atlas.read().tobytes())
    for side in SIDES:
        for offsets in (False, True):
            for values in _chunk(side, offsets, 1.0, 0, 0, 0):
                seen.update(values.tobytes())
    return seen.hexdigest()[:16]


glyphs.data_digest = _glyphs_digest
