"""Experiments: one file a question, grouped by chapter."""

from __future__ import annotations

from importlib import import_module

from .trial import Trial

MODULES = (
    "introduction.gradients",
    "introduction.depth",
    "batch_normalization.learning_rates",
    "batch_normalization.init_scale",
    "batch_normalization.exact",
    "batch_normalization.frameworks",
    "batch_normalization.drift",
    "batch_normalization.shift",
    "batch_normalization.folding",
    "batch_normalization.noisy",
    "batch_normalization.landscape",
    "batch_normalization.explosion",
    "batch_normalization.statistics_size",
    "batch_normalization.ghost",
    "batch_normalization.best_norm",
    "batch_normalization.recurrent",
    "performance.ladder",
    "performance.benchmark",
)


def trial(name: str) -> Trial:
    """Return one trial by name, as `trial("introduction.depth")`."""
    if name not in MODULES:
        raise ValueError(
            f"trial: got {name!r}, want one of {', '.join(MODULES)}"
        )
    return import_module(f"{__name__}.{name}").trial


def trials() -> list[Trial]:
    """Return every trial, in the order of the book."""
    return [trial(name) for name in MODULES]
