"""What does a step make of v, and of w? Weight norm on a plane."""

import numpy as np

from normlib import reference as ref

from . import svg

QUESTION = "Why can a step only make v longer?"
CAPTION = (
    "A row of two weights under weight norm, w = g v/‖v‖. Dashed, at the "
    "tip of v, is what a step of w's gradient would be, times g/‖v‖; its "
    "part at a right angle to v is the step of v, which leaves the circle "
    "behind. The dots on the inner circle and near it are w, before (open) "
    "and after. Drag the tip of v or of the dashed arrow; on a keyboard go "
    "to either and use the arrow keys. ∇w, w's gradient, is {long} long."
)
ALT = (
    "A circle with the arrow v from its middle to its rim. At the tip a "
    "dashed arrow, the gradient's step; its part at a right angle to v is "
    "the step of v, and ends outside the circle."
)
LONG = 3  # the gradient of w
START = {"length": 2.5, "angle": 30, "g": 1.0, "turn": 290, "rate": 1.0}
CAPTION = CAPTION.format(long=LONG)


def stepped(length, angle, g, turn, rate):
    """Return all vectors of a step, by normlib.reference."""
    at = np.radians([angle, turn])
    away = np.stack([np.cos(at), np.sin(at)], 1)
    v, dw = length * away[:1], LONG * away[1:]
    w, cache = ref.weight_norm_forward(v, np.array([[g]]))
    dv, dg = ref.weight_norm_backward(dw, cache)
    after = v - rate * dv
    g_after = np.array([[g]]) - rate * dg
    w_after, _ = ref.weight_norm_forward(after, g_after)
    rows = {"v": v, "w": w, "dw": dw, "dv": dv, "after": after,
            "wafter": w_after}  # fmt: skip
    return {name: row[0] for name, row in rows.items()} | {
        "dg": dg.item(), "gafter": g_after.item(),
    }  # fmt: skip


def data():
    return START | {"long": LONG}


def picture(data):
    found = stepped(**START)
    unit, middle = 44, np.array([170, 155])

    def stroke(a, b, **style):
        ends = [(middle + unit * np.array([1, -1]) * p) for p in (a, b)]
        (x1, y1), (x2, y2) = np.round(ends, 1)
        return svg.tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **style)

    v, after, zero = found["v"], found["after"], np.zeros(2)
    pull = v - START["rate"] * START["g"] / START["length"] * found["dw"]
    radius = round(unit * START["length"], 1)
    return svg.picture(
        340, 290, ALT,
        svg.tag("circle", cx=170, cy=155, r=radius, class_="nl-circle"),
        svg.tag("circle", cx=170, cy=155, r=unit * START["g"],
                class_="nl-rim"),
        stroke(zero, v, class_="nl-g"),
        stroke(v, pull, class_="nl-taken"),
        stroke(zero, after, class_="nl-after"),
        stroke(v, after, class_="nl-step"),
        svg.text(10, 20, "the gradient's step (dashed), v's step (thick)"),
    )  # fmt: skip
