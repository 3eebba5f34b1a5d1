"""Made-up records: what a trial's rows would be, if …"""

from collections.abc import Callable

from normlib.experiments import trial as find_trial
from normlib.records import Record


def made_up(
    name: str,
    value: Callable[[dict], dict],
    *,
    seeds: int = 6,
    **changes: object,
) -> Record:
    """Fill every cell of a trial's grid with `value(cell)`.

    A cell is a unit joined with a seed and, where the trial has them, a
    learning rate or a layer.
    """
    trial = find_trial(name)
    config = trial.config("cpu", seeds=seeds, **changes)
    cells = [
        unit | {"seed": seed}
        for unit in trial.units(config)
        for seed in range(seeds)
    ]
    if "rates" in config:
        cells = [c | {"rate": r} for c in cells for r in config["rates"]]
    if "every" in config:
        cells = [c | {"layer": k} for c in cells for k in (1, 50)]
    rows = [cell | value(cell) for cell in cells]
    machine = {
        "date": "2000-01-01",
        "device": "cpu",
        "processor": "made up",
        "cores": 1,
        "accelerator": "",
        "torch": "0",
        "seconds": 0,
    }
    return trial.record("cpu", config, rows, machine)
