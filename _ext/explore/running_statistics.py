"""How long do running statistics remember their start?"""

import numpy as np

from normlib import reference as ref

from . import svg

QUESTION = "The same number in two frameworks: what is left of the start?"
ALT = (
    "The share of the start against steps on a logarithmic axis. With "
    "momentum 0.1 PyTorch's curve falls slowly; that of Keras, for which "
    "the same number means 0.9, is near zero after two steps."
)
MOMENTA = (0.001, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999)
STEPS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000)
BATCH = (1.0, 2.0, 6.0)
START = {"momentum": 0.1, "steps": 10}
EPS = 1e-5
standardized = ref.standardize(np.array(BATCH), (0,), eps=EPS)[0]
CAPTION = (
    "The share of the start after k steps, (1 − a)<sup>k</sup>. Every "
    "batch is 1, 2, 6, as above: its mean is 3, and 7 is kept as its "
    f"variance. In training x̂ of 6 is {standardized[-1]:.3f}. Evaluation "
    "differs by what is left of the start, and in the end by the 7 in "
    "place of 14/3."
)


def data():
    batch = np.array(BATCH)
    return {
        "momenta": MOMENTA,
        "steps": STEPS,
        "start": START,
        "eps": EPS,
        "x": batch.max(),
        "mean": batch.mean(),
        "var": batch.var(),
        "kept": batch.var(ddof=1),
    }


def picture(data):
    k = np.geomspace(1, STEPS[-1], 120)
    x = 45 + 300 * np.log(k) / np.log(STEPS[-1])

    def path(a, **style):
        y = 200 - 170 * (1 - a) ** k
        places = zip(x.round(1), y.round(1), strict=True)
        points = " ".join(f"{u},{v}" for u, v in places)
        return svg.tag("polyline", points=points, **style)

    a = START["momentum"]
    ticks = [
        svg.text(round(45 + 300 * np.log(v) / np.log(STEPS[-1])), 220,
                 f"{v}", text_anchor="middle")
        for v in (1, 10, 100, 1000)
    ]  # fmt: skip
    return svg.picture(
        360, 245, ALT, svg.text(38, 35, "1", text_anchor="end"),
        svg.text(38, 204, "0", text_anchor="end"), *ticks,
        svg.text(200, 241, "steps", text_anchor="middle"),
        path(a, class_="nl-curve"), path(1 - a, class_="nl-curve nl-other"),
        svg.text(190, 60, "PyTorch, 0.1"), svg.text(60, 190, "Keras, 0.1"),
    )  # fmt: skip
