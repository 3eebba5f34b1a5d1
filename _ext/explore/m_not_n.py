"""What does BatchNorm count? The measured errors, against N and m."""

import numpy as np

from normlib.experiments import trial
from normlib.experiments.batch_norm.sets_seen import (
    NETS,
    error,
    over_full,
)
from normlib.figures import provenance

from . import svg

QUESTION = "Images or values: which count explains the error?"
ALT = (
    "Excess error of five nets against the number of images that share a "
    "mean. In points, for two images: "
)
LARGEST = 64
START = 8
HURT = 2  # the scale is linear up to so many points, as in the figure


def record():
    return trial("batch_norm.statistics_size").record()


CAPTION = (
    "Above, what a set of m values lets through, by the formulas. Below, "
    "points of error over the same net with N = 32, as measured: "
    f"{provenance(record())}. Bars are 95 % intervals. Point at a "
    "measurement, tap it, or go there with the arrow keys."
)


def data():
    found = record()
    points = []
    for name, (offsets, side, k) in NETS.items():
        arm = {"offsets": offsets, "side": side, "k": k, "norm": "batch"}
        for N in sorted(found.distinct("N", **arm)):
            over = over_full(found, name, N)
            points.append(
                {
                    "net": name,
                    "N": N,
                    "m": N * k,
                    "effective": error(found, name, N, "effective").mean,
                    "mean": over.mean,
                    "low": over.low,
                    "high": over.high,
                }
            )
    return {
        "nets": list(NETS),
        "points": points,
        "largest": LARGEST,
        "start": START,
        "hurt": HURT,
    }


def bent(points):
    """Bend the axis of points: linear up to HURT, then logarithmic."""
    size = np.abs(points) / HURT
    return np.sign(points) * np.where(
        size < 1, 0.6 * size, 0.6 + np.log10(np.maximum(size, 1))
    )


def picture(data):
    def at(p):
        x = 60 + 60 * np.log2(p["N"] / 2)
        y = 190 - 75 * bent(p["mean"])
        return round(float(x), 1), round(float(y), 1)

    lines = []
    for net in data["nets"]:
        mine = [at(p) for p in data["points"] if p["net"] == net]
        path = " ".join(f"{x},{y}" for x, y in mine)
        lines.append(svg.tag("polyline", points=path, class_="nl-series"))
        lines += [
            svg.tag("circle", cx=x, cy=y, r=4, class_="nl-point")
            for x, y in mine
        ]
    ticks = [
        svg.text(60 + 60 * i, 262, N, text_anchor="middle")
        for i, N in enumerate(["2", "4", "8", "16", "32"])
    ]
    ticks += [
        svg.text(40, round(195 - 75 * float(bent(v))), f"{v}",
                 text_anchor="end")
        for v in (0, 2, 10, 50)
    ]  # fmt: skip
    few = [
        f"{p['net']} {p['mean']:.1f}" for p in data["points"] if p["N"] == 2
    ]
    return svg.picture(
        360, 285, ALT + "; ".join(few),
        svg.text(8, 16, "excess error (points)"),
        svg.text(130, 281, "N, images in a set"), *ticks, *lines,
    )  # fmt: skip
