"""Put the shift back: what becomes of BatchNorm's lead, dose by dose."""

from itertools import product

import numpy as np

from normlib.experiments import trial
from normlib.experiments.arms import Contrast
from normlib.experiments.batch_norm.why_ics import INITS, lost
from normlib.experiments.races import at_quickest, steps
from normlib.figures import provenance

from . import svg

QUESTION = "More shift than without a norm: is BatchNorm still the quicker?"
ALT = (
    "Times as quick as the plain net against times its shift, both "
    "logarithmic, for BatchNorm from He's start under noise of "
)
KINDS = {  # who is shaken, and how its noise is drawn
    "channel": ("batch", "channel", "BatchNorm, noise a channel"),
    "sample": ("batch", "sample", "BatchNorm, noise a sample"),
    "none": ("none", "channel", "no norm, noise a channel"),
}
START = {"init": "scaled", "kind": "channel", "noise": 0.3}
PLAIN = {"norm": "none", "kind": "channel", "noise": 0.0}


def record():
    return trial("batch_norm.noisy").record()


CAPTION = (
    "A small point is a net beside the plain net of its seed, the large "
    "one their mean, with 95 % intervals. A triangle is a net that was not "
    "trained when its run ended; it lies lower. A shift that explains the "
    "lead would have to push BatchNorm below the dashed line, half the "
    "lead in decades of steps. "
    f"Every net at its quickest rate. {provenance(record())}."
)


def rounded(*ends):
    """Return mean, low and high, with None for an end that is open."""
    return [round(float(v), 4) if np.isfinite(v) else None for v in ends]


def dose(found, init, kind, noise):
    """Return what an arm's nets did, beside the plain net of their seed."""
    norm, drawn, _ = KINDS[kind]
    arm = {"init": init, "norm": norm, "noise": noise}
    arm["kind"] = drawn if noise else "channel"  # without, all are one
    own, plain = steps(found, **arm), steps(found, init=init, **PLAIN)
    shift = [
        at_quickest(found, "log10_shift", **a)
        for a in (arm, PLAIN | {"init": init})
    ]
    moved, ahead = Contrast(*shift).interval(), Contrast(plain, own)
    quick, left = ahead.interval(), None
    if norm == "batch":
        took = lost(found, init, arm["kind"], noise).interval()
        left = rounded(*(100 - v for v in (took.mean, took.high, took.low)))
    points = (
        shift[0].at_best - shift[1].at_best,
        plain.at_best - own.at_best,
        own.censored[own.chosen],
    )
    return {
        "noise": noise,
        "rate": own.rates[own.chosen],
        "shift": rounded(moved.mean, moved.low, moved.high),
        "quick": rounded(quick.mean, quick.low, quick.high),
        "left": left,
        "points": np.stack(points, 1).round(4).tolist(),
    }


def data():
    found = record()
    arms = []
    for init, (kind, (norm, drawn, _)) in product(INITS, KINDS.items()):
        noises = {0.0, *found.distinct("noise", norm=norm, kind=drawn)}
        doses = [dose(found, init, kind, noise) for noise in sorted(noises)]
        arms.append({"init": init, "kind": kind, "doses": doses})
    return {
        "arms": arms,
        "inits": INITS,
        "kinds": {
            k: [norm, label] for k, (norm, _, label) in KINDS.items()
        },
        "start": START,
    }


def picture(data):
    chosen = next(
        a for a in data["arms"]
        if (a["init"], a["kind"]) == (START["init"], START["kind"])
    )  # fmt: skip

    def at(x, y):
        return round(185 + 85 * x, 1), round(140 - 95 * y, 1)

    places = [at(d["shift"][0], d["quick"][0]) for d in chosen["doses"]]
    way = " ".join(f"{x},{y}" for x, y in places)
    marks = [
        svg.tag("circle", cx=x, cy=y, r=5, class_="nl-dot")
        for x, y in places
    ]
    said = ", ".join(
        f"{d['noise']}: {10 ** d['quick'][0]:.1f} times as quick at "
        f"{10 ** d['shift'][0]:.1f} times the shift"
        for d in chosen["doses"]
    )
    names = [
        svg.text(x + 8, y - 8, f"{d['noise']}")
        for (x, y), d in zip(places, chosen["doses"], strict=True)
    ]
    return svg.picture(
        360, 285, ALT + said,
        svg.tag("line", x1=185, x2=185, y1=25, y2=245, class_="nl-radius"),
        svg.tag("line", x1=30, x2=350, y1=140, y2=140, class_="nl-radius"),
        svg.text(4, 16, "times as quick as the plain net"),
        svg.text(120, 281, "times its shift"),
        svg.text(26, 145, "1", text_anchor="end"),
        svg.text(185, 262, "1", text_anchor="middle"),
        svg.tag("polyline", points=way, class_="nl-series"), *marks, *names,
    )  # fmt: skip
