"""How far apart are training and evaluation, and when do they meet?

One run of SGD on 8×8 digits for each momentum of the running averages,
which the weights never see: they are the same in all runs. At chosen
steps the same test images go through the weights with the statistics of
their own batch, as in training, with the running averages, and with
statistics measured anew over all training images (PreciseBN). Beside
them the same images as in training in other batches, twice, and
evaluation with averages that forgot all.

Scope: MLPs of four hidden layers on 8×8 digits, batches of 60, plain SGD
at rate 0.1. Between the looks the error in evaluation crosses that in
training mode, and there they agree for a while.
"""

from ... import figures
from ...data import Split
from ...records import Record
from ..intervals import Interval, mean_interval, paired_interval
from ..nets.averages import DEFAULT, classes
from ..nets.ensemble import Ensemble
from ..nets.mlp import MLP
from ..nets.training import by_member, train_at
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from . import strays

STYLES = {
    "batch": {"label": "training mode"},
    "0.1": {
        "label": "evaluation, 0.1",
        "marker": "s",
        "color": figures.DEEP,
    },
    "0.01": {
        "label": "evaluation, 0.01",
        "ls": "--",
        "color": figures.PALE,
    },
    "precise": {"label": "PreciseBN", "ls": ":", "color": "#000000"},
    "other": {"label": "other batches", "ls": "-."},
}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "wujohnson2021"),
    grid={"momentum": ["0.1", "0.01"]},
    config={
        "looks": [1, 3, 10, 30, 100, 300, 1000], "rate": 0.1, "depth": 4,
        "width": 64, "batch": 60, "steps": 1000,
        "first_seed": 5000, "seeds": 200,
    },
    live={"looks": [1, 10, 100], "steps": 100, "seeds": 2},
    gpu={"depth": 8, "width": 512},
    pilots=[
        Pilot(range(20), (
            "the record before, by a rule without the other batches. After "
            "1, 10, 100 and 1000 steps evaluation puts 75, 36, 3.5 and 2.2 "
            "% of the images into another class at momentum 0.1, at 0.01 "
            "76, 72, 9.9 and 2.1, other batches 31, 20, 4.5 and 2.8"
        )),
        Pilot(range(900, 916), (
            "a rule that subtracts what other batches change. Beyond them "
            "43, 18, −0.7 and −0.5 % at 0.1, 44, 54, 5.9 and −0.5 at 0.01"
        )),
        Pilot(range(1000, 1040), (
            "the record before, by the same rule. Evaluation errs by 8.4 "
            "points more after 10 steps at 0.1, by 1.5 less after 100 and "
            "by 1.0 less after 1000"
        )),
        Pilot(range(2000, 2040), (
            "this rule. It held, but other batches alone, the null, came "
            "to −0.2 [−0.5, 0.2] points, too wide to be told from half a "
            "point"
        )),
        Pilot(range(3000, 3100), (
            "the record before: it held, +6.8 points after 10 steps and "
            "−0.9 after 1000 at 0.1. The null was asked after 100 and 1000 "
            "steps alone; after 1, with 100 seeds, it is 0.3 [−0.1, 0.7]"
        )),
    ],
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


trial.null(strays.other_batches)
trial.positive(strays.forgotten)
trial.rule("bn.train-eval")(strays.behaves_differently)
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
