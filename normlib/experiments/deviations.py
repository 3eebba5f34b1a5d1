"""What trials share that compute and do not train: how far off, by seed.

A check draws one sample and returns the largest deviation of each of its
quantities by name. "null" is the same thing done again, and may be off by
nothing; "planted" holds a mistake, and has to be off.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from .. import figures
from ..records import Record
from .arms import Extremes
from .decisions import Estimate, estimate, fits, misses
from .protocol import Config, Rows, seeds

AGREE = 1e-9  # float64 rounding, with room for sums of thousands
LEAST = 1e-17  # where a picture draws 0
Check = Callable[[np.random.Generator, str], dict[str, float]]
Names = dict[tuple[str, str], str]  # a check and a quantity: its label


def rows_of(check: Check, config: Config, device: str) -> Rows:
    """Return one row a seed and quantity; what is off by NaN has None."""
    rows: Rows = []
    for seed in seeds(config):
        found = check(np.random.default_rng(seed), device)
        rows += [
            {
                "seed": seed, "quantity": name,
                "value": float(f"{v:.3g}") if np.isfinite(v) else None,
            }
            for name, v in found.items()
        ]  # fmt: skip
    return rows


def off(
    record: Record, check: str, quantity: str, unit: float = AGREE
) -> Extremes:
    """Return a quantity of all seeds, in units of what may be off."""
    found = record.values("value", check=check, quantity=quantity)
    return Extremes([np.inf if v is None else v for v in found], unit)


def done_again(record: Record, check: str) -> Estimate:
    """Do the same again, or on samples in another order: a null."""
    seen = off(record, check, "null")
    return estimate("done again, off by 1e-9 times", seen, fits, 1.0)


def a_mistake(record: Record, check: str) -> Estimate:
    """Put a mistake in: a positive control."""
    seen = off(record, check, "planted")
    return estimate("a planted mistake, off by 1e-9 times", seen, misses, 1)


def names_of(record: Record) -> Names:
    """Return all quantities but the null, each with its label."""
    return {
        (check, name): f"{name}: {check}" if name == "planted" else name
        for check in record.distinct("check")
        for name in record.distinct("quantity", check=check)
        if name != "null"
    }


def draw(record: Record, technique: str, names: Names) -> Figure:
    """Draw quantities, a mark a seed: filled, and open where planted."""
    fig, (ax,) = figures.panels(1, height=0.33 * len(names) + 1.2)
    _, color, marker, _ = figures.STYLES[technique]
    for y, (check, name) in enumerate(names):
        values = record.values("value", check=check, quantity=name)
        x = [max(v, LEAST) for v in values if v is not None]
        face = "white" if name == "planted" else color
        ax.plot(x, [-y] * len(x), marker, color=color, mfc=face)
        if len(x) < len(values):
            ax.text(LEAST, -y, "NaN", color=color, va="center")
    ax.set(xscale="log", xlabel="largest deviation (0 is drawn at 10⁻¹⁷)")
    ax.set_xticks([1e-15, 1e-10, 1e-5, 1.0])
    ax.minorticks_off()
    ax.set_yticks([-y for y in range(len(names))], names.values())
    ax.margins(y=0.03)
    return figures.finish(fig, record)
