"""The intervals that a verdict rests on, as rows against a threshold.

A table, so that it reads without any style: arm, picture, numbers. The
picture is placed by per cent, and stays legible on a phone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import numpy as np

from .experiments.decisions import Decision, Estimate, State

MARKS = {State.CLEAR: "●", State.REFUTED: "○", State.UNCLEAR: "?"}
MEANS = {
    State.CLEAR: "as the claim says",
    State.REFUTED: "refuted",
    State.UNCLEAR: "cannot be told",
}
PAD = 0.04  # of the width, left free at both sides
Places = tuple[float, float]  # what lies at the left end and at the right


def picture(
    decision: Decision,
    axis: str,
    decades: bool = False,
    names: Sequence[str] = (),
) -> str:
    """Return a table of all estimates; "" where there is nothing to see.

    `axis` says what the numbers are. With `decades` they are log10 of
    factors, and are told as these. `names` are those of the numbers of an
    arm that has several. A decision without a margin, or with
    none but infinite intervals, has no picture.
    """
    seen = decision.estimates
    ends = [end for e in seen for end in e.interval if np.isfinite(end)]
    if not (axis and ends and decision.margin):
        return ""
    limits = thresholds(seen, decision.margin)
    ends += [0.0, *limits]
    low, high = min(ends), max(ends)
    pad = PAD * (high - low)
    span = low - pad, high + pad
    rows, many, told = "", Counter(e.arm for e in seen), Counter[str]()
    for e in seen:
        arm = escape(e.arm)
        if told[e.arm]:  # read aloud, and seen once
            arm = f'<span class="nl-again">{arm}</span>'
        if many[e.arm] > 1 and names:
            arm += f" <small>{escape(names[told[e.arm]])}</small>"
        told[e.arm] += 1
        rows += (
            f'<tr><th scope="row">{arm}</th><td>'
            f"{_track(e, limits, span)}</td>"
            f"<td>{escape(_told(e, decades))}</td></tr>"
        )
    said = " and ".join(_number(x, decades) for x in limits)
    here = dict.fromkeys(e.state for e in seen)
    key = " · ".join(f"{MARKS[s]} {MEANS[s]}" for s in State if s in here)
    return (
        f'<table class="nl-forest"><caption>{escape(axis)} · dashed: '
        f"{said} · {key}</caption><tbody>{rows}</tbody></table>"
    )


def thresholds(seen: tuple[Estimate, ...], margin: float) -> list[float]:
    """Return where the threshold lies: at the margin, or on both sides.

    On both where an arm counts although it lies below the margin, and
    another above, or one lies beyond the other side.
    """
    clear = [e.interval for e in seen if e.state is State.CLEAR]
    over = any(i.low > margin for i in clear)
    under = any(i.high < -margin for i in clear)
    inside = any(-margin < i.low and i.high < margin for i in clear)
    refuted = [e.interval for e in seen if e.state is State.REFUTED]
    outside = any(i.high < -margin for i in refuted)
    both = (under and not inside) or (inside and outside)
    return [-margin, margin] if both or (over and under) else [margin]


def _track(e: Estimate, limits: list[float], span: Places) -> str:
    """Place threshold, interval and mark by per cent."""
    (left, right), style = span, "position:absolute;"

    def at(x: float) -> float:
        inside = min(max(x, left), right)
        return round(100 * (inside - left) / (right - left), 2)

    low, high = at(e.interval.low), at(e.interval.high)
    lines = "".join(
        f'<i class="nl-limit" style="{style}left:{at(x)}%;top:-0.3em;'
        'bottom:-0.3em;border-left:1px dashed"></i>'
        for x in limits
    )
    return (
        '<div class="nl-track" aria-hidden="true" style="position:relative;'
        f'height:1.2em;min-width:7em">{lines}'
        f'<i style="{style}left:{low}%;width:{round(high - low, 2)}%;'
        'top:0.58em;border-top:2px solid"></i>'
        f'<b style="{style}left:{at(e.interval.mean)}%;'
        f'transform:translateX(-50%)">{MARKS[e.state]}</b></div>'
    )


def _told(e: Estimate, decades: bool) -> str:
    """Write the numbers down, and why they say no more."""
    told = e.interval.factors() if decades else str(e.interval)
    note = f" ({e.note})" if e.note else ""
    return f"{told.replace('inf', '∞')}{note}"


def _number(x: float, decades: bool) -> str:
    return (f"{10**x:.3g}" if decades else f"{x:.3g}").replace("-", "−")
