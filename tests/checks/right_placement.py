"""Right answers on placement, written differently, and some nearly so."""

import math

import numpy as np
from register import right


@right("layer_norm.forecast")
def by_logarithms(place, L, v, gains):
    logs, k = 0.0, 0
    while k < L * len(gains):
        s, back = gains[k % len(gains)]
        k += 1
        if place == "before":
            logs, v = logs + math.log1p(back / v), v + s
        elif place == "both sides":
            logs, v = logs + math.log1p(back / s / v), v + 1
        elif place == "no norm":
            logs, v = logs + math.log1p(back), v + s * v
        else:
            stream, branch = 1.0, 1.0
            if place == "DeepNorm":
                alpha, beta = (2 * L) ** 0.25, (8 * L) ** -0.25
                stream, branch = alpha**2, beta**4
            total = stream * v + branch * s * v
            logs += math.log((stream + branch * back) / total)
            v = 1
    return v, math.exp(logs / 2)


@right("layer_norm.forecast")
def by_closed_forms(place, L, v, gains):
    s, back = np.tile(np.array(gains), (L, 1)).T
    n = len(s)
    if place == "no norm":
        return v * np.prod(1 + s), np.prod(1 + back) ** 0.5
    if place in ("before", "both sides"):
        if place == "both sides":
            s, back = np.ones(n), back / s
        front = v + np.cumsum(s) - s
        return front[-1] + s[-1], np.prod(np.sqrt(1 + back / front))
    weak = 1 if place == "behind" else (8 * L) * (2 * L) ** 0.5
    squares = np.prod((1 + back / weak) / (1 + s / weak)) / v
    return 1, squares**0.5


@right("layer_norm.forecast")
def from_behind(place, L, v, gains):
    def rest(v, left):
        if not left:
            return v, 1.0
        (s, back), *left = left
        a = np.sqrt(2 * L) * 8 * L if place == "DeepNorm" else 1
        after, factor = {
            "before": (v + s, (v + back) / v),
            "behind": (1.0, (1 + back) / (1 + s) / v),
            "both sides": (v + 1, 1 + back / (s * v)),
            "no norm": ((1 + s) * v, 1 + back),
            "DeepNorm": (1.0, (a + back) / (a + s) / v),
        }[place]
        end, growth = rest(after, left)
        return end, growth * factor**0.5

    end, growth = rest(v, [*gains] * L)
    return {"growth": np.float64(growth), "variance": np.float64(end)}


@right("layer_norm.which")
def by_factors_and_steps(v, g):
    inner, step = v[1:], np.diff(v)
    if np.allclose(inner, 1, atol=1e-3):
        moves = np.abs(np.diff(np.log(g)))[1:-1]
        return "behind" if moves.mean() > 0.02 else "DeepNorm"
    if abs(inner[0] - 1) < 1e-3:
        return "behind, then before"
    if v[-1] / v[-5] > 2.2:  # a line from above 0: at most 2 in the half
        return "no norm"
    return ("before", "both sides")[int(step.mean() > 0.6)]


@right("layer_norm.which")
def by_the_best_law(v, g):
    n = len(v) - 1
    k = np.arange(n + 1)
    line = np.polyfit(k, v, 1)
    off = np.abs(np.polyval(line, k) / v - 1).max()
    power = np.polyfit(k, np.log(v), 1)
    ones = np.isclose(v, 1, atol=0.005)[1:]
    if ones.sum() >= 2 and ones[0]:
        if not ones[-1]:
            return "behind, then before"
        return "behind" if g[1] / g[-1] > 1.3 else "DeepNorm"
    bent = np.abs(np.exp(np.polyval(power, k)) / v - 1).max() < off
    if bent and power[0] > 0.25:
        return "no norm"
    return "both sides" if 0.8 < line[0] < 1.2 else "before"


@right("layer_norm.which")
def by_variation(v, g):
    flat = [abs(value - 1) < 0.001 for value in v[1:]]
    if all(flat):
        away = max(abs(g[1:-1] / np.median(g[1:-1]) - 1))
        return "DeepNorm" if away < 0.08 else "behind"
    if flat[0] and flat[1]:
        return "behind, then before"
    half = len(v) // 2
    early, late = v[half] - v[0], v[-1] - v[half]
    if late > 3 * early:
        return "no norm"
    return (
        "both sides" if (early + late) / (len(v) - 1) > 0.75 else "before"
    )


@right("layer_norm.port")
def by_tables(x, sublayers, last, place):
    for f, first, second in sublayers:
        under = first if place in ("before", "both sides") else np.positive
        over = second if place in ("both sides", "outputs") else np.positive
        outside = second if place in ("behind", "DeepNorm") else np.positive
        keep = len(sublayers) ** (1 / 4) if place == "DeepNorm" else 1
        x = outside(keep * x + over(f(under(x))))
    return x if outside is second else last(x)


@right("layer_norm.port")
def by_recursion(x, sublayers, last, place):
    L = len(sublayers) / 2

    def stream(k):
        if k == 0:
            return x
        (f, first, second), h = sublayers[k - 1], stream(k - 1)
        return {
            "before": lambda: h + f(first(h)),
            "behind": lambda: second(h + f(h)),
            "both sides": lambda: h + second(f(first(h))),
            "outputs": lambda: h + second(f(h)),
            "DeepNorm": lambda: second((2 * L) ** 0.25 * h + f(h)),
        }[place]()

    h = stream(len(sublayers))
    return h if place in ("behind", "DeepNorm") else last(h)


@right("layer_norm.port")
def place_by_place(x, sublayers, last, place):
    n = len(sublayers)
    if place == "behind":
        for f, _, norm in sublayers:
            x = norm(f(x) + x)
        return x
    if place == "DeepNorm":  # N(αx + y) is N(x + y/α) at ε = 0
        for f, _, norm in sublayers:
            x = norm(x + f(x) / math.sqrt(math.sqrt(n)))
        return x
    for f, first, second in sublayers:
        y = f(x if place == "outputs" else first(x))
        x = x + (y if place == "before" else second(y))
    return last(x)


def off(f, i):
    def near(*args):
        out = f(*args)
        if isinstance(out, tuple):
            return tuple(
                v * 1.001 if j == i else v for j, v in enumerate(out)
            )
        return out * (1.001 if args[-1] == i else 1)

    return near


OFF = {
    "layer_norm.forecast": [off(by_logarithms, i) for i in (0, 1)],
    "layer_norm.which": [lambda v, g: "before"],
    "layer_norm.port": [
        off(by_tables, place) for place in ("before", "outputs", "DeepNorm")
    ],
}
