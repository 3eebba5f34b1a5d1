"""How many of the new families of each period use RMSNorm."""

from matplotlib.figure import Figure

from ..cited import families, wilson
from . import finish, line, panels

KINDS = {
    "language": ("language models", {}),
    "vision": (
        "vision Transformers",
        {"color": "#555555", "marker": "s", "ls": "--"},
    ),
}
# Timm had one family of Transformers in 2020: years alone are too short.
PERIODS = ((2019, 2021), (2022, 2023), (2024, 2026))


def picture() -> Figure:
    """Draw the share with its interval, period by period."""
    fig, (ax,) = panels(1, height=3.4)
    for kind, (label, style) in KINDS.items():
        points = []
        for first, last in PERIODS:
            found = [
                f.rms for f in families(kind) if first <= f.year <= last
            ]
            points.append(wilson(sum(found), len(found)))
        line(ax, "rms", range(len(points)), points, label=label, **style)
    ax.set_xticks(
        range(len(PERIODS)), [f"{first}–{last}" for first, last in PERIODS]
    )
    ax.set_ylabel("with RMSNorm, %")
    ax.set_xlabel("years in which the families entered their library")
    return finish(fig)
