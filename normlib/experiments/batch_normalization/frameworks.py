"""Which variance normalizes, and which is remembered, in four frameworks?

Nothing is trained. A batch of m values goes once through the BatchNorm of
PyTorch, of Keras, of Flax and of `normlib`, and the layer gives away what
it divided by, what it stored, and how much of the start it kept. A
framework that is not installed gives no rows.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import figures, layers
from ...records import Record
from ..arms import join
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

AGREE = 1e-3  # float32, where 1/m and 1/(m − 1) differ by 10 % or more
NAMES = {
    "torch": "PyTorch",
    "normlib": "normlib",
    "keras": "Keras",
    "flax": "Flax",
}

FULL = {"frameworks": list(NAMES), "first_seed": 0, "seeds": 10}
PRESETS = {
    "live": FULL | {"frameworks": ["torch", "normlib"], "seeds": 5},
    "cpu": FULL,
    "gpu": FULL,
}


def units(config: Config) -> list[Unit]:
    """One unit a framework."""
    return [{"framework": name} for name in config["frameworks"]]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed; none where the framework is missing.

    "normalizes" and "stores" are ratios to the variance with 1/m;
    "keeps" is the share of the start that one default step leaves.
    """
    if find_spec(unit["framework"]) is None:
        return []
    first, rows = config["first_seed"], []
    for seed in range(first, first + config["seeds"]):
        rng = np.random.default_rng(seed)
        m = rng.integers(3, 11)
        x = rng.normal(1, 2, size=(m, 3)).astype(np.float32)
        y, stored, after = ONCE[unit["framework"]](x)
        module = import_module(unit["framework"])
        d, var = x - x.mean(0), x.var(0)
        found = {
            "m": m,
            "normalizes": np.mean((d**2).sum(0) / (y**2).sum(0) / var),
            "stores": np.mean(stored / var),
            "keeps": np.mean((after - stored) / (1 - stored)),
        }
        found = {k: round(v.item(), 5) for k, v in found.items()}
        found["version"] = getattr(module, "__version__", "")
        rows.append(unit | {"seed": seed} | found)
    return rows


# Each returns y with ε all but 0 (torch refuses 0), the
# variance stored when nothing of the start (1) is kept, and by default.
def _torch(x: np.ndarray) -> tuple[np.ndarray, ...]:
    return _module(torch.nn, x)


def _normlib(x: np.ndarray) -> tuple[np.ndarray, ...]:
    return _module(layers, x)


def _module(library: ModuleType, x: np.ndarray) -> tuple[np.ndarray, ...]:
    all_new = library.BatchNorm1d(x.shape[1], eps=1e-12, momentum=1.0)
    default = library.BatchNorm1d(x.shape[1])
    y = all_new(torch.tensor(x)).detach()
    default(torch.tensor(x))
    stored = (all_new.running_var, default.running_var)
    return y.numpy(), *(v.numpy() for v in stored)


def _keras(x: np.ndarray) -> tuple[np.ndarray, ...]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    all_new = keras.layers.BatchNormalization(epsilon=1e-12, momentum=0.0)
    default = keras.layers.BatchNormalization()
    y = all_new(x, training=True)
    default(x, training=True)
    stored = (all_new.moving_variance, default.moving_variance)
    return np.asarray(y), *(np.asarray(v) for v in stored)


def _flax(x: np.ndarray) -> tuple[np.ndarray, ...]:
    import jax
    from flax import linen

    def once(**options: float) -> tuple[np.ndarray, np.ndarray]:
        layer = linen.BatchNorm(use_running_average=False, **options)
        start = layer.init(jax.random.key(0), x)
        y, new = layer.apply(start, x, mutable=["batch_stats"])
        return np.asarray(y), np.asarray(new["batch_stats"]["var"])

    y, stored = once(epsilon=1e-12, momentum=0.0)
    return y, stored, once()[1]


ONCE = {
    "torch": _torch,
    "normlib": _normlib,
    "keras": _keras,
    "flax": _flax,
}


def factor(record: Record, framework: str, column: str) -> str:
    """Say which factor a variance has: "1/m", "1/(m−1)" or "another"."""
    rows = record.where(framework=framework)
    if all(abs(row[column] - 1) < AGREE for row in rows):
        return "1/m"
    if all(
        abs(row[column] - row["m"] / (row["m"] - 1)) < AGREE for row in rows
    ):
        return "1/(m−1)"
    return "another"


def variance_is_over_m(record: Record) -> Decision:
    """Decide bn.variance."""
    asked = [n for n in NAMES if record.where(framework=n)]
    first = {n: factor(record, n, "normalizes") for n in asked}
    stored = {n: factor(record, n, "stores") for n in asked}
    told = "; ".join(
        f"{NAMES[n]} {first[n]} and {stored[n]}" for n in asked
    )
    because = f"The factor that normalizes and the one stored: {told}."
    if set(first.values()) != {"1/m"}:
        return Decision("does not hold", because)
    unbiased = [NAMES[n] for n in asked if stored[n] == "1/(m−1)"]
    if unbiased:
        when = (
            f"it is the variance that normalizes a batch; the one kept for "
            f"evaluation has 1/(m−1) in {join(unbiased)}"
        )
        return Decision("holds when", because, when=when)
    if set(stored.values()) == {"1/m"}:
        return Decision("holds", because)
    return Decision("open", because)


def table(record: Record) -> str:
    """Print a row a framework: both factors and the share that is kept."""
    lines = [f"{'':15} {'normalizes':>10} {'stores':>8} {'keeps':>7}"]
    for name, label in NAMES.items():
        if rows := record.where(framework=name):
            version = rows[0]["version"].partition("+")[0]
            normalizes = factor(record, name, "normalizes")
            stores = factor(record, name, "stores")
            keeps = f"{rows[0]['keeps']:.2f}"
            lines.append(
                f"{label + ' ' + version:15} {normalizes:>10} "
                f"{stores:>8} {keeps:>7}"
            )
    return "\n".join(lines)


def plot(record: Record, guess: None = None) -> Figure:
    """Draw both ratios against m, a panel each."""
    fig, axes = figures.panels(2, height=2.4)
    m = np.arange(3, 11)
    for ax, column in zip(axes, ("normalizes", "stores"), strict=True):
        ax.plot(m, m / (m - 1), color="#555555", ls=":", label="m/(m−1)")
        ax.axhline(1, color="#555555", ls="--", label="1")
        for (name, label), mark in zip(NAMES.items(), "os^D", strict=True):
            rows = record.where(framework=name)
            x, y = ([row[k] for row in rows] for k in ("m", column))
            ax.plot(x, y, mark, ms=8, mfc="none", label=label)
        ax.set_ylabel(column)
    axes[-1].set_xlabel("m")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.frameworks",
    question="Which variance normalizes, and which is remembered?",
    source=("ioffe2015",),
    scope="One batch of 3 to 10 random rows in float32, a layer of each.",
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.variance": Rule(
            f"For every framework and seed, compare the variance that a "
            f"layer divides by, and the one that it stores, with the "
            f"factors 1/m and 1/(m−1), within {AGREE:g}. Both 1/m "
            f"everywhere: holds. The first 1/m everywhere and the second "
            f"1/(m−1) somewhere: holds when. The first not 1/m: does not "
            f"hold.",
            variance_is_over_m,
        ),
    },
    plot=plot,
    order=91,
)
