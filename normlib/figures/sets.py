"""Which values share statistics: the table, and a picture of it.

The picture is not drawn from the table but found by asking. For each norm
the gradient of one output with respect to every input is computed by
`normlib.reference`; where it is not zero is the set, and it is lit.
"""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from .. import reference as ref
from ..reference.sets import SETS, Set
from ..table import Table
from . import BASE, STYLES

SHAPE = (4, 6, 2, 2)  # N, C, H, W
FORWARD: dict[str, Callable] = {
    "batch": lambda x: ref.batch_norm_forward(x, None, None),
    "layer": lambda x: ref.layer_norm_forward(x, None, None, axis=1),
    "instance": lambda x: ref.instance_norm_forward(x, None, None),
    "group": lambda x: ref.group_norm_forward(x, None, None, num_groups=2),
    "rms": lambda x: ref.rms_norm_forward(x, None, axis=1),
}


def table(shape: tuple[int, ...] = SHAPE, groups: int = 2) -> Table:
    """Return `SETS`, with m for an x or a weight of this shape."""

    def row(norm: str, s: Set) -> tuple:
        m, yes = s.m(shape, groups), {True: "yes", False: "no"}
        name, centred, remembers = STYLES[norm][0], s.centred, s.remembers
        return name, s.x, s.over, m, yes[centred], yes[remembers]

    rows = [row(norm, s) for norm, s in SETS.items()]
    head = ("norm", "axes", "of them the set", "m", "centred", "remembers")
    return Table(head, rows, "InstanceNorm remembers if it is asked to.")


def shares(norm: str, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """Return True where x_j reaches the output of the last sample.

    The output asked is the one of sample N−1, channel 0, position 0;
    the answer has the shape of x.
    """
    x = np.random.default_rng(0).normal(size=shape)
    y, cache = FORWARD[norm](x)
    dy = np.zeros_like(y)
    dy[(-1,) + (0,) * (len(shape) - 1)] = 1.0
    dx = ref.norm_backward(dy, cache)[0]
    return np.abs(dx) > 1e-12


def picture() -> Figure:
    """Draw the set of each norm as a block of N × C × positions."""
    plt.rcParams.update(BASE)
    fig, axes = plt.subplots(2, 2, figsize=(5.6, 5.4), layout="constrained")
    plt.close(fig)
    titles = {
        "batch": "BatchNorm",
        "layer": "LayerNorm, RMSNorm",
        "instance": "InstanceNorm",
        "group": "GroupNorm, 2 groups",
    }
    for ax, (norm, title) in zip(axes.flat, titles.items(), strict=True):
        lit = shares(norm).reshape(*SHAPE[:2], -1)
        _block(ax, lit, STYLES[norm][1])
        ax.set_title(f"{title}\nm = {lit.sum()}", fontsize=13)
    return fig


def _block(ax: Axes, lit: np.ndarray, color: str) -> None:
    # Three faces are seen: front (channel 0), right (last sample), top
    # (position 0). Right is N, up is the positions, away is C.
    N, C, P = lit.shape
    away = np.array([0.55, 0.42])

    def corner(n: float, c: float, p: float) -> np.ndarray:
        return np.array([n, P - p]) + c * away

    faces, colors = [], []

    def add(on: bool, *corners: tuple[float, float, float]) -> None:
        faces.append([corner(*c) for c in corners])
        colors.append(color if on else "#f3f3f3")

    for n in range(N):
        for p in range(P):
            q = ((n, 0, p), (n + 1, 0, p), (n + 1, 0, p + 1), (n, 0, p + 1))
            add(lit[n, 0, p], *q)
        for c in range(C):
            q = ((n, c, 0), (n + 1, c, 0), (n + 1, c + 1, 0), (n, c + 1, 0))
            add(lit[n, c, 0], *q)
    for c in range(C):
        for p in range(P):
            q = ((N, c, p), (N, c + 1, p), (N, c + 1, p + 1), (N, c, p + 1))
            add(lit[N - 1, c, p], *q)
    ax.add_collection(
        PolyCollection(
            faces, facecolors=colors, edgecolors="#555555", linewidths=0.8
        )
    )
    top = corner(N, C, 0)
    ax.set(xlim=(-0.7, top[0] + 0.3), ylim=(-0.8, top[1] + 0.2))
    ax.set_aspect("equal")
    ax.axis("off")
    ax.text(N / 2, -0.15, "N samples", ha="center", va="top")
    ax.text(-0.15, P / 2, "H·W", ha="right", va="center", rotation=90)
    x, y = corner(N, C / 2, P)
    ax.text(
        x + 0.25, y - 0.1, "C channels", ha="left", va="top", rotation=37
    )
