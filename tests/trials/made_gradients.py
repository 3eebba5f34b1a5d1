"""Made-up records of the gradients trial: decades, and usable rates."""

from made_up import MACHINE, spread

from normlib.experiments import trial as find_trial


def made_gradients(cured, *, bare=None, noise=0.05, wobble=0, seeds=8):
    """`cured(part, cell)`: does a norm cure this part of a net?

    Without a norm every net is sick, but ReLU with scaled weights; `bare`
    changes its (decades, rates). `wobble` takes rates from odd seeds.
    """
    trial = find_trial("introduction.gradients")
    config, rows = trial.config("cpu", seeds=seeds), []
    none = {"layer": 0, "log10_grad": None, "rate": None}
    for unit in trial.work(config):
        careful = (unit["act"], unit["init"]) == ("relu", "scaled")
        change, count = (0, 4) if careful else (-20, 0)
        if careful and bare:
            change, count = bare
        if unit["norm"] != "none" and not careful:
            change = 0 if cured("gradients", unit) else -20
            count = 6 if cured("training", unit) else 0
        for seed in range(seeds):
            cell = unit | {"seed": seed}
            for layer in (1, 50):
                d = (change + spread(cell, noise)) * (layer == 1)
                rows.append(cell | none | {
                    "layer": layer, "log10_grad": d, "train_error": None
                })  # fmt: skip
            works = count - wobble * (seed % 2) * (unit["norm"] != "none")
            for k, rate in enumerate(config["tried"]):
                error = 5.0 if k < works else 90.0
                rows.append(
                    cell | none | {"rate": rate, "train_error": error}
                )
    return trial.seal("cpu", config, rows, MACHINE)
