"""What does a norm take out of a gradient? P for a set of three values."""

import numpy as np

from normlib import reference as ref
from normlib.figures.projection import PLANE

from . import svg

QUESTION = "Which part of a gradient passes a norm?"
CAPTION = (
    "The plane of three values with mean 0, at ε = 0: x̂ lies on the circle "
    "of radius √3. Drag x̂ along it, or the tip of g; on a keyboard go to "
    "either and use the arrow keys. The gauge beside the plane is the part "
    "of g along <b>1</b>, which stands upright on it."
)
ALT = (
    "A circle with the point x-hat on it. From it the gradient g of the "
    "example points away; the part along the radius is taken out, and the "
    "part along the tangent passes."
)
X, G = (1.0, 2.0, 6.0), (1.0, 0.0, 0.0)  # the example by hand


def data():
    x_hat, cache = ref.standardize(np.array([X]), (1,), eps=0.0)
    across, up = PLANE @ x_hat[0]
    return {
        "plane": PLANE.tolist(),
        "angle": float(np.degrees(np.arctan2(up, across)) % 360),
        "sigma": float(cache.sigma.item()),
        "g": G,
    }


def picture(data):
    x_hat, cache = ref.standardize(np.array([X]), (1,), eps=0.0)
    passed = ref.standardize_backward(np.array([G]), cache) * cache.sigma
    unit, middle = 60, np.array([170, 130])

    def at(point):
        return middle + unit * np.array([1, -1]) * (PLANE @ point)

    def stroke(a, b, **style):
        (x1, y1), (x2, y2) = at(a).round(1), at(b).round(1)
        return svg.tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **style)

    here, left = x_hat[0], x_hat[0] + passed[0]
    cx, cy = at(here).round(1)
    return svg.picture(
        340, 260, ALT,
        svg.tag("circle", cx=170, cy=130, r=round(unit * 3**0.5, 1),
                class_="nl-circle"),
        stroke(here, here + np.array(G), class_="nl-g"),
        stroke(left, here + np.array(G), class_="nl-taken"),
        stroke(here, left, class_="nl-passes"),
        svg.tag("circle", cx=cx, cy=cy, r=7),
        svg.text(cx - 26, cy + 20, "x̂"),
        svg.text(10, 20, "g, what is taken (dashed), what passes (blue)"),
    )  # fmt: skip
