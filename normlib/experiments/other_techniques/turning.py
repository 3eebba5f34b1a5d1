"""How weights of a length and a direction move: longer, shorter, turned.

Not a trial. A net with one hidden layer under weight norm learns digits, in
NumPy, and the vectors v of its hidden units are watched, one row a unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from ... import figures
from ...data import digits
from ...reference import weight_norm_backward, weight_norm_forward
from ...table import Table

Array = np.ndarray
UNITS, BATCH = 32, 32
NOISE = 0.2  # of the labels are drawn anew, so gradients never vanish
LAST = 400  # steps that a mean is taken of
SETTINGS = ((0.1, 0.01), (0.1, 0.04), (0.4, 0.01))  # rate, decay


@dataclass(frozen=True)
class Path:
    """What v did, a line a step and a column a unit."""

    length: Array  # one line more: before each step, and at the end
    gradient: Array  # the length of v's gradient, without the decay
    along: Array  # its cosine with v
    angle: Array  # by which v turned, in degrees


def path(
    rate: float = 0.1, steps: int = 300, *, momentum: float = 0.0,
    decay: float = 0.0, forced: bool = False, seed: int = 0,
) -> Path:  # fmt: skip
    """Train all of the net by SGD; the decay, if any, is v's alone.

    With `forced` v is divided by its length before each step.
    """
    data, rng = digits(seed), np.random.default_rng(seed)
    pixels, labels = data.train_x.double().numpy(), data.train_y.numpy()
    v = rng.uniform(-1 / 8, 1 / 8, (UNITS, 64))
    U = rng.normal(size=(10, UNITS)) / UNITS**0.5
    w = [v, norm(v), np.zeros(UNITS), U, np.zeros(10)]
    speed = [np.zeros_like(part) for part in w]
    vs, grads = [], []
    for _ in range(steps):
        if forced:
            v /= norm(v)
        pick = rng.integers(len(labels), size=BATCH)
        drawn = rng.integers(10, size=BATCH)
        y = np.where(rng.random(BATCH) < NOISE, drawn, labels[pick])
        g = gradients(w, pixels[pick], y)
        vs.append(v.copy())
        grads.append(g[0].copy())
        g[0] += decay * v
        for part, s, slope in zip(w, speed, g, strict=True):
            s *= momentum
            s += slope
            part -= rate * s
    before, after = np.array(vs), np.array([*vs[1:], v])
    return Path(
        np.concatenate([norm(before), norm(after[-1:])])[..., 0],
        norm(np.array(grads))[..., 0],
        cosine(before, np.array(grads)),
        np.degrees(np.arccos(np.clip(cosine(before, after), -1, 1))),
    )


def gradients(w: list[Array], x: Array, y: Array) -> list[Array]:
    """Return the gradients of the cross entropy in v, g, b, U and c."""
    v, g, b, U, c = w
    W, cache = weight_norm_forward(v, g)
    h = np.tanh(x @ W.T + b)
    p = np.exp(h @ U.T + c)
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    p /= len(y)  # the gradient in the logits
    back = (p @ U) * (1 - h**2)
    dv, dg = weight_norm_backward(back.T @ x, cache)
    return [dv, dg, back.sum(0), p.T @ h, p.sum(0)]


def norm(v: Array) -> Array:
    """Return the length of each row, as (…, 1)."""
    return np.sqrt((v**2).sum(-1, keepdims=True))


def cosine(a: Array, b: Array) -> Array:
    """Return that of each row of a with that of b."""
    return ((a / norm(a)) * (b / norm(b))).sum(-1)


def rms(values: Array) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt((values**2).mean()))


def predicted(rate: float, decay: float) -> float:
    """Return √(2ηλ) in degrees."""
    return float(np.degrees(np.sqrt(2 * rate * decay)))


@cache
def with_decay(rate: float, decay: float, steps: int = 1200) -> Path:
    """Return the path at one of the settings."""
    return path(rate, steps, decay=decay)


def table() -> Table:
    """Compare the angle of a step with √(2ηλ), over the last steps: that
    of all rows of v together, and the least and the largest of one row.
    """
    rows = []
    for rate, decay in SETTINGS:
        found = with_decay(rate, decay)
        each = [rms(unit) for unit in found.angle[-LAST:].T]
        rows.append((
            f"{rate:g}", f"{decay:g}", f"{predicted(rate, decay):.1f}",
            f"{rms(found.angle[-LAST:]):.1f}",
            f"{min(each):.1f} to {max(each):.1f}",
            f"{found.length[-LAST:].mean():.1f}",
        ))  # fmt: skip
    head = ("rate η", "decay λ", "√(2ηλ) in °", "angle in °",
            "of single rows", "‖v‖")  # fmt: skip
    return Table(head, rows)


def plot(window: int = 50) -> Figure:
    """Draw the angle of a step over steps, each with its prediction."""
    fig, (ax,) = figures.panels(1, height=3.4)
    dashes = (":", "-", "--")
    for (rate, decay), dash in zip(SETTINGS, dashes, strict=True):
        angle = with_decay(rate, decay).angle
        parts = angle.reshape(-1, window * UNITS)
        x = window * (np.arange(len(parts)) + 0.5)
        ax.plot(
            x, [rms(part) for part in parts], ls=dash, color="#56B4E9",
            label=f"η = {rate:g}, λ = {decay:g}",
        )  # fmt: skip
        ax.axhline(predicted(rate, decay), color="#222222", lw=1)
    ax.set(xlabel="step", ylabel="a step turns v by (degrees)", ylim=(0, 8))
    return figures.finish(fig)
