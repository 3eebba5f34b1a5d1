"""The picture of the one backward, for a set of three values.

Three values span a space; the plane drawn is what is left of it when the
mean is gone. Every x̂ lies on one circle there, of radius √m.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from .. import reference as ref
from . import STYLES, finish, panels

# Two directions at right angles to (1, 1, 1) and to each other.
PLANE = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])


def picture(
    x: tuple[float, ...] = (6.0, 2.0, 1.0),
    dy: tuple[float, ...] = (0.5, 0.7, -1.2),
) -> Figure:
    """Draw x̂, the gradient that arrives, and the part that P leaves."""
    x_hat, cache = ref.standardize(np.array([x]), (1,), eps=0.0)
    passed = ref.standardize_backward(np.array([dy]), cache) * cache.sigma
    at = PLANE @ x_hat[0]  # on the circle of radius √3
    arrives, leaves = PLANE @ np.array(dy), PLANE @ passed[0]
    fig, (ax,) = panels(1, height=5.2)
    ax.add_patch(Circle((0, 0), np.sqrt(3), fill=False, color="#888888"))
    ax.plot(*at, "o", color="black", ms=9)
    ax.annotate("x̂", at, (10, -8), textcoords="offset points", size=15)
    arrows = (
        (at, arrives, STYLES["layer"][1], "g, centred"),
        (at + leaves, arrives - leaves, "#999999", "along x̂: out"),
        (at, leaves, STYLES["batch"][1], "P g: passes"),
    )
    ax.spines[:].set_visible(False)
    for start, step, color, label in arrows:
        ax.annotate(
            "", start + step, start,
            arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": color},
        )  # fmt: skip
        ax.plot([], [], color=color, lw=2.5, label=label)
    ax.plot([0, at[0]], [0, at[1]], color="#bbbbbb", lw=1, ls="--")
    ax.set_aspect("equal")
    ax.set(xlim=(-2.2, 2.6), ylim=(-2.2, 2.9), xticks=[], yticks=[])
    ax.set_xlabel("the plane of three values with mean 0")
    return finish(fig)
