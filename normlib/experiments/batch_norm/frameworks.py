"""Which variance normalizes, and which is remembered, in four frameworks?

Nothing is trained. A batch of m values goes once through the BatchNorm of
PyTorch, of Keras, of Flax and of `normlib`, and the layer gives away what
it divided by, what it stored, and how much of the start it kept. A
framework that is not installed gives no rows.

Scope: One batch of 3 to 10 random rows in float32, a layer of each.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from ... import figures
from ...records import Record
from ...table import Table
from ..arms import Extremes
from ..decisions import (
    Arms,
    Decision,
    Estimate,
    estimate,
    fits,
    misses,
    settle,
)
from ..intervals import mean_of
from ..protocol import Config, Rows, Trial, Unit, seeds
from .witnesses import ONCE

AGREE = 1e-3  # float32, where 1/m and 1/(m − 1) differ by 10 % or more
NAMES = {
    "torch": "PyTorch", "normlib": "normlib", "keras": "Keras",
    "flax": "Flax",
}  # fmt: skip

CONTROLS = {"reversed": "torch", "planted": "torch"}

trial = Trial(
    __name__, __doc__, source=("ioffe2015",),
    grid={"framework": [*NAMES, *CONTROLS]},
    config={"first_seed": 1000, "seeds": 20},
    live={"framework": ["torch", "normlib"], "seeds": 5},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed; none where the framework is missing.

    "normalizes" and "stores" are ratios to the variance with 1/m;
    "keeps" is the share of the start that one default step leaves.
    """
    name, rows = unit["framework"], []
    library = CONTROLS.get(name, name)
    if find_spec(library) is None:
        return []
    version = getattr(import_module(library), "__version__", "")
    for seed in seeds(config):
        rng = np.random.default_rng(seed)
        m = rng.integers(3, 11)
        x = rng.normal(1, 2, size=(m, 3)).astype(np.float32)
        y, stored, after = ONCE[name](x)
        d, var = x - x.mean(0), x.var(0)
        found = {
            "m": m,
            "normalizes": np.mean((d**2).sum(0) / (y**2).sum(0) / var),
            "stores": np.mean(stored / var),
            "keeps": np.mean((after - stored) / (1 - stored)),
        }
        found = {k: round(v.item(), 5) for k, v in found.items()}
        rows.append({"seed": seed} | found | {"version": version})
    return rows


def factor(record: Record, framework: str, column: str) -> str:
    """Say which factor a variance has: "1/m", "1/(m−1)" or "another"."""
    rows = record.where(framework=framework)
    factors = {"1/m": lambda m: 1, "1/(m−1)": lambda m: m / (m - 1)}
    for name, f in factors.items():
        if all(abs(row[column] - f(row["m"])) < AGREE for row in rows):
            return name
    return "another"


def off(record: Record, framework: str, column: str) -> Extremes:
    """Return how far a variance is from the one with 1/m, by seed."""
    ratios = record.values(column, framework=framework)
    return Extremes([ratio - 1 for ratio in ratios])


@trial.null
def in_reverse_order(record: Record) -> Estimate:
    """Give PyTorch the same rows in reverse."""
    seen = off(record, "reversed", "normalizes")
    return estimate("PyTorch, rows reversed: off by", seen, fits, AGREE)


@trial.positive
def a_planted_divisor(record: Record) -> Estimate:
    """A layer that divides by the deviation with m − 1."""
    seen = off(record, "planted", "normalizes")
    return estimate("planted m − 1: off by", seen, misses, AGREE)


@trial.rule("bn.variance")
def variance_is_over_m(record: Record) -> Decision:
    """The variance that a layer divides by (of all four frameworks), and
    the one that it stores (of each), as a ratio to that with 1/m. It fits
    when it is 1 within {AGREE:g} for every seed, and is refuted when off
    by ten times that for every seed; 1/(m − 1) is off by a ninth or more.
    All fit: holds. Some: holds when. None: does not hold. Else open.
    """
    asked = [n for n in NAMES if record.where(framework=n)]
    arms: Arms = {
        "that normalizes": [off(record, n, "normalizes") for n in asked]
    }
    arms |= {
        f"stored by {NAMES[n]}": off(record, n, "stores") for n in asked
    }
    both = (
        f"{NAMES[n]} {factor(record, n, 'normalizes')} and "
        f"{factor(record, n, 'stores')}"
        for n in asked
    )
    return settle(
        arms, fits, AGREE, when="it is the variance {arms}",
        because=f"What normalizes and what is stored: {'; '.join(both)}.",
        says={
            "holds": "Both variances have 1/m, in every framework.",
            "holds when": "1/m normalizes everywhere; compare what is "
            "stored before you move weights.",
            "does not hold": "No framework's variance has 1/m.",
        },
    )  # fmt: skip


@trial.reading
def table(record: Record) -> Table:
    """Return a row a framework: both factors and the share kept."""
    rows = []
    for name in (n for n in NAMES if record.where(framework=n)):
        (first, *_) = record.where(framework=name)
        version = first["version"].partition("+")[0]
        both = (factor(record, name, c) for c in ("normalizes", "stores"))
        rows.append(
            (f"{NAMES[name]} {version}", *both, f"{first['keeps']:.2f}")
        )
    return Table(("framework", "normalizes", "stores", "keeps"), rows)


def ratio(record: Record, m: int, column: str, framework: str) -> Any:
    """Return the ratio to the variance with 1/m, of batches of m."""
    arm = {"framework": framework, "m": m}
    return mean_of(record, column, **arm) if record.where(**arm) else None


trial.curves(
    ratio, "m", {"column": {c: c for c in ("normalizes", "stores")}},
    lines=[
        figures.Line("batch", {"framework": name}, {"label": label})
        for name, label in NAMES.items()
    ],
    xlabel="m", height=2.4, log=False,
)  # fmt: skip
