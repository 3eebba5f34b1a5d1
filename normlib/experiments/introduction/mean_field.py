"""Predict gradients at initialization without running a network.

In a wide layer each pre-activation z is a sum of many independent terms,
so it is nearly normal. One expectation over z then tells what a layer
does to the size of a gradient. Poole et al. (2016) began this; Yang et
al. (2019) did it for BatchNorm.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..nets.mlp import ACTIVATIONS
from ..protocol import crossed
from .gradients import ACTS, HEALTHY, change


@cache
def moments(act: str, std: float = 1.0) -> tuple[float, float, float]:
    """Return E φ(z)², E φ'(z)² and Var φ(z) for z ~ N(0, std²)."""
    # An even number of points: none falls on the kink of ReLU.
    z = torch.linspace(-9, 9, 20_000, dtype=torch.float64) * std
    p = torch.exp(-((z / std) ** 2) / 2)
    p = p / p.sum()
    z.requires_grad_()
    phi = ACTIVATIONS[act](z)
    (slope,) = torch.autograd.grad(phi.sum(), z)
    power = (p * phi**2).sum().item()
    mean = (p * phi).sum().item()
    return power, (p * slope**2).sum().item(), power - mean**2


def predicted(norm: str, act: str, init: str, depth: int) -> float:
    """Return log10 ‖g_1‖ / ‖g_depth‖, the change over depth − 1 layers."""
    gain = {"default": 1 / 3, "scaled": 2 if act == "relu" else 1}[init]
    q, decades = gain, 0.0  # q is the variance of z; inputs have power 1
    for _ in range(depth - 1):
        power, slope, var = moments(act, 1.0 if norm != "none" else q**0.5)
        q = gain * power
        if norm == "none":
            chi2 = gain * moments(act, q**0.5)[1]
        elif norm == "batch":
            chi2 = slope / var
        else:
            chi2 = slope / power
        decades += np.log10(chi2) / 2
    return float(decades)


def farthest(record: Record) -> float:
    """Return the largest |measured − predicted| of all nets, in decades."""
    depth = max(record.distinct("layer"))
    arms = crossed(record.config, "norm", "act", "init")
    return max(
        abs(change(record, **arm).mean - predicted(depth=depth, **arm))
        for arm in arms
    )


def plot(record: Record) -> Figure:
    """Draw a row for each activation and initialization, a line a norm.

    The marker is the measured change, the upright stroke the predicted.
    """
    fig, (ax,) = figures.panels(1, height=5.6)
    depth = max(record.distinct("layer"))
    rows = list(product(record.config["act"], record.config["init"]))
    norms = record.config["norm"]
    for k, norm in enumerate(norms):
        y = [
            row + (k - (len(norms) - 1) / 2) * 0.2
            for row in range(len(rows))
        ]
        theory = [predicted(norm, a, i, depth) for a, i in rows]
        seen = [change(record, norm=norm, act=a, init=i) for a, i in rows]
        label, color, marker, _ = figures.STYLES[norm]
        ax.plot(
            [p.mean for p in seen], y, ls="", color=color, marker=marker,
            ms=7.5, label=label,
        )  # fmt: skip
        ax.plot(
            theory, y, "|", color="black", ms=13, mew=1.2, zorder=4,
            label="predicted" if norm == norms[-1] else None,
        )  # fmt: skip
    ax.axvspan(-HEALTHY, HEALTHY, color="#000000", alpha=0.06, lw=0)
    for row in range(1, len(rows)):
        ax.axhline(row - 0.5, color="#dddddd", lw=0.8)
    names = [f"{ACTS[a]}\n{i}" for a, i in rows]
    ax.set_yticks(range(len(rows)), names)
    ax.grid(axis="y", visible=False)
    ax.invert_yaxis()
    ax.set_xlabel("change of the gradient (decades)")
    return figures.finish(fig, record)
