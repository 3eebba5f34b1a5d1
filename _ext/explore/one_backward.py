"""What does a norm take out of a gradient? P for a set of three values."""

import numpy as np

from normlib import reference as ref
from normlib.figures.projection import PLANE

from . import svg

QUESTION = "Which part of a gradient passes a norm?"
CAPTION = (
    "The plane of three values with mean 0, at ε = 0: x̂ lies on the circle "
    "of radius √3. Drag x̂ or the tip of g; on a keyboard go to either and "
    "use the arrow keys. Dashed is what P takes out: the part of g along x̂ "
    "and, on the gauge, the part along <b>1</b>, which stands upright on "
    "the plane. Gradients are drawn one and a half times as long."
)
ALT = (
    "A circle with the point x-hat on it. At its middle the gradient g of "
    "the example, and its part along x-hat, which is taken out. What is "
    "left starts at x-hat and runs along the circle."
)
X, G = (1.0, 2.0, 6.0), (1.0, 0.0, 0.0)  # the example by hand
LONG = 1.5  # gradients are drawn so many times as long


def data():
    x_hat, cache = ref.standardize(np.array([X]), (1,), eps=0.0)
    across, up = PLANE @ x_hat[0]
    return {
        "plane": PLANE.tolist(),
        "angle": float(np.degrees(np.arctan2(up, across)) % 360),
        "sigma": float(cache.sigma.item()),
        "g": G,
        "long": LONG,
    }


def picture(data):
    x_hat, cache = ref.standardize(np.array([X]), (1,), eps=0.0)
    passed = ref.standardize_backward(np.array([G]), cache) * cache.sigma
    unit, middle = 60, np.array([170, 145])

    def at(point):
        return middle + unit * np.array([1, -1]) * (PLANE @ point)

    def stroke(a, b, **style):
        (x1, y1), (x2, y2) = at(a).round(1), at(b).round(1)
        return svg.tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **style)

    here, zero = x_hat[0], np.zeros(3)
    g, kept = LONG * np.array(G), LONG * passed[0]
    g = g - g.mean()
    cx, cy = at(here).round(1)
    return svg.picture(
        340, 270, ALT,
        svg.tag("circle", cx=170, cy=145, r=round(unit * 3**0.5, 1),
                class_="nl-circle"),
        stroke(zero, g, class_="nl-g"),
        stroke(zero, g - kept, class_="nl-taken"),
        stroke(g - kept, g, class_="nl-copy"),
        stroke(here, here + kept, class_="nl-passes"),
        svg.tag("circle", cx=cx, cy=cy, r=7),
        svg.text(cx - 30, cy + 14, "x̂"),
        svg.text(10, 20, "g, what is taken (dashed), what passes (blue)"),
    )  # fmt: skip
