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
from ..decisions import Decision
from ..intervals import join, mean_of
from ..protocol import Config, Rows, Trial, Unit, seeds
from .witnesses import ONCE

AGREE = 1e-3  # float32, where 1/m and 1/(m − 1) differ by 10 % or more
NAMES = {
    "torch": "PyTorch", "normlib": "normlib", "keras": "Keras",
    "flax": "Flax",
}  # fmt: skip

trial = Trial(
    __name__, __doc__, source=("ioffe2015",),
    grid={"framework": list(NAMES)}, config={"seeds": 10},
    live={"framework": ["torch", "normlib"], "seeds": 5},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed; none where the framework is missing.

    "normalizes" and "stores" are ratios to the variance with 1/m;
    "keeps" is the share of the start that one default step leaves.
    """
    name, rows = unit["framework"], []
    if find_spec(name) is None:
        return []
    version = getattr(import_module(name), "__version__", "")
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


@trial.rule("bn.variance")
def variance_is_over_m(record: Record) -> Decision:
    """For every framework and seed, compare the variance that a layer
    divides by, and the one that it stores, with the factors 1/m and
    1/(m−1), within {AGREE:g}. Both 1/m everywhere: holds. The first 1/m
    everywhere and the second 1/(m−1) somewhere: holds when. The first not
    1/m: does not hold.
    """
    asked = [n for n in NAMES if record.where(framework=n)]
    first = {n: factor(record, n, "normalizes") for n in asked}
    stored = {n: factor(record, n, "stores") for n in asked}
    both = (f"{NAMES[n]} {first[n]} and {stored[n]}" for n in asked)
    because = (
        f"The factor that normalizes and the one stored: {'; '.join(both)}."
    )
    if set(first.values()) != {"1/m"}:
        return Decision("does not hold", because)
    unbiased = [NAMES[n] for n in asked if stored[n] == "1/(m−1)"]
    if unbiased:
        when = (
            f"it is the variance that normalizes a batch; the one kept for "
            f"evaluation has 1/(m−1) in {join(unbiased)}"
        )
        return Decision("holds when", because, when=when)
    same = set(stored.values()) == {"1/m"}
    return Decision("holds" if same else "open", because)


@trial.reading
def table(record: Record) -> Table:
    """Return a row a framework: both factors and the share kept."""
    rows = []
    for name in record.distinct("framework"):
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
