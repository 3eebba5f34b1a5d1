"""Experiments: one file a question, grouped by chapter."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from .protocol import Trial

NAMES = (
    "introduction.gradients",
    "introduction.depth",
    "introduction.choice",
    "batch_norm.learning_rates",
    "batch_norm.init_scale",
    "batch_norm.exact",
    "batch_norm.frameworks",
    "batch_norm.drift",
    "batch_norm.shift",
    "batch_norm.folding",
    "batch_norm.noisy",
    "batch_norm.landscape",
    "batch_norm.explosion",
    "batch_norm.statistics_size",
    "batch_norm.small_batches",
    "batch_norm.repairs",
    "batch_norm.ghost",
    "batch_norm.best_norm",
    "batch_norm.recurrent",
    "rms_norm.exact",
    "rms_norm.range",
    "rms_norm.quality",
    "rms_norm.bytes",
    "layer_norm.exact",
    "layer_norm.recurrent",
    "layer_norm.sequences",
    "layer_norm.td",
    "layer_norm.placement",
    "layer_norm.depths",
    "other_techniques.exact",
    "other_techniques.style",
    "other_techniques.detection",
    "other_techniques.how_many",
    "performance.ladder",
    "performance.benchmark",
    "performance.roof",
    "performance.mean",
    "performance.on_device",
)


def trial(name: str) -> Trial:
    """Return one trial by name, as `trial("introduction.depth")`."""
    if name not in NAMES:
        raise ValueError(
            f"trial: got {name!r}, want one of {', '.join(NAMES)}"
        )
    return import_module(f"{__name__}.{name}").trial


def demo(name: str) -> ModuleType:
    """Return what a page shows live, as `demo("batch_norm.modes")`.

    A module of this package that is no trial: functions to play with.
    """
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise ValueError(f"demo: got {name!r}, and there is none") from None


def trials() -> list[Trial]:
    """Return every trial, in the order of the book."""
    return [trial(name) for name in NAMES]
