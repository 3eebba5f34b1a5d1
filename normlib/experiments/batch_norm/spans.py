"""How far a net trains: up to which rate, and over which gains."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...records import Record
from ..arms import Arm, Contrast, read
from ..decisions import Estimate, Judge, State, estimate

TRAINED = 10.0  # per cent validation error that counts as trained
SIDES = {"too small": -1, "too large": 1}
NO_RATE = "one trains at no rate"
NO_GAIN = "one does not train at gain 1"
Span = tuple[Arm, str]  # decades by seed, and why they would mean nothing


def highest(record: Record, **arm: Any) -> Span:
    """Log10 of the highest rate at which a net ends trained, by seed.

    A bound where that is the highest tried.
    """
    rates = record.config["rates"]
    errors = [record.values("val_error", rate=r, **arm) for r in rates]
    works = np.array(errors) <= TRAINED
    top = len(rates) - 1 - works[::-1].argmax(0)
    found = np.log10(rates)[top][None]
    own = Arm(found, 0 * found, top[None] == len(rates) - 1)
    return own, "" if works.any(0).all() else NO_RATE


def reach(
    record: Record, way: int, *, tuned: bool = False, **arm: Any
) -> Span:
    """Decades of gain over which a net trains, from 1 up or down.

    `way` is 1 or −1. A gain counts if all before it train: at the rate
    that suits gain 1, or, `tuned`, each at any rate. A bound where all do.
    """
    rates = tuple(record.config["rates"])
    gains = sorted(record.distinct("gain", **arm), key=lambda g: way * g)
    gains = gains[gains.index(1.0) :]
    errors = np.array([
        [record.values("val_error", gain=g, rate=r, **arm) for r in rates]
        for g in gains
    ])  # fmt: skip
    if tuned:
        errors, rates = errors.min(1, keepdims=True), ()
    works = errors <= TRAINED
    count = works.cumprod(0).sum(0)
    far = np.abs(np.log10(gains))[np.maximum(count - 1, 0)]
    own = Arm(far, errors[0], count == len(gains), rates)
    return own, "" if works[0, own.chosen].all() else NO_GAIN


def contrast(own: Span, peer: Span) -> Contrast:
    """Contrast two spans, where both mean something."""
    return Contrast(own[0], peer[0], dead=own[1] or peer[1])


def ratios(record: Record, own: dict, peer: dict) -> dict[str, Contrast]:
    """Decades by which rates are higher, and steps fewer.

    Steps are read at the rate where a net is quickest.
    """
    own, peer = ({"net": "main"} | arm for arm in (own, peer))
    quick, slow = (
        read(record, "trained_at", by="trained_at", log=True, **arm)
        for arm in (own, peer)
    )
    return {
        "rate": contrast(highest(record, **own), highest(record, **peer)),
        "steps": Contrast(slow, quick),
    }


def more(
    record: Record, own: dict, peer: dict, *, tuned: bool = False
) -> dict[str, Contrast]:
    """Decades of gain over which one trains and another does not."""
    own, peer = (
        {"net": "main", "tuned": tuned} | arm for arm in (own, peer)
    )
    return {
        side: contrast(
            reach(record, way, **own), reach(record, way, **peer)
        )
        for side, way in SIDES.items()
    }


def weakest(
    contrasts: dict[str, Contrast], judge: Judge, margin: float
) -> Estimate:
    """Judge all; return the first that is not clear, or the last."""
    found = [estimate(k, c, judge, margin) for k, c in contrasts.items()]
    failed = (e for e in found if e.state is not State.CLEAR)
    return next(failed, found[-1])
