"""Predict gradients at initialization without running a network.

In a wide layer each pre-activation z is a sum of many independent terms,
so it is nearly normal. One expectation over z then tells what a layer
does to the size of a gradient. Poole et al. (2016) began this; Yang et
al. (2019) did it for BatchNorm.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import torch

from ... import figures
from ...records import Record
from ..ensemble import ACTIVATIONS
from .gradients import HEALTHY, change, ends


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


def plot(record: Record) -> object:
    """Draw measured against predicted decades: one point a net."""
    fig, (ax,) = figures.panels(1, height=5.0)
    first, last = ends(record)
    config = record.config
    for norm in config["norms"]:
        arms = list(product(config["acts"], config["inits"]))
        x = [predicted(norm, a, i, last - first + 1) for a, i in arms]
        y = [change(record, norm=norm, act=a, init=i) for a, i in arms]
        label, color, marker, _ = figures.STYLES[norm]
        mean = [p.mean for p in y]
        spread = [[p.mean - p.low for p in y], [p.high - p.mean for p in y]]
        ax.errorbar(
            x, mean, yerr=spread, ls="", color=color, marker=marker,
            markersize=8, mfc="none" if norm == "rms" else color,
            label=label,
        )  # fmt: skip
    ax.axline((0, 0), slope=1, color="#888888", lw=1, zorder=0)
    ax.axhspan(-HEALTHY, HEALTHY, color="#000000", alpha=0.06, lw=0)
    ax.set(xlim=(-45, 8), ylim=(-45, 8))
    ax.set_xlabel("predicted change (decades)")
    ax.set_ylabel("measured change (decades)")
    return figures.finish(fig, record)
