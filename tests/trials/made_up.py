"""Made-up records: what a trial's rows would be, if …"""

from collections.abc import Callable
from itertools import product
from random import Random

from normlib.experiments import trial as find_trial
from normlib.records import Record

MACHINE = {
    "date": "2000-01-01", "device": "cpu", "processor": "made up",
    "cores": 1, "accelerator": "", "torch": "0", "seconds": 0,
}  # fmt: skip


def made_up(
    name: str, value: Callable[[dict], dict], *, seeds: int = 8,
    **crossed: list,
) -> Record:  # fmt: skip
    """Fill every cell of a trial's cpu preset with `value(cell)`.

    A cell is a unit joined with a seed, a learning rate where the trial
    sweeps it, and what `crossed` adds, as step=[1, 10].
    """
    trial = find_trial(name)
    config = trial.config("cpu", seeds=seeds)
    if "rates" in config and "arms" not in config:
        crossed = {"rate": config["rates"]} | crossed
    crossed |= {"seed": range(seeds)}
    rows = []
    for unit in trial.work(config):
        for values in product(*crossed.values()):
            cell = unit | dict(zip(crossed, values, strict=True))
            rows.append(cell | value(cell))
    return trial.seal("cpu", config, rows, MACHINE)


def spread(cell: dict, size: float) -> float:
    """A deterministic deviation over the seeds, mean 0.

    It differs from arm to arm, so that pairs do not cancel it.
    """
    order = [*range(8)]
    arm = str({k: v for k, v in cell.items() if k != "seed"})
    Random(arm).shuffle(order)
    return size * (order[cell["seed"] % 8] - 3.5)
