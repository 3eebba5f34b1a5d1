"""How far a gradient keeps its direction: pictures of `landscape`."""

from __future__ import annotations

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ...table import Table
from ..intervals import mean_interval, paired_interval

RATES = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]  # of a step that is tried
LENGTHS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
AT = 0.1  # the rate of training at which the walks are shown


def values(record: Record, name: str, **arm: object) -> list[float]:
    """Return a column of an arm trained at one rate, seed by seed."""
    return record.values(name, init="scaled", other=False, rate=AT, **arm)


def table(record: Record) -> Table:
    """Return the cosines of some steps, minus the plain net's."""
    rows = []
    for name in ("rate 0.1", "length 0.01"):
        plain = values(record, name, norm="none")
        for norm, noise in (("batch", 0.0), ("batch", 0.2), ("layer", 0.0)):
            own = values(record, name, norm=norm, noise=noise)
            if own:
                gain = paired_interval(own, plain)
                rows.append((*name.split(), norm, noise, gain))
    return Table(("step", "size", "norm", "noise", "cosine, gained"), rows)


def plot(record: Record) -> Figure:
    """Draw how far the gradient keeps its direction."""
    noise = {"label": "BatchNorm, noise 0.2", "color": figures.PALE}
    noise |= {"ls": "--", "marker": "v"}
    arms = (("none", 0.0, {}), ("batch", 0.0, {}), ("batch", 0.2, noise))
    fig, axes = figures.panels(2, height=3.2, sharex=False)
    labels = {
        "rate": ("learning rate of the step", RATES),
        "length": ("length of the step / length of the weights", LENGTHS),
    }
    for ax, (kind, (label, x)) in zip(axes, labels.items(), strict=True):
        for norm, size, style in (*arms, ("layer", 0.0, {})):
            arm = {"norm": norm, "noise": size}
            found = [values(record, f"{kind} {far:g}", **arm) for far in x]
            if all(found):
                points = [mean_interval(seeds) for seeds in found]
                figures.line(ax, norm, x, points, **style)
        ax.axhline(0, color="#888888", lw=1)
        ax.set(xscale="log", ylim=(-0.7, 1.05), xlabel=label)
        ax.set_ylabel("cosine of the gradients\nbefore and after")
    return figures.finish(fig, record)
