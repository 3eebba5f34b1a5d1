"""How far apart are training and evaluation, and when do they meet?

One run of SGD on 8×8 digits, with running averages of several momenta
kept beside it: the weights never see them. At chosen steps the same test
images go through the same weights with the statistics of their own batch,
as in training, with each of the averages, and with statistics measured
anew over all training images (PreciseBN). The control: the same images as
in training once more, in other batches.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure
from torch import Tensor

from ... import figures
from ...data import Split
from ...records import Record
from .. import ensemble
from ..intervals import Interval, mean_interval
from ..trial import Config, Decision, Rows, Rule, Trial, Unit

APART = 1.0  # per cent of the test images that count as a difference
DEFAULT = "0.1"  # torch's momentum, by whose average the rule decides

LINES = {
    "batch": {"label": "training mode"},
    "0.1": {"label": "evaluation, 0.1", "marker": "s", "color": "#003F63"},
    "0.01": {
        "label": "evaluation, 0.01", "marker": "v", "ls": "--",
        "color": "#6BAED6",
    },
    "precise": {
        "label": "PreciseBN", "marker": "x", "ls": ":", "color": "#000000"
    },
    "other": {"label": "other batches", "ls": "-."},
}  # fmt: skip

FULL = {
    "averages": ["0.1", "0.01", "precise"],
    "looks": [1, 3, 10, 30, 100, 300, 1000],
    "rate": 0.1,
    "depth": 4,
    "width": 64,
    "batch": 60,
    "steps": 1000,
    "first_seed": 0,
    "seeds": 20,
}
PRESETS = {
    "live": FULL | {"looks": [1, 10, 100], "steps": 100, "seeds": 2},
    "cpu": FULL,
    "gpu": FULL | {"depth": 8, "width": 512, "seeds": 40},
}


@dataclass
class Net(ensemble.Net):
    """A net that keeps an average for each momentum."""

    kept: dict[str, list[tuple[Tensor, Tensor]]] = field(
        default_factory=dict
    )

    def _remember(self, *args: Tensor, **where: int) -> None:
        for momentum, running in self.kept.items():
            self.momentum, self.running = float(momentum), running
            super()._remember(*args, **where)


def units(config: Config) -> list[Unit]:
    """One unit: all seeds are trained at once."""
    return [{"norm": "batch"}]


def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a look, statistics and seed.

    "differ" is the share of test images, in per cent, that get another
    class than with the statistics of their batch.
    """
    first = config["first_seed"]
    seeds = range(first, first + config["seeds"])
    plain = ensemble.make(
        act="relu", init="scaled", depth=config["depth"],
        width=config["width"], seeds=seeds, device=device, **unit,
    )  # fmt: skip
    momenta = [a for a in config["averages"] if a != "precise"]
    kept = {momentum: list(plain.running) for momentum in momenta}
    net = Net(**vars(plain), kept=kept)
    data = ensemble.splits(seeds, device)
    rows: Rows = []

    def look(step: int) -> None:
        if step not in config["looks"]:
            return
        found = classes(net, data, config)
        for statistics, y in found.items():
            wrong = (y != data.test_y).double().mean(1) * 100
            differ = (y != found["batch"]).double().mean(1) * 100
            for e, seed in enumerate(seeds):
                row = {"step": step, "statistics": statistics, "seed": seed}
                row["test_error"] = round(wrong[e].item(), 3)
                row["differ"] = round(differ[e].item(), 3)
                rows.append(unit | row)

    ensemble.train(
        net,
        data,
        lr=torch.full((len(seeds),), config["rate"]),
        seeds=seeds,
        steps=config["steps"],
        batch=config["batch"],
        momentum=0.0,
        every=config["steps"],
        watch=look,
    )
    return rows


@torch.no_grad()
def classes(net: Net, data: Split, config: Config) -> dict[str, Tensor]:
    """Return the predicted classes (E, n) with each kind of statistics."""
    x, batch = data.test_x, config["batch"]
    kept, net.kept = net.kept, {}  # looking is no training
    order = torch.randperm(
        x.shape[1], generator=torch.Generator().manual_seed(0)
    ).to(x.device)
    back = order.argsort()
    logits = {
        "batch": ensemble.predict(net, x, batch=batch),
        "other": ensemble.predict(net, x[:, order], batch=batch)[:, back],
    }
    for name in config["averages"]:
        if name == "precise":
            net.kept = {"1.0": list(net.running)}
            net(data.train_x)  # one batch of all, momentum 1
            net.running = net.kept["1.0"]
        else:
            net.running = kept[name]
        logits[name] = ensemble.predict(net, x)
    net.kept = kept
    return {name: z.argmax(-1) for name, z in logits.items()}


def share(record: Record, step: int, statistics: str) -> Interval:
    """Per cent of images that get another class than in training."""
    return mean_interval(
        record.values("differ", step=step, statistics=statistics),
        comparisons=len(record.config["looks"]),
    )


def behaves_differently(record: Record) -> Decision:
    """Decide bn.train-eval."""
    looks = record.config["looks"]
    shares = [share(record, step, DEFAULT) for step in looks]
    told = "; ".join(
        f"{s} after {step}" for step, s in zip(looks, shares, strict=True)
    )
    again = [share(record, step, "other").mean for step in looks]
    because = (
        f"Per cent of test images that evaluation puts into another "
        f"class than training mode: {told} steps. Training mode differs "
        f"from itself in other batches by {again[0]:.1f} after {looks[0]} "
        f"and {again[-1]:.1f} after {looks[-1]}."
    )
    apart = [s.low > APART for s in shares]
    same = [s.high < APART for s in shares]
    if all(apart):
        return Decision("holds", because)
    if all(same):
        return Decision("does not hold", because)
    if apart[0] and same[-1]:
        until = looks[max(i for i, a in enumerate(apart) if a)]
        when = f"the running averages are young, up to {until} steps here"
        return Decision("holds when", because, when=when)
    return Decision("open", because)


def plot(record: Record, guess: str | None = None) -> Figure:
    """Draw test error, and the share of changed classes, by steps."""
    fig, (above, below) = figures.panels(2, height=3.0)
    looks = record.config["looks"]
    for statistics, style in LINES.items():
        columns = {"test_error": above, "differ": below}
        if statistics == "batch":
            del columns["differ"]  # 0: it is what the others differ from
        if statistics == "other":
            del columns["test_error"]  # as "batch", up to the draw
        for column, ax in columns.items():
            points = [
                mean_interval(
                    record.values(column, step=k, statistics=statistics)
                )
                for k in looks
            ]
            figures.line(ax, "batch", looks, points, **style)
    above.set_ylabel("test error (%)")
    below.set_ylabel("other class than\nin training (%)")
    for ax in (above, below):
        ax.set(xscale="log", yscale="log", ylim=(1, 110))
        ax.set_yticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
        ax.minorticks_off()
    below.set_xlabel("steps of training")
    return figures.finish(fig, record)


trial = Trial(
    name="batch_normalization.drift",
    question="How far apart are training and evaluation?",
    source=("ioffe2015", "wujohnson2021"),
    scope=(
        "MLPs of four hidden layers on 8×8 digits, batches of 60, plain "
        "SGD at rate 0.1; evaluation with momentum 0.1."
    ),
    presets=PRESETS,
    units=units,
    measure=measure,
    rules={
        "bn.train-eval": Rule(
            f"Same weights, same test images: how many per cent get "
            f"another class in evaluation (momentum {DEFAULT}) than in "
            f"training mode? Looked at after each of seven numbers of "
            f"steps; 95 % intervals over seeds, Bonferroni over the looks. "
            f"All low ends above {APART:.0f} %: holds. All high ends "
            f"below: does not hold. Above at the first look and below at "
            f"the last: holds when.",
            behaves_differently,
        ),
    },
    plot=plot,
    order=32,
)
