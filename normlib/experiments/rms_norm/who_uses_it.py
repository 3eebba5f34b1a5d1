"""Who uses RMSNorm? The cited claims, and what decides each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from ...figures import finish, line, panels
from ..cited import (
    NEW,
    Cited,
    Fact,
    Family,
    Say,
    about,
    all_facts,
    conclude,
    families,
    firm,
    named,
    rise,
    share,
    stored,
    wilson,
)
from ..decisions import Decision

NAMED = ("T5", "LLaMA", "PaLM")
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


def habits() -> dict[str, Any]:
    """Return who multiplies by 1 + w, and how often each ε stands."""
    return {
        key: stored("families.yaml")[key] for key in ("plus_one", "eps")
    }


def for_devices() -> dict[str, tuple[Family, ...]]:
    """Return what is made for phones and edge devices, by kind."""
    named = stored("families.yaml")["device"]
    known = (*families("vision"), *families("other"))
    nets = tuple(f for f in known if f.name in named)
    return {
        "language model": parts(all_facts(), "device"),
        "vision net": nets,
    }


def parts(facts: tuple[Fact, ...], part: str) -> tuple[Family, ...]:
    """Return one part of each multimodal model as a sample."""
    return tuple(
        Family(f.model, f.year, f.norm == "RMSNorm")
        for f in facts
        if f.part == part and f.model not in NAMED
    )


def _named(
    says: Say, *models: str
) -> tuple[Decision, tuple[Fact, ...], str]:
    arms = {model: named(about(model)) for model in models}
    return conclude(arms, says), about(*models), "the models that it names"


def _vit() -> tuple[Decision, tuple[Fact, ...], str]:
    sample = families("vision")
    says = {
        "holds": "RMSNorm spreads in vision Transformers; most new ones "
        "have another norm.",
        "does not hold": "New vision Transformers use RMSNorm less often.",
        "open": "Open: too few to tell; expect LayerNorm in a vision "
        "Transformer.",
    }
    found = conclude({f"since {NEW}": firm(rise, sample)}, says)
    text = f"{len(sample)} families of timm with attention, 8 August 2026"
    return found, (), text


def _multimodal() -> tuple[Decision, tuple[Fact, ...], str]:
    rows = tuple(
        f
        for f in all_facts()
        if f.model not in NAMED and f.part != "device"
    )
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
        "open": "Open for {unclear}; RMSNorm is the default of {clear}.",
    }
    arms = {kind: firm(share, sample) for kind, sample in new.items()}
    total = sum(map(len, new.values()))
    text = f"{total} families of {NEW} to 2026, in transformers and timm"
    return conclude(arms, says, "{arms} are meant"), (), text


def _edge() -> tuple[Decision, tuple[Fact, ...], str]:
    samples = for_devices()
    says = {
        "holds": "Expect RMSNorm in a model for a device.",
        "holds when": "For a device, expect RMSNorm in a language model, "
        "rarely in a vision net.",
        "does not hold": "Models for devices mostly have another norm.",
        "open": "Open for {unclear}: look it up.",
    }
    arms = {kind: firm(share, sample) for kind, sample in samples.items()}
    rows = tuple(f for f in all_facts() if f.part == "device")
    models, nets = map(len, samples.values())
    text = f"{models} language models and {nets} of timm's families"
    return conclude(arms, says, "it is a {arms}"), rows, text


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
            "does not hold": "PaLM's paper prints LayerNorm; its layers "
            "were never published.",
        },
        "PaLM",
    ),
    "rms.vit": _vit,
    "rms.multimodal": _multimodal,
    "rms.edge": _edge,
    "rms.default": _default,
}


def evidence(claim_id: str) -> Cited | None:
    """Return what decides a claim, None where nothing was looked up."""
    if claim_id not in CLAIMS:
        return None
    decision, facts, sample = CLAIMS[claim_id]()
    return Cited(
        decision, facts, sample, stored("models.yaml")["looked_up"]
    )


def picture() -> Figure:
    """Draw the share with RMSNorm among new families, by period."""
    fig, (ax,) = panels(1, height=3.4)
    for kind, (label, style) in DRAWN.items():
        points = []
        for first, last in PERIODS:
            found = [
                f.has for f in families(kind) if first <= f.year <= last
            ]
            points.append(wilson(sum(found), len(found)))
        line(ax, "rms", range(len(points)), points, label=label, **style)
    ax.set_xticks(
        range(len(PERIODS)), [f"{first}–{last}" for first, last in PERIODS]
    )
    ax.set_ylabel("with RMSNorm, %")
    ax.set_xlabel("years in which the families entered their library")
    return finish(fig)
