"""Measure a small unit of a record again, and compare.

Training is chaotic: a last bit that differs, on another processor, grows
over the steps. So the tolerance is measured: the same unit is trained
from initial weights that are one bit off ("twins"), and what twins differ
by a record may differ by. The mean over the compared rows has to agree
within four standard errors, and each row within four times the largest
difference of twins. Where nothing is trained, to the digits kept. A step
that is read off every few steps may be the neighbouring one.
"""

from contextlib import contextmanager

import numpy as np
import torch

from normlib.experiments.nets.ensemble import Ensemble

SEEDS, RATES, TWINS = 2, 2, 3
ROUNDING = 2e-3  # training rows keep three decimals


@contextmanager
def one_bit_off(twin):
    """Multiply all initial weights by 1 ± 2⁻²³; note how many nets."""
    made, start = [], Ensemble.__init__

    def init(self, *args, **options):
        start(self, *args, **options)
        made.append(self)
        g = torch.Generator().manual_seed(twin)
        for p in self.parameters.values():
            sign = torch.randint(2, p.shape, generator=g) * 2 - 1
            with torch.no_grad():
                p.mul_(1 + (twin > 0) * 2.0**-23 * sign.to(p))

    Ensemble.__init__ = init
    try:
        yield made
    finally:
        Ensemble.__init__ = start


# Whether a batch's size changes a matrix product's last bits is decided by
# the processor, and a record says what one of them did.
BY_PROCESSOR = {("layer_norm.exact", "batch")}


def choose(trial, record, pick):
    """Draw a unit: every other time one of BatchNorm's, where there is."""
    units = [
        unit for unit in trial.work(record.config)
        if (trial.name, unit.get("check")) not in BY_PROCESSOR
    ]  # fmt: skip
    own = [u for u in units if u.get("norm") == "batch"] or units
    return pick.choice(pick.choice([own, units]))


def smaller(record, unit, pick):
    """Return a configuration of few seeds, and of two rates, drawn."""
    config = record.config
    first = pick.randrange(config["seeds"] - SEEDS + 1)
    first += config["first_seed"]
    config = config | {"first_seed": first, "seeds": SEEDS}
    if "rates" in config and "rate" in {*record.rows[0]} - {*unit}:
        places = sorted(pick.sample(range(len(config["rates"])), RATES))
        config |= {"rates": [config["rates"][k] for k in places]}
    return config


def measured(rows, skip):
    """Return the names of the columns that were measured."""
    return [
        name for name, value in rows[0].items()
        if name not in skip and not isinstance(value, str | bool)
    ]  # fmt: skip


def places(rows):
    """Return what says which row is which: seed, rate and words."""
    return [
        {k: v for k, v in sorted(row.items())
         if k in ("seed", "rate") or isinstance(v, str | bool)}
        for row in rows
    ]  # fmt: skip


def numbers(rows, names):
    """Return the table (rows, columns); None is infinity."""
    table = [
        [
            np.inf if row[name] is None else float(row[name])
            for name in names
        ]
        for row in rows
    ]
    return np.array(table)


def audit(trial, record, unit, pick):
    """Return what a record says otherwise than a new measurement.

    `pick` draws the seeds and rates. The trial's own function is asked,
    not `Trial.rows`, which could lie.
    """
    config, device = smaller(record, unit, pick), "cpu"
    seeds = range(config["first_seed"], config["first_seed"] + SEEDS)
    fixed = config.get("rates") == record.config.get("rates")
    kept = [
        row
        for row in record.where(**unit)
        if row["seed"] in seeds
        and (fixed or row["rate"] in config["rates"])
    ]
    runs, names = [], []
    for twin in range(TWINS):
        with one_bit_off(twin) as made:
            rows = [unit | r for r in trial._measure(config, unit, device)]
        if places(rows) != places(kept):
            return ["other rows, or in another order"]
        if not rows:
            return []
        names = measured(rows, {*unit, "seed", "rate"})
        runs.append(numbers(rows, names))
        if not made:
            break
    if missing := {*names} - {*kept[0]}:
        return [f"columns {', '.join(sorted(missing))} are missing"]
    old = numbers(kept, names)
    if len(runs) == 1:
        return _by_digits(names, old, runs[0])
    grains = [
        (name == "trained_at") * between_looks(config) for name in names
    ]
    return _by_twins(names, old, np.array(runs), grains)


def between_looks(config):
    """Return how many steps lie between two looks at a net."""
    count = config.get("looks")
    if isinstance(count, int):  # of them, and not when
        return config["steps"] // count
    return config.get("every", 0)


def _by_digits(names, old, new):
    kept = [
        0.011 * np.abs(new[:, k]) if n == "value" else 2e-4
        for k, n in enumerate(names)
    ]  # three digits, or four decimals
    off = np.abs(old - new) > 1e-12 + np.stack(
        [np.broadcast_to(k, len(new)) for k in kept], 1
    )
    return [f"{n}: other values" for n, o in zip(names, off.T, strict=True)
            if o.any()]  # fmt: skip


def _by_twins(names, old, runs, grains):
    found = []
    for k, (name, grain) in enumerate(zip(names, grains, strict=True)):
        mine, twins = old[:, k], runs[:, :, k]
        both = np.isfinite(mine) & np.isfinite(twins).all(0)
        if (np.isfinite(mine).mean()
                < np.isfinite(twins).mean(1).min() - 0.35):  # fmt: skip
            found.append(f"{name}: more often not reached")
        if not both.any():
            continue
        spread = twins[:, both] - twins[:, both].mean(0)
        s = np.sqrt((spread**2).sum() / ((len(twins) - 1) * both.sum()))
        off = mine[both] - twins[:, both].mean(0)
        # The record's own run scatters by s, the mean of the twins less.
        error = s * np.sqrt((1 + 1 / len(twins)) / both.sum())
        if abs(off.mean()) > 4 * error + ROUNDING + grain / 2:
            found.append(f"{name}: {off.mean():+.3f} on average")
        most = 4 * np.abs(spread).max() + 4 * s + ROUNDING + grain
        if np.abs(off).max() > most:
            found.append(f"{name}: {np.abs(off).max():.3f} at most")
    return found
