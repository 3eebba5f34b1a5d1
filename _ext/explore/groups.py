"""Who notices? Groups from 1 to C, and a channel that is made louder."""

import numpy as np

from normlib import reference as ref

from . import svg

QUESTION = "One channel is made louder. Who notices?"
CAPTION = (
    "One image of eight channels, each of four values: above as they come "
    "in, below as they go out. A band is the <em>μ ± σ</em> of a group; "
    "rings are what came out before the change. Choose who is changed, by "
    "how much, and the number of groups, or tap a channel. Computed where "
    "you read it, with ε = 10<sup>−5</sup>."
)
ALT = (
    "Eight channels of four values each, in two groups. Channel 3 has its "
    "contrast times 4: behind the norm channels 1 to 4 have moved, and "
    "channels 5 to 8 have not."
)
C, POSITIONS, EPS = 8, 4, 1e-5
FACTORS = [0.25, 0.5, 1, 2, 4]
START = {"G": 2, "channel": 2, "who": "one", "factor": 4, "shift": 0}


def array():
    """Return x (C, positions): small integers, each channel its own."""
    rng = np.random.default_rng(3)
    centre = rng.integers(-2, 5, size=(C, 1))
    x = centre + rng.integers(-3, 4, size=(C, POSITIONS))
    x[:, 0] = centre[:, 0] + 3  # no channel is flat
    return x


def changed(x, who, channel, factor, shift):
    """Return x with one channel, or all, times a factor, plus a shift."""
    y = x * 1.0
    rows = slice(None) if who == "all" else channel
    y[rows] = factor * y[rows] + shift
    return y


def normalized(x, G):
    y, _ = ref.group_norm_forward(
        x[None, :, :, None] * 1.0, None, None, num_groups=G, eps=EPS
    )
    return y[0, :, :, 0]


def data():
    return {
        "x": array().tolist(),
        "start": START,
        "factors": FACTORS,
        "eps": EPS,
        "divisors": [G for G in range(1, C + 1) if C % G == 0],
    }


def picture(data):
    before = normalized(array(), START["G"])
    now = changed(
        array(), START["who"], START["channel"], START["factor"],
        START["shift"],
    )  # fmt: skip
    after, marks = normalized(now, START["G"]), []
    for c in range(C):
        left = 14 + 40 * c + 14 * (c * START["G"] // C)
        for p in range(POSITIONS):
            x, y = left + 8 * p, 110 - 30 * after[c, p]
            marks += [
                svg.tag(
                    "circle", cx=x, cy=round(110 - 30 * before[c, p], 1),
                    r=5, class_="nl-circle",
                ),
                svg.tag(
                    "circle", cx=x, cy=round(y, 1), r=4,
                    fill="var(--nl-ink-group)",
                ),
            ]  # fmt: skip
        marks.append(
            svg.text(left + 12, 216, f"{c + 1}", text_anchor="middle")
        )
    return svg.picture(
        360, 224, ALT, svg.text(4, 14, "x̂, with two groups"), *marks
    )
