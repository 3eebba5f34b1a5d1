"""Which values share a mean? The sets of five norms, on a small array."""

import numpy as np

from normlib.figures import name
from normlib.reference.sets import SETS

from . import svg

QUESTION = "Which values share a mean?"
CAPTION = (
    "Each square is one value of x. Point at one, tap it, or go there with "
    "the arrow keys: its set lights up, and below stand the values of the "
    "set on a line. The sets are read from the table above; ε = 10<sup>−5"
    "</sup>."
)
ALT = (
    "Four samples of six channels of 2 by 2 values as squares. With "
    "BatchNorm all values of one channel are lit, in every sample: m = 16."
)
LARGEST = {"N": 4, "C": 8, "H": 3, "W": 3}
START = {"N": 4, "C": 6, "side": 2, "G": 2}
EPS = 1e-5
NORMS = ("batch", "layer", "instance", "group", "rms")


def array():
    """Return x: small integers, whose size depends on the channel."""
    rng = np.random.default_rng(7)
    shape = tuple(LARGEST.values())
    centre = rng.integers(-3, 6, size=(1, shape[1], 1, 1))
    return centre + rng.integers(-4, 5, size=shape)


def data():
    return {
        "x": array().tolist(),
        "start": START,
        "eps": EPS,
        "norms": {
            norm: {
                "axes": SETS[norm].x,
                "over": SETS[norm].over,
                "centred": SETS[norm].centred,
            }
            for norm in NORMS
        },
    }


def picture(data):
    side, cells = 20, []
    for n in range(START["N"]):
        for c in range(START["C"]):
            for p in range(4):
                x = 30 + c * (2 * side + 6) + p % 2 * side
                y = 26 + n * (2 * side + 6) + p // 2 * side
                lit = " nl-lit" if c == 0 else ""
                cells.append(
                    svg.tag(
                        "rect", x=x, y=y, width=side - 1, height=side - 1,
                        class_=f"nl-cell{lit}", data_norm="batch",
                    )
                )  # fmt: skip
    return svg.picture(
        310, 214, ALT, svg.text(30, 16, f"{name('batch')}, channels →"),
        svg.text(14, 120, "samples ↓", transform="rotate(-90 14 120)"),
        *cells,
    )  # fmt: skip
