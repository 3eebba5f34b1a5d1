"""How far does a gradient get? Predictions, and the measured points."""

from normlib.experiments import trial
from normlib.experiments.introduction.gradients import HEALTHY, change
from normlib.experiments.introduction.mean_field import predicted
from normlib.experiments.protocol import crossed
from normlib.figures import name, provenance

from . import svg

QUESTION = "Does the gradient vanish, explode or survive?"
ALT = (
    "Predicted change of the gradient against the layers that it has gone "
    "back, for ReLU with PyTorch's weights. In powers of ten, at the end: "
)
ACTS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
START = {"act": "relu", "init": "default", "norm": "batch"}


def record():
    return trial("introduction.gradients").record()


CAPTION = (
    "Curves are predicted by the loop above, from one expectation a layer "
    "and without running a net. Markers are measured, with 95 % intervals: "
    f"{provenance(record())}. The grey band is three decades either way. "
    "The nets have fifty layers; “back” counts from the last."
)


def data():
    found = record()
    layers = sorted(set(found.distinct("layer")) - {0})
    depth = max(layers)
    arms = []
    for arm in crossed(found.config, "norm", "act", "init"):
        whole = predicted(depth=depth, **arm)
        seen = [change(found, layer=layer, **arm) for layer in layers]
        arms.append(
            arm
            | {
                # Layers back from the last: 0, 1, … 49.
                "predicted": [
                    round(whole - predicted(depth=layer, **arm), 5)
                    for layer in range(depth, 0, -1)
                ],
                "measured": {
                    depth - layer: [round(v, 4) for v in
                                    (p.mean, p.low, p.high)]
                    for layer, p in zip(layers, seen, strict=True)
                },
            }
        )  # fmt: skip
    return {
        "arms": arms,
        "acts": ACTS,
        "norms": found.config["norm"],
        "back": sorted(depth - layer for layer in layers if layer < depth),
        "healthy": HEALTHY,
        "start": START,
    }


def picture(data):
    lines, ends = [], []
    for arm in data["arms"]:
        if (arm["act"], arm["init"]) != (START["act"], START["init"]):
            continue
        points = " ".join(
            f"{40 + 6 * d},{round(70 - 9 * v, 1)}"
            for d, v in enumerate(arm["predicted"])
        )
        ends.append(f"{name(arm['norm'])} {arm['predicted'][-1]:.1f}")
        style = f"stroke:var(--nl-ink-{arm['norm']})"
        lines.append(
            svg.tag("polyline", points=points, class_="nl-way", style=style)
        )
    ticks = [
        svg.text(34, 75 - 9 * v, f"{v}".replace("-", "−"),
                 text_anchor="end")
        for v in (0, -10, -20)
    ] + [
        svg.text(40 + 6 * d, 276, f"{d}", text_anchor="middle")
        for d in (0, 49)
    ]  # fmt: skip
    return svg.picture(
        350, 300, ALT + ", ".join(ends),
        svg.text(4, 16, "decades"), *ticks, *lines,
        svg.text(190, 296, "layers back", text_anchor="middle"),
    )  # fmt: skip
