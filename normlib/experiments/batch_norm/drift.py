"""How far apart are training and evaluation, and when do they meet?

One run of SGD on 8×8 digits for each momentum of the running averages,
which the weights never see: they are the same in all runs. At chosen
steps the same test images go through the weights with the statistics of
their own batch, as in training, with the running averages, and with
statistics measured anew over all training images (PreciseBN). The
control: the same images as in training once more, in other batches.

Scope: MLPs of four hidden layers on 8×8 digits, batches of 60, plain SGD at
rate 0.1; evaluation with momentum 0.1.
"""

import torch
from torch import Tensor

from ... import figures
from ...data import Split
from ...records import Record
from ..before import settle
from ..decisions import Decision, above
from ..intervals import Interval, mean_interval, mean_of, paired_interval
from ..nets.ensemble import Ensemble
from ..nets.mlp import MLP
from ..nets.training import by_member, predict, train_at
from ..protocol import Config, Rows, Trial, Unit, part

APART = 1.0  # per cent of the test images that count as a difference
DEFAULT = "0.1"  # torch's momentum, by whose average the rule decides
STYLES = {
    "batch": {"label": "training mode"},
    "0.1": {"label": "evaluation, 0.1", "marker": "s", "color": "#003F63"},
    "0.01": {"label": "evaluation, 0.01", "ls": "--", "color": "#6BAED6"},
    "precise": {"label": "PreciseBN", "ls": ":", "color": "#000000"},
    "other": {"label": "other batches", "ls": "-."},
}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "wujohnson2021"),
    grid={"momentum": ["0.1", "0.01"]},
    config={
        "looks": [1, 3, 10, 30, 100, 300, 1000], "rate": 0.1, "depth": 4,
        "width": 64, "batch": 60, "steps": 1000, "seeds": 20,
    },
    live={"looks": [1, 10, 100], "steps": 100, "seeds": 2},
    gpu={"depth": 8, "width": 512, "seeds": 40},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a look, statistics and seed.

    "differ" is the share of test images, in per cent, that get another
    class than with the statistics of their batch.
    """
    rows: Rows = []

    def look(step: int, nets: Ensemble, data: Split) -> None:
        if step in config["looks"]:
            momentum = unit["momentum"]
            found = classes(nets, data, config["batch"], momentum)
            for statistics, y in found.items():
                wrong, differ = (
                    (y != other).double().mean(1) * 100
                    for other in (data.test_y, found["batch"])
                )
                rows.extend(by_member(
                    nets, step=step, statistics=statistics,
                    test_error=wrong, differ=differ,
                ))  # fmt: skip

    def make(seed: int) -> MLP:
        net = MLP(seed, norm="batch", **part(config, "depth", "width"))
        for norm in net.norm:
            norm.momentum = float(unit["momentum"])
        return net

    train_at(config, make, device, config["rate"], watch=look)
    return rows


@torch.no_grad()
def classes(
    nets: Ensemble, data: Split, batch: int, momentum: str
) -> dict[str, Tensor]:
    """Return the predicted classes (E, n) with each kind of statistics.

    Those that no momentum changes are looked at with the default.
    """
    x = data.test_x
    logits = {"batch": predict(nets, x, batch=batch)}
    logits[momentum] = predict(nets, x)
    if momentum == DEFAULT:
        g = torch.Generator().manual_seed(0)
        order = torch.randperm(x.shape[1], generator=g).to(x.device)
        other = predict(nets, x[:, order], batch=batch)
        logits["other"] = other[:, order.argsort()]
        with nets.remembering(), nets.options(momentum=1.0):
            nets(data.train_x)  # one batch of all
            logits["precise"] = predict(nets, x)
    return {name: z.argmax(-1) for name, z in logits.items()}


@trial.reading
def harm(record: Record, step: int) -> Interval:
    """Points of test error that evaluation has more than training mode."""
    both = (
        record.values(
            "test_error", step=step, momentum=DEFAULT, statistics=s
        )
        for s in (DEFAULT, "batch")
    )
    return paired_interval(*both)


def share(record: Record, step: int) -> Interval:
    """Per cent of images that get another class than in training."""
    found = record.values("differ", step=step, statistics=DEFAULT)
    return mean_interval(found, comparisons=len(record.config["looks"]))


@trial.rule("bn.train-eval")
def behaves_differently(record: Record) -> Decision:
    """Same weights, same test images: how many per cent get another class
    in evaluation (momentum {DEFAULT}) than in training mode? Looked at
    after each of seven numbers of steps; 95 % intervals over seeds,
    Bonferroni over the looks. All low ends above {APART:.0f} %: holds. All
    high ends below: does not hold. Some above: holds when one looks after
    so many steps.
    """
    looks = record.config["looks"]
    again = [
        mean_of(record, "differ", step=k, statistics="other")
        for k in (looks[0], looks[-1])
    ]
    return settle(
        {f"after {k} steps": share(record, k) for k in looks},
        above, APART,
        because=(
            f"Per cent of test images that evaluation puts into another "
            f"class than training mode: {{arms}}. Training mode differs "
            f"from itself in other batches by {again[0].mean:.1f} after "
            f"{looks[0]} and {again[1].mean:.1f} after {looks[-1]}."
        ),
        when="you look {arms}",
    )  # fmt: skip


def percent(
    record: Record, step: int, column: str, statistics: str
) -> Interval | None:
    """Return a column's interval; where it is 0 or a repeat, None."""
    if (column, statistics) in (
        ("differ", "batch"),
        ("test_error", "other"),
    ):
        return None
    rows = record.where(step=step, statistics=statistics)
    return mean_interval([*{r["seed"]: r[column] for r in rows}.values()])


trial.curves(
    percent, "step",
    {"column": {
        "test_error": "test error (%)", "differ": "other class (%)",
    }},
    lines=[
        figures.Line("batch", {"statistics": name}, style)
        for name, style in STYLES.items()
    ],
    xlabel="steps of training", height=3.0, yscale="log", ylim=(1, 110),
    yticks=(1, 3, 10, 30, 100),
)  # fmt: skip
