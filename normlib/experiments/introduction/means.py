"""How far does the mean of m values miss? A trial small enough to read.

Not one of the course's trials: a page takes it apart, and cheats on it.

Scope: independent values of a normal distribution, and no net.
"""

from __future__ import annotations

import numpy as np

from ...records import Record
from ..arms import Contrast, read
from ..decisions import Decision, Estimate, above, below, estimate, settle
from ..protocol import Config, Rows, Trial, Unit, seeds

MARGIN = 25.0  # per cent of a deviation
CONTROLS = (1, 1024)  # a single value has to fail, a thousand to pass
SAYS = {
    "holds": "Trust the mean at every size tried.",
    "holds when": "Trust the mean at {clear}, and not at {refuted}.",
    "does not hold": "Trust the mean at no size tried.",
}

trial = Trial(
    __name__, __doc__, source=(), grid={"m": [1, 4, 16, 64, 1024]},
    config={"batches": 50, "seeds": 10},
)  # fmt: skip


def draw(rng: np.random.Generator, batches: int, m: int) -> np.ndarray:
    """Return values (batches, m) with mean 0 and deviation 1."""
    return rng.normal(size=(batches, m))


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return how far a mean is off, in per cent of a deviation."""
    rows = []
    for seed in seeds(config):
        rng = np.random.default_rng(seed)
        means = draw(rng, config["batches"], unit["m"]).mean(1)
        off = 100 * float(np.abs(means).mean())
        rows.append({"seed": seed, "off": round(off, 2)})
    return rows


def off(record: Record, m: int) -> Contrast:
    """How far the mean of m values is off: one number a seed."""
    return Contrast(read(record, "off", m=m))


@trial.null
def single(record: Record) -> Estimate:
    """A single value is no mean. It has to miss by more than the margin."""
    return estimate("m = 1", off(record, 1), above, MARGIN)


@trial.positive
def thousand(record: Record) -> Estimate:
    """A mean of a thousand has to be near."""
    return estimate("m = 1024", off(record, 1024), below, MARGIN)


@trial.rule("toy")
def is_near(record: Record) -> Decision:
    """A mean is good enough when it is off by less than {MARGIN:.0f} % of
    a deviation: the high end of its 95 % interval over seeds (Bonferroni
    over the sizes) lies below. At all sizes: holds. At some, and all
    other low ends above: holds when. All low ends above: does not hold.
    """
    sizes = [m for m in record.distinct("m") if m not in CONTROLS]
    arms = {f"m = {m}": off(record, m) for m in sizes}
    return settle(arms, below, MARGIN, says=SAYS, last="or")
