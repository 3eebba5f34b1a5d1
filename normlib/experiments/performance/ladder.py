"""How is speed won? RMSNorm from the formula to the memory's limit.

Every step of `steps` and its peers race on the same arrays. What a step
should take is predicted first, from the arrays it reads and writes.

Scope: RMSNorm and BatchNorm at one shape each, one thread.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ... import records
from ...layers import functional as ours
from ...records import Record
from ...table import Table
from ..protocol import Config, Rows, Trial, Unit
from . import contenders, entry, race, rungs, steps

ON_GPU = ["autograd", "compiled", "kernels", "eager", "eager compiled"]

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm",),
    config={
        "races": {"rms": [8192, 1024], "batch": [32, 64, 56, 56]},
        "steps": [s for s in rungs.STEPS if s != "kernels"],
        "dtype": "float32", "threads": 1, "rounds": 41,
    },
    live={
        "races": {"rms": [2048, 1024], "batch": [8, 64, 28, 28]},
        "steps": ["naive", "lean", "blocked", "custom", "eager"],
        "rounds": 7,
    },
    gpu={
        "races": {"rms": [32768, 4096]}, "steps": ON_GPU,
        "dtype": "bfloat16", "rounds": 21,
    },
)  # fmt: skip


@trial.units
def units(config: Config) -> list[Unit]:
    """One unit a race."""
    return [{"race": name} for name in config["races"]]


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return the seconds of each step, phase and round.

    A row "absent" names a step that fails or is wrong.
    """
    race.steady_memory()
    torch.set_num_threads(config["threads"])
    norm, shape = unit["race"], tuple(config["races"][unit["race"]])
    given = contenders.tensors(norm, shape, config["dtype"], device)
    wanted, rows = config["steps"], Rows()
    lap = {
        (step, "forward"): do
        for step, do in contenders.copies(given, []).items()
    }
    if norm == "rms":
        raced, faults = rms_racers(wanted, given, config["dtype"])
    else:
        raced, faults = batch_racers(wanted, given), {}

    def add(step: str, phase: str, seed: int, **found: object) -> None:
        row = {"step": step, "phase": phase, "seed": seed}
        rows.append(
            row | {"seconds": None, "host": None, "note": ""} | found
        )

    for (step, phase), own in race.samples(
        lap | raced, config["rounds"], device
    ).items():
        for seed, (seconds, host) in enumerate(own):
            add(step, phase, seed, seconds=race.digits(seconds),
                host=race.digits(host))  # fmt: skip
    for step, why in faults.items():
        add(step, "absent", 0, note=why)
    return rows


def rms_racers(
    wanted: list[str], given: list[Tensor], dtype: str
) -> tuple[dict, dict[str, str]]:
    """Return {(step, phase): what to time}, and who may not race."""
    x, w = given
    dy = torch.randn_like(x)
    lap = {}
    for step in ("naive", "lean", "blocked"):
        if step in wanted:
            forward = getattr(steps, f"{step}_forward")
            backward = getattr(steps, f"{step}_backward")
            lap |= numpy_racer(step, forward, backward, x, w, dy)

    def eager(x: Tensor, w: Tensor) -> Tensor:
        return F.rms_norm(x, w.shape, w, steps.EPS)

    by_torch = {
        "autograd": lambda: (
            lambda x, w: ours.rms_norm(x, w.shape, w, steps.EPS)
        ),
        "custom": lambda: steps.Blocked.apply,
        "compiled": lambda: steps.Compiled.apply,
        "kernels": lambda: contenders.fused("rms"),
        "eager": lambda: eager,
        "eager compiled": lambda: contenders.compiled(eager),
    }
    entries, faults = entry.enter("rms", wanted, given, dtype, by_torch)
    for step, one in entries.items():
        for phase, do in one.phases.items():
            lap[step, phase] = do
    return lap, faults


def numpy_racer(
    step: str, forward: object, backward: object, *given: Tensor
) -> dict:
    """Return both phases of a step in NumPy."""
    x, w, dy = (t.numpy() for t in given)
    return {
        (step, "forward"): lambda: forward(x, w),
        (step, "both"): lambda: backward(dy, forward(x, w)[1]),
    }


def batch_racers(wanted: list[str], given: list[Tensor]) -> dict:
    """BatchNorm, forward only: the formula, blocks and torch.nn."""
    x, w, b = (t.numpy() for t in given)

    def naive() -> np.ndarray:
        axes = (0, 2, 3)
        mu, var = (f(axes, keepdims=True) for f in (x.mean, x.var))
        column = (slice(None), None, None)
        x_hat = (x - mu) / np.sqrt(var + steps.EPS)
        return x_hat * w[column] + b[column]

    @torch.no_grad()
    def eager() -> Tensor:
        return F.batch_norm(given[0], None, None, *given[1:], True)

    lap = {
        "naive": naive,
        "blocked": lambda: steps.blocked_batch_norm(x, w, b),
        "eager": eager,
    }
    return {(s, "forward"): do for s, do in lap.items() if s in wanted}


trial.reading(rungs.copies)
trial.reading(rungs.gain)
trial.reading(rungs.table)
trial.reading(rungs.some)
trial.reading(rungs.plot)


@trial.reading
def on_gpu(record: Record) -> Table:
    """Return the table of the gpu record, or how to make one."""
    if records.exists(trial.name, "gpu"):
        return rungs.table(records.load(trial.name, "gpu"))
    command = f"python -m normlib record {trial.name} --preset gpu"
    return Table(("No GPU record yet",), [(command,)])
