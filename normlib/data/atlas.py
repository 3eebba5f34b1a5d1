"""The atlas: letters and figures of the fonts that matplotlib ships.

It is drawn once and committed, black and white, so that no image depends
on a FreeType: a row a font, a column a character. `python -m
normlib.data.atlas` draws it again. LICENSES.txt beside it holds the terms
of the fonts.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

CHARACTERS = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
# Those with all 62. Left out: symbols, and cmmi10, where 0 looks like o.
FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-BoldOblique",
    "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Bold",
    "DejaVuSansMono-BoldOblique", "DejaVuSansMono-Oblique", "DejaVuSerif",
    "DejaVuSerif-Bold", "DejaVuSerif-BoldItalic", "DejaVuSerif-Italic",
    "STIXGeneral", "STIXGeneralBol", "STIXGeneralBolIta",
    "STIXGeneralItalic", "cmb10", "cmr10", "cmss10", "cmti10", "cmtt10",
)  # fmt: skip
CELL = 64  # pixels, the side of a character's square
CAPITAL = 34  # pixels, the height of H in every font
BASE = 45  # pixels, the baseline below the upper edge
FILE = Path(__file__).with_name("atlas.png")


def draw() -> np.ndarray:
    """Draw the atlas (21·64, 62·64), True is ink, from matplotlib's fonts.

    Each character is drawn eight times as large and centred from left to
    right; a pixel is ink where half of it or more is.
    """
    from matplotlib import get_data_path
    from PIL import Image, ImageDraw, ImageFont

    K, rows = 8, []
    for name in FONTS:
        path = Path(get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"

        def sized(size: float, path: Path = path) -> ImageFont.FreeTypeFont:
            basic = ImageFont.Layout.BASIC
            return ImageFont.truetype(path, size, layout_engine=basic)

        height = -sized(1000).getbbox("H", anchor="ls")[1]
        font, row = sized(1000 * CAPITAL * K / height), []
        for character in CHARACTERS:
            left, _, right, _ = font.getbbox(character, anchor="ls")
            image = Image.new("L", (CELL * K, CELL * K))
            at = ((CELL * K - left - right) / 2, BASE * K)
            ImageDraw.Draw(image).text(
                at, character, fill=255, font=font, anchor="ls"
            )
            parts = np.asarray(image).reshape(CELL, K, CELL, K)
            row.append(parts.mean((1, 3)) >= 127.5)
        rows.append(np.concatenate(row, 1))
    return np.concatenate(rows)


def read() -> np.ndarray:
    """Read the committed atlas: characters (21, 62, 64, 64), bool."""
    from PIL import Image

    with Image.open(FILE) as image:
        ink = np.asarray(image.convert("L")) > 0
    cells = ink.reshape(len(FONTS), CELL, len(CHARACTERS), CELL)
    return np.ascontiguousarray(cells.transpose(0, 2, 1, 3))


@cache
def distances() -> np.ndarray:
    """Return how far a pixel lies inside the ink, (21, 62, 64, 64).

    In pixels of the atlas, from −6 outside to 6 inside, 0 at the edge.
    """
    from scipy.ndimage import distance_transform_edt as far

    cells = read()
    found = np.stack([
        np.where(ink, far(ink) - 0.5, 0.5 - far(~ink))
        for ink in cells.reshape(-1, CELL, CELL)
    ])  # fmt: skip
    return found.clip(-6, 6).astype(np.float32).reshape(cells.shape)


def main() -> None:
    """Write the atlas."""
    from PIL import Image

    Image.fromarray(draw()).save(FILE, optimize=True)


if __name__ == "__main__":
    main()
