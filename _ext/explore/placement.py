"""Placement and depth: the gradient along the stream."""

from normlib.experiments import trial
from normlib.experiments.intervals import mean_interval
from normlib.experiments.layer_norm.depths import FIFTHS, NETS
from normlib.experiments.layer_norm.stream import predicted
from normlib.figures import provenance

from . import svg

QUESTION = "Where does the norm stand, and how does the gradient get back?"
ALT = (
    "Size of the gradient along the stream of 32 blocks, over its size "
    "behind the last sublayer, as predicted. In powers of ten, in front of "
    "the first: "
)
SHOWN = {
    "no norm, small branches": "no norm, small branches",
    "before": "before",
    "behind": "behind",
    "both sides": "both sides",
    "outputs": "outputs",
    "outputs, queries and keys": "outputs, and q and k",
    "DeepNorm": "DeepNorm",
}
START = {"net": "before", "depth": 32}


def record():
    return trial("layer_norm.depths").record()


CAPTION = (
    "The curve is a product of one factor a sublayer, from the two pairs "
    "of numbers measured above. Marks are measured in untrained nets, with "
    f"95 % intervals: {provenance(record())}."
)


def back(found, at, **arm):
    """Return log10 of the gradient at a place over that at the end."""
    here, end = (
        found.values("value", quantity="gradient", at=share, **arm)
        for share in (at, 1)
    )
    return mean_interval([a - b for a, b in zip(here, end, strict=True)])


def variance(found, **arm):
    """Return the variance behind the last sublayer, a mean over seeds."""
    logs = found.values("value", quantity="deviation", at=1, **arm)
    return sum(10 ** (2 * x) for x in logs) / len(logs)


def theory(net, depth):
    """Return what the product predicts: variances, log10 of gradients."""
    small = (2 * depth) ** -0.5 if net.endswith("small branches") else 1.0
    return predicted(NETS[net]["placement"], depth, small)


def data():
    found = record()
    arms = []
    for net in SHOWN:
        for depth in found.distinct("depth"):
            v, way = theory(net, depth)
            seen = {
                round(share * 2 * depth): back(
                    found, share, net=net, depth=depth
                )
                for share in FIFTHS
            }
            arms.append({
                "net": net, "depth": depth,
                "way": [round(x, 4) for x in way],
                "variance": [
                    round(v[-1], 3),
                    round(variance(found, net=net, depth=depth), 3),
                ],
                "measured": {k: [round(x, 4) for x in
                                 (p.mean, p.low, p.high)]
                             for k, p in seen.items()},
            })  # fmt: skip
    return {
        "arms": arms, "nets": SHOWN, "start": START,
        "depths": found.distinct("depth"),
    }  # fmt: skip


def picture(data):
    lines, ends = [], []
    for arm in data["arms"]:
        if arm["depth"] != START["depth"]:
            continue
        points = " ".join(
            f"{40 + 4.6 * k:.1f},{200 - 130 * x:.1f}"
            for k, x in enumerate(arm["way"])
        )
        ends.append(f"{SHOWN[arm['net']]} {arm['way'][0]:.1f}")
        ink = "none" if arm["net"].startswith("no norm") else "layer"
        lines.append(
            svg.tag("polyline", points=points, class_="nl-way",
                    style=f"stroke:var(--nl-ink-{ink})")
        )  # fmt: skip
    ticks = [
        svg.text(34, 205 - 130 * v, f"{v:g}", text_anchor="end")
        for v in (0, 0.5, 1)
    ] + [
        svg.text(40 + 4.6 * k, 246, f"{k}", text_anchor="middle")
        for k in (0, 32, 64)
    ]  # fmt: skip
    return svg.picture(
        350, 270, ALT + ", ".join(ends),
        svg.text(4, 16, "decades"), *ticks, *lines,
        svg.text(190, 266, "sublayers passed", text_anchor="middle"),
    )  # fmt: skip
