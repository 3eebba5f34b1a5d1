"""How many new families of each year use RMSNorm."""

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


def picture() -> Figure:
    """Draw the share with its interval, year by year."""
    fig, (ax,) = panels(1, height=3.4)
    for kind, (label, style) in KINDS.items():
        years: dict[int, list[bool]] = {}
        for family in families(kind):
            years.setdefault(family.year, []).append(family.rms)
        points = [wilson(sum(v), len(v)) for v in years.values()]
        line(ax, "rms", list(years), points, label=label, **style)
    ax.set_ylabel("with RMSNorm, %")
    ax.set_xlabel("year in which the family entered its library")
    return finish(fig)
