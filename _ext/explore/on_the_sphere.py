"""Where do RMSNorm and LayerNorm put three numbers? On one sphere."""

import numpy as np

from normlib import reference as ref

from . import svg

QUESTION = "What does the mean change?"
X = (1.0, 2.0, 6.0)  # the example by hand
LEAST, MOST = -6, 6
TURN = 30  # degrees
CAPTION = (
    "Three numbers as a point, seen from the side: <b>1</b> points up, the "
    "sphere has radius √3, ε is 0. RMSNorm (triangle) moves x along its "
    "own ray onto the sphere. LayerNorm (square) takes out the part along "
    "<b>1</b> first: it lands on the equator, where the mean is 0."
)
ALT = (
    "A sphere with its equator and the upright axis of ones. The point x "
    "lies outside; a ray leads from the middle through the RMSNorm's point "
    "on the sphere to x. LayerNorm's point lies below it, on the equator."
)


def basis(turn):
    """Return the axes of the view: right, up, and towards the reader."""
    one = np.ones(3) / np.sqrt(3)
    a, b = np.array([1, -1, 0]) / 2**0.5, np.array([1, 1, -2]) / 6**0.5
    t, tilt = np.radians(turn), np.radians(18)
    right = np.cos(t) * a + np.sin(t) * b
    back = -np.sin(t) * a + np.cos(t) * b
    up = np.cos(tilt) * one + np.sin(tilt) * back
    return np.array([right, up, np.sin(tilt) * one - np.cos(tilt) * back])


def data():
    return {
        "x": X, "least": LEAST, "most": MOST, "turn": TURN,
        "plane": [[1, -1, 0], [1, 1, -2]], "tilt": 18,
    }  # fmt: skip


def picture(data):
    x = np.array([X])
    rms = ref.rms_norm_forward(x, None, eps=0.0)[0][0]
    layer = ref.layer_norm_forward(x, None, None, eps=0.0)[0][0]
    view, unit = basis(TURN), 28

    def at(point):
        across, up, _ = view @ point
        return 180 + unit * across, 205 - unit * up

    def line(a, b, **style):
        (x1, y1), (x2, y2) = at(a), at(b)
        places = dict(
            zip(
                ("x1", "y1", "x2", "y2"),
                np.round([x1, y1, x2, y2], 1),
                strict=True,
            )
        )
        return svg.tag("line", **places, **style)  # fmt: skip

    def dot(point, words, **style):
        cx, cy = np.round(at(point), 1)
        return svg.tag("circle", cx=cx, cy=cy, r=5, **style) + svg.text(
            cx + 8, cy + 5, words
        )

    turns = np.radians(np.arange(0, 361, 10))[:, None]
    plane = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])
    ring = 3**0.5 * (np.cos(turns) * plane[0] + np.sin(turns) * plane[1])
    equator = " ".join("{:.1f},{:.1f}".format(*at(p)) for p in ring)
    return svg.picture(
        360, 290, ALT,
        svg.tag("circle", cx=180, cy=205, r=round(unit * 3**0.5, 1),
                class_="nl-circle"),
        svg.tag("polyline", points=equator, class_="nl-radius",
                fill="none"),
        line(np.zeros(3), 1.6 * np.ones(3), class_="nl-radius"),
        line(np.zeros(3), x[0], class_="nl-g"),
        dot(x[0], "x"), dot(rms, "RMSNorm"), dot(layer, "LayerNorm"),
    )  # fmt: skip
