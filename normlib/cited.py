"""Claims about who uses what, decided by what texts and sources say.

The facts stand in models.yaml and families.yaml, with the samples, which
were fixed before they were looked up. Verdicts are counted here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any

import yaml
from matplotlib.figure import Figure

from .experiments.decisions import Decision, State, above
from .experiments.intervals import Interval
from .figures import finish, line, panels

RULE = (
    "A named model has the norm that its paper's text or its published "
    "source names; two names leave it open. A tendency is counted in a "
    "sample fixed before: “preferred” or “default” is a share above one "
    "half, “more and more” a share among the families of {NEW} to 2026 "
    "above that among earlier ones. The 95 % interval must lie on one side "
    "(Wilson, Newcombe), also with any one family or model left out, which "
    "was added after the count."
)
NEW = 2024
HALF = 50.0  # per cent
NAMED = ("T5", "LLaMA", "PaLM")
Z = 1.959964
Say = dict[str, str]
# Of the picture. Timm had one family of Transformers in 2020: years alone
# are too short.
PERIODS = ((2019, 2021), (2022, 2023), (2024, 2026))
DRAWN: dict[str, tuple[str, Say]] = {
    "language": ("language models", {}),
    "vision": (
        "vision Transformers",
        {"color": "#555555", "marker": "s", "ls": "--"},
    ),
}


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
    """A family of models: when it entered its library, and its norm."""

    name: str
    year: int
    rms: bool


@dataclass(frozen=True)
class Cited:
    """What decides a cited claim: quotes, a sample, and the verdict."""

    decision: Decision
    facts: tuple[Fact, ...]
    sample: str
    looked_up: str

    @property
    def rule(self) -> str:
        """Return the rule of all cited claims, as a reader sees it."""
        return RULE.format(NEW=NEW)


@cache
def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load(
        files("normlib").joinpath(name).read_text("utf-8")
    )


@cache
def all_facts() -> tuple[Fact, ...]:
    """Return what was looked up, model by model."""
    return tuple(Fact(**entry) for entry in _read("models.yaml")["facts"])


@cache
def families(kind: str) -> tuple[Family, ...]:
    """Return all families: "language", "vision" or "other"."""
    return tuple(
        Family(name, year, label == "rms")
        for year, rows in _read("families.yaml")[kind].items()
        for label, names in rows.items()
        for name in names
    )


def habits() -> dict[str, Any]:
    """Return who multiplies by 1 + w, and how often each ε stands."""
    return {key: _read("families.yaml")[key] for key in ("plus_one", "eps")}


def wilson(k: int, n: int) -> Interval:
    """Interval of a share k / n, in per cent."""
    p, d = k / n, 1 + Z * Z / n
    middle = (p + Z * Z / (2 * n)) / d
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / d
    return Interval(p, middle - half, middle + half).times(100)


def newcombe(new: tuple[int, int], old: tuple[int, int]) -> Interval:
    """Interval of one share less another, in points."""
    p, q = wilson(*new), wilson(*old)
    low = sqrt((p.mean - p.low) ** 2 + (q.high - q.mean) ** 2)
    high = sqrt((p.high - p.mean) ** 2 + (q.mean - q.low) ** 2)
    mean = p.mean - q.mean
    return Interval(mean, mean - low, mean + high)


def share(sample: tuple[Family, ...]) -> tuple[State, str]:
    """Judge whether more than half of a sample use RMSNorm."""
    k, n = sum(f.rms for f in sample), len(sample)
    found = wilson(k, n)
    return above(found, HALF), f"{k} of {n}, {found} %"


def rise(sample: tuple[Family, ...]) -> tuple[State, str]:
    """Judge whether new families use RMSNorm more than earlier ones."""
    new = [f.rms for f in sample if f.year >= NEW]
    old = [f.rms for f in sample if f.year < NEW]
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
    said = says.get(verdict, "").format(clear=" and ".join(clear))
    return Decision(verdict, f"{because}.", condition, said)


def parts(facts: tuple[Fact, ...], part: str) -> tuple[Family, ...]:
    """Return one part of each multimodal model as a sample."""
    return tuple(
        Family(f.model, f.year, f.norm == "RMSNorm")
        for f in facts
        if f.part == part and f.model not in NAMED
    )


def about(*models: str) -> tuple[Fact, ...]:
    """Return the facts of the models that a claim names."""
    return tuple(f for f in all_facts() if f.model in models)


def _named(
    says: Say, *models: str
) -> tuple[Decision, tuple[Fact, ...], str]:
    arms = {model: named(about(model)) for model in models}
    return conclude(arms, says), about(*models), "the models that it names"


def _vit() -> tuple[Decision, tuple[Fact, ...], str]:
    sample = families("vision")
    says = {
        "holds": "Expect RMSNorm more in new vision Transformers.",
        "does not hold": "New vision Transformers use RMSNorm less often.",
        "open": "Open: too few to tell; expect LayerNorm in a vision "
        "Transformer.",
    }
    found = conclude({f"since {NEW}": firm(rise, sample)}, says)
    text = f"{len(sample)} families of timm with attention, 8 August 2026"
    return found, (), text


def _multimodal() -> tuple[Decision, tuple[Fact, ...], str]:
    rows = tuple(f for f in all_facts() if f.model not in NAMED)
    arms = {
        f"{part} part": firm(share, parts(rows, part))
        for part in ("language", "vision")
    }
    says = {
        "holds": "Expect RMSNorm in both parts of a multimodal model.",
        "holds when": "Expect RMSNorm in the language part, LayerNorm in "
        "the image encoder.",
        "does not hold": "Expect LayerNorm in both parts of a multimodal "
        "model.",
        "open": "Open: look up each part of a multimodal model.",
    }
    found = conclude(arms, says, "the {arms} is meant")
    n = len(parts(rows, "language"))
    return found, rows, f"{n} open vision-language models, two parts each"


def _default() -> tuple[Decision, tuple[Fact, ...], str]:
    kinds = {
        "language models": "language",
        "vision Transformers": "vision",
        "other vision nets": "other",
    }
    new = {
        kind: tuple(f for f in families(name) if f.year >= NEW)
        for kind, name in kinds.items()
    }
    says = {
        "holds": "Start with RMSNorm, whatever the architecture.",
        "holds when": "Start a language model with RMSNorm; image models "
        "mostly keep other norms.",
        "does not hold": "RMSNorm is the exception in new architectures.",
        "open": "Open for the rest; RMSNorm is the default of {clear}.",
    }
    arms = {kind: firm(share, sample) for kind, sample in new.items()}
    total = sum(map(len, new.values()))
    text = f"{total} families of {NEW} to 2026, in transformers and timm"
    return conclude(arms, says, "{arms} are meant"), (), text


CLAIMS: dict[str, Callable[[], tuple[Decision, tuple[Fact, ...], str]]] = {
    "rms.t5-llama": lambda: _named(
        {
            "holds": "Port T5 and LLaMA with RMSNorm; T5's source calls it "
            "LayerNorm.",
            "does not hold": "T5 and LLaMA have another norm.",
        },
        "T5",
        "LLaMA",
    ),
    "rms.palm": lambda: _named(
        {
            "holds": "Port PaLM with RMSNorm.",
            "does not hold": "PaLM's paper prints LayerNorm: port it so.",
            "open": "Open: PaLM's paper prints LayerNorm; its code base "
            "calls RMSNorm that.",
        },
        "PaLM",
    ),
    "rms.vit": _vit,
    "rms.multimodal": _multimodal,
    "rms.default": _default,
}


def evidence(claim_id: str) -> Cited | None:
    """Return what decides a claim, None where nothing was looked up."""
    if claim_id not in CLAIMS:
        return None
    decision, facts, sample = CLAIMS[claim_id]()
    return Cited(decision, facts, sample, _read("models.yaml")["looked_up"])


def picture() -> Figure:
    """Draw the share with RMSNorm among new families, by period."""
    fig, (ax,) = panels(1, height=3.4)
    for kind, (label, style) in DRAWN.items():
        points = []
        for first, last in PERIODS:
            found = [
                f.rms for f in families(kind) if first <= f.year <= last
            ]
            points.append(wilson(sum(found), len(found)))
        line(ax, "rms", range(len(points)), points, label=label, **style)
    ax.set_xticks(
        range(len(PERIODS)), [f"{first}–{last}" for first, last in PERIODS]
    )
    ax.set_ylabel("with RMSNorm, %")
    ax.set_xlabel("years in which the families entered their library")
    return finish(fig)
