"""Is BatchNorm a problem in recurrent nets, and what mends it?

An LSTM reads an 8×8 digit as a sequence of 16 half rows and names it at
the end. Its sums are normalized as in Cooijmans et al.: W_x x, W_h h and
the cell. BatchNorm is tried with one set of running statistics for all
steps and γ = 1, with one set a step, and with γ = 0.1 at the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import torch
from matplotlib.figure import Figure
from torch import Tensor

from ... import figures
from ...layers.core import standardize
from ...records import Record
from .. import ensemble
from ..arms import at_best
from ..intervals import Interval, mean_interval, paired_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

MARGIN = 1.0  # percentage points of test error that make a difference
PIXELS = 4  # that a step reads
ARMS = {
    "none": ("none", False, 1.0),
    "layer": ("layer", False, 1.0),
    "shared, 1": ("batch", False, 1.0),
    "shared, 0.1": ("batch", False, 0.1),
    "by step, 1": ("batch", True, 1.0),
    "by step, 0.1": ("batch", True, 0.1),
}
NAMES = {
    "none": "no norm",
    "layer": "LayerNorm",
    "shared, 1": "BN, shared, γ = 1",
    "shared, 0.1": "BN, shared, γ = 0.1",
    "by step, 1": "BN, by step, γ = 1",
    "by step, 0.1": "BN, by step, γ = 0.1",
}

FULL = {
    "arms": list(ARMS),
    "rates": [0.01, 0.03, 0.1, 0.3, 1.0],
    "hidden": 24,
    "batch": 48,
    "steps": 400,
    "first_seed": 100,  # lower ones tried an earlier wording
    "seeds": 10,
}
PRESETS = {
    "live": FULL
    | {"arms": ["layer"], "rates": [0.1], "steps": 50, "seeds": 2},
    "cpu": FULL,
    "gpu": FULL | {"hidden": 100, "steps": 2000, "seeds": 30},
}


@dataclass
class LSTM:
    """E LSTMs; W (E, D, 4H) and (E, H, 4H), the gates in order i f o g."""

    norm: str
    by_step: bool
    W: list[Tensor]  # input, recurrent, output
    b: list[Tensor]  # gates (E, 1, 4H), output (E, 1, 10)
    gamma: list[Tensor]  # for W_x x, W_h h and the cell
    beta: Tensor  # of the cell; the other two have b
    running: dict[tuple, tuple[Tensor, Tensor]] = field(
        default_factory=dict
    )

    def parameters(self) -> list[Tensor]:
        """Return all tensors that learn."""
        scale = [] if self.norm == "none" else [*self.gamma, self.beta]
        return [*self.W, *self.b, *scale]

    def __call__(self, x: Tensor, *, training: bool = True) -> Tensor:
        """Map images (E, B, 64) to logits (E, B, 10)."""
        E, B, _ = x.shape
        h = c = x.new_zeros(E, B, self.W[1].shape[1])
        for t, x_t in enumerate(x.split(PIXELS, 2)):
            z = self._normalize(x_t @ self.W[0], 0, t, training)
            z = z + self._normalize(h @ self.W[1], 1, t, training)
            i, f, o, g = (z + self.b[0]).chunk(4, 2)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            cell = self._normalize(c, 2, t, training)
            shift = 0.0 if self.norm == "none" else self.beta
            h = torch.sigmoid(o) * torch.tanh(cell + shift)
        return h @ self.W[2] + self.b[1]

    def _normalize(
        self, z: Tensor, place: int, t: int, training: bool
    ) -> Tensor:
        if self.norm == "none":
            return z
        if self.norm == "layer":
            x_hat, _, _ = standardize(z, (2,), 1e-5)
            return self.gamma[place] * x_hat
        key = (place, t if self.by_step else 0)
        if training:
            x_hat, mu, var = standardize(z, (1,), 1e-5)
            start = (torch.zeros_like(mu), torch.ones_like(var))
            mean, power = self.running.get(key, start)
            with torch.no_grad():
                self.running[key] = (
                    mean.lerp(mu, 0.1),
                    power.lerp(var, 0.1),
                )
        else:
            mean, power = self.running[key]
            x_hat = (z - mean) * torch.rsqrt(power + 1e-5)
        return self.gamma[place] * x_hat


def make(arm: str, hidden: int, seeds: Sequence[int], device: str) -> LSTM:
    """Draw one LSTM a seed; weights depend on the seed alone."""
    norm, by_step, scale = ARMS[arm]
    E = len(seeds)
    shapes = [(PIXELS, 4 * hidden), (hidden, 4 * hidden), (hidden, 10)]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    W = [
        torch.stack([torch.randn(s, generator=g) for g in generators])
        / s[0] ** 0.5
        for s in shapes
    ]
    gates = torch.zeros(E, 1, 4 * hidden)
    gates[..., hidden : 2 * hidden] = 1.0  # forget gates start open
    widths = (4 * hidden, 4 * hidden, hidden)
    net = LSTM(
        norm=norm,
        by_step=by_step,
        W=[w.to(device) for w in W],
        b=[gates.to(device), torch.zeros(E, 1, 10, device=device)],
        gamma=[torch.full((E, 1, n), scale, device=device) for n in widths],
        beta=torch.zeros(E, 1, hidden, device=device),
    )
    for p in net.parameters():
        p.requires_grad_()
    return net


def units(config: Config) -> list[Unit]:
    """One unit trains all rates and seeds of an arm."""
    return [{"arm": arm} for arm in config["arms"]]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    first = config["first_seed"]
    seeds = range(first, first + config["seeds"])
    members = list(product(config["rates"], seeds))
    every_seed = [seed for _, seed in members]
    net = make(unit["arm"], config["hidden"], every_seed, device)
    data = ensemble.splits(every_seed, device)
    curve = ensemble.train(
        net,
        data,
        lr=torch.tensor([rate for rate, _ in members]),
        seeds=every_seed,
        steps=config["steps"],
        batch=config["batch"],
        every=config["steps"],
        decay=True,
    )
    val, test = curve[-1][1], ensemble.error(net, data.test_x, data.test_y)
    return [
        unit
        | {
            "rate": rate,
            "seed": seed,
            "val_error": round(val[e].item(), 3),
            "test_error": round(test[e].item(), 3),
        }
        for e, (rate, seed) in enumerate(members)
    ]


def excess(record: Record, arm: str) -> Interval:
    """Points of test error over LayerNorm's, each at its best rate."""
    own = at_best(record, "test_error", arm=arm)
    return paired_interval(own, at_best(record, "test_error", arm="layer"))


def is_problematic(record: Record) -> Decision:
    """Decide bn.rnn."""
    gaps = {
        arm: excess(record, arm) for arm in ARMS if ARMS[arm][0] == "batch"
    }
    told = "; ".join(f"{NAMES[arm]}: {gap}" for arm, gap in gaps.items())
    because = f"Test error minus LayerNorm's, in points: {told}."
    worse = [arm for arm, gap in gaps.items() if gap.low > MARGIN]
    fine = [arm for arm, gap in gaps.items() if gap.high < MARGIN]
    if len(worse) == len(gaps):
        return Decision("holds", because)
    if len(fine) == len(gaps):
        return Decision("does not hold", because)
    if "shared, 1" in worse and fine:
        shared = all(not ARMS[arm][1] for arm in worse)
        when = (
            "all steps share their running statistics"
            if shared and len(worse) == 2
            else f"it is one of these: {'; '.join(NAMES[a] for a in worse)}"
        )
        return Decision("holds when", because, when=when)
    return Decision("open", because)


def plot(record: Record) -> Figure:
    """Draw the test error of every arm, at its best rate."""
    fig, (ax,) = figures.panels(1, height=3.2)
    for row, arm in enumerate(reversed(record.config["arms"])):
        point = mean_interval(at_best(record, "test_error", arm=arm))
        _, color, marker, _ = figures.STYLES[ARMS[arm][0]]
        ax.plot([point.low, point.high], [row, row], color=color)
        ax.plot(point.mean, row, marker, color=color)
    names = list(reversed(record.config["arms"]))
    ax.set_yticks(range(len(names)), [NAMES[arm] for arm in names])
    ax.set(xlabel="test error (%)", xlim=(0, None))
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.recurrent",
    question="Is BatchNorm a problem in recurrent nets, and what mends it?",
    source=("cooijmans2017",),
    scope=(
        "LSTMs of 24 units on 8×8 digits read in 16 steps, all sequences "
        "of one length, 48 a step, 400 steps of SGD with momentum."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.rnn": Rule(
            f"Test error minus LayerNorm's, each at its best learning "
            f"rate, paired by seed: BatchNorm with running statistics "
            f"shared by all steps or kept by step, γ = 1 or 0.1 at the "
            f"start. All four 95 % intervals above {MARGIN:.0f} point: "
            f"holds. All below: does not hold. Shared with γ = 1 above, "
            f"another below: holds when. Otherwise open.",
            is_problematic,
        ),
    },
    plot=plot,
    order=36,
)
