"""Claims about who uses what, decided by what texts and sources say.

The facts stand in models.yaml, families.yaml and generators.yaml, with the
samples, which were fixed before they were looked up. Verdicts are counted
here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any

import yaml

from .decisions import Decision, State, above
from .intervals import Interval

RULE = (
    "A named model has the norm that its paper's text or its published "
    "source names or defines; two of them leave it open. A tendency is "
    "counted in a sample fixed before: “preferred” or “default” is a share "
    "above one half, “more and more” a share among the families of {NEW} "
    "to 2026 above that among earlier ones. The 95 % interval must lie on "
    "one side (Wilson, Newcombe), also with any one family or model left "
    "out, which was added after the count."
)
NEW = 2024
HALF = 50.0  # per cent
Z = 1.959964
Say = dict[str, str]


@dataclass(frozen=True)
class Fact:
    """What one source says of the norm in one part of a model."""

    model: str
    part: str
    norm: str
    year: int
    source: str
    at: str
    quote: str
    note: str = ""


@dataclass(frozen=True)
class Family:
    """A model or family of models, its year, and has it the norm."""

    name: str
    year: int
    has: bool


@dataclass(frozen=True)
class Cited:
    """What decides a cited claim: quotes, a sample, and the verdict."""

    decision: Decision
    facts: tuple[Fact, ...]
    sample: str
    looked_up: str
    rule: str = RULE.format(NEW=NEW)  # as a reader sees it


@cache
def stored(name: str) -> dict[str, Any]:
    """Return what a file of facts holds."""
    return yaml.safe_load(
        files("normlib").joinpath(name).read_text("utf-8")
    )


@cache
def all_facts() -> tuple[Fact, ...]:
    """Return what was looked up, model by model."""
    return tuple(Fact(**entry) for entry in stored("models.yaml")["facts"])


@cache
def families(kind: str) -> tuple[Family, ...]:
    """Return all families: "language", "vision" or "other"."""
    return tuple(
        Family(name, year, label == "rms")
        for year, rows in stored("families.yaml")[kind].items()
        for label, names in rows.items()
        for name in names
    )


def wilson(k: int, n: int) -> Interval:
    """Interval of a share k / n, in per cent."""
    p, d = k / n, 1 + Z * Z / n
    middle = (p + Z * Z / (2 * n)) / d
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / d
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Interval(p, low, high).times(100)


def newcombe(new: tuple[int, int], old: tuple[int, int]) -> Interval:
    """Interval of one share less another, in points."""
    p, q = wilson(*new), wilson(*old)
    low = sqrt((p.mean - p.low) ** 2 + (q.high - q.mean) ** 2)
    high = sqrt((p.high - p.mean) ** 2 + (q.mean - q.low) ** 2)
    mean = p.mean - q.mean
    return Interval(mean, mean - low, mean + high)


def share(
    sample: tuple[Family, ...], margin: float = HALF
) -> tuple[State, str]:
    """Judge whether more than a margin of a sample, half, have the norm."""
    k, n = sum(f.has for f in sample), len(sample)
    found = wilson(k, n)
    return above(found, margin), f"{k} of {n}, {found} %"


def rise(sample: tuple[Family, ...]) -> tuple[State, str]:
    """Judge whether new families have the norm more than earlier ones."""
    new = [f.has for f in sample if f.year >= NEW]
    old = [f.has for f in sample if f.year < NEW]
    counts = (sum(new), len(new)), (sum(old), len(old))
    found = newcombe(*counts)
    told = " and ".join(f"{k} of {n}" for k, n in counts)
    return above(found, 0), f"{told} before, {found} points"


def firm(
    judge: Callable[[tuple[Family, ...]], tuple[State, str]],
    sample: tuple[Family, ...],
) -> tuple[State, str]:
    """Judge a sample, and again with each of it left out once."""
    state, told = judge(sample)
    for i, left in enumerate(sample):
        if judge(sample[:i] + sample[i + 1 :])[0] is not state:
            return (
                State.UNCLEAR,
                f"{told}, another verdict without {left.name}",
            )
    return state, told


def named(facts: tuple[Fact, ...]) -> tuple[State, str]:
    """Judge what the sources say of one model."""
    norms = {f.norm for f in facts}
    told = ", ".join(f"{f.norm} ({f.source})" for f in facts)
    if norms == {"RMSNorm"}:
        return State.CLEAR, told
    clash = not norms or "RMSNorm" in norms or "either" in norms
    return State.UNCLEAR if clash else State.REFUTED, told


def conclude(
    arms: dict[str, tuple[State, str]], says: Say, when: str = "{arms}"
) -> Decision:
    """Join the arms: holds, holds when, does not hold, or open."""
    clear = [
        arm for arm, (state, _) in arms.items() if state is State.CLEAR
    ]
    states = {state for state, _ in arms.values()}
    condition = ""
    if states == {State.CLEAR}:
        verdict = "holds"
    elif states == {State.REFUTED}:
        verdict = "does not hold"
    elif states == {State.CLEAR, State.REFUTED}:
        verdict = "holds when"
        condition = when.format(arms=" or ".join(clear))
    else:
        verdict = "open"
    because = "; ".join(f"{arm}: {told}" for arm, (_, told) in arms.items())
    rest = [a for a, (state, _) in arms.items() if state is State.UNCLEAR]
    said = says.get(verdict, "").format(
        clear=" and ".join(clear), unclear=" and ".join(rest)
    )
    return Decision(verdict, f"{because}.", condition, said)


def about(*models: str) -> tuple[Fact, ...]:
    """Return the facts of the models that a claim names."""
    return tuple(f for f in all_facts() if f.model in models)
