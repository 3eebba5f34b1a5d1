"""How is speed won? RMSNorm from the formula to the memory's limit.

Every step of `steps` and its peers race on the same arrays. What a step
should take is predicted first, from the arrays it reads and writes.

Scope: RMSNorm and BatchNorm at one shape each, one thread.
"""

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from ... import figures, records
from ...layers import functional as ours
from ...records import Record, describe
from ...table import Table
from ..intervals import Interval
from ..protocol import Config, Rows, Trial, Unit
from . import contenders, race, steps

# A step, what it is called, and the copies of x that its reads and writes
# of whole arrays amount to, forward and with backward. What a block keeps
# in the cache is not counted; nan where it is a library's secret.
NAN = float("nan")
HOW = ("counted", "measured")
BATCH = {
    "naive": "NumPy, the formula", "blocked": "NumPy, by channel",
    "eager": "torch.nn.BatchNorm2d",
}  # fmt: skip
STEPS = {
    "naive": ("NumPy, the formula", 3.5, 12.0),
    "lean": ("NumPy, fewer arrays", 2.5, 9.5),
    "blocked": ("NumPy, blocks", 1.0, 2.5),
    "autograd": ("PyTorch, autograd", NAN, NAN),
    "custom": ("PyTorch, blocks", 1.0, 2.5),
    "compiled": ("PyTorch, compiled", 1.0, 2.5),
    "kernels": ("Triton, fused", 1.0, 2.5),
    "eager": ("torch.nn.RMSNorm", NAN, NAN),
    "eager compiled": ("torch.nn.RMSNorm, compiled", NAN, NAN),
}
ON_GPU = ["autograd", "compiled", "kernels", "eager", "eager compiled"]

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm",),
    config={
        "races": {"rms": [8192, 1024], "batch": [32, 64, 56, 56]},
        "steps": [s for s in STEPS if s != "kernels"],
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
    """Return the seconds of each step, phase and round."""
    race.steady_memory()
    torch.set_num_threads(config["threads"])
    norm, shape = unit["race"], tuple(config["races"][unit["race"]])
    given = contenders.tensors(norm, shape, config["dtype"], device)
    spare = torch.empty_like(given[0])
    lap = {("copy", "forward"): lambda: spare.copy_(given[0])}
    racers = rms_racers if norm == "rms" else batch_racers
    lap |= racers(config["steps"], given, device)
    rows: Rows = []
    for (step, phase), times in race.run(
        lap, config["rounds"], device
    ).items():
        for seed, seconds in enumerate(times):
            row = {"step": step, "phase": phase, "seed": seed}
            rows.append(row | {"seconds": float(f"{seconds:.4g}")})
    return rows


def rms_racers(wanted: list[str], given: list[Tensor], device: str) -> dict:
    """Return {(step, phase): what to time}."""
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
        "autograd": lambda x, w: ours.rms_norm(x, w.shape, w, steps.EPS),
        "custom": steps.Blocked.apply,
        "compiled": steps.Compiled.apply,
        "eager": eager,
        "eager compiled": contenders.compiled(eager),
    }
    if "kernels" in wanted:
        by_torch["kernels"] = contenders.fused("rms")
    for step, function in by_torch.items():
        if step in wanted:
            for phase, do in contenders.phases(
                function, given, device
            ).items():
                lap[step, phase] = do
    return lap


def numpy_racer(
    step: str, forward: object, backward: object, *given: Tensor
) -> dict:
    """Return both phases of a step in NumPy."""
    x, w, dy = (t.numpy() for t in given)
    return {
        (step, "forward"): lambda: forward(x, w),
        (step, "both"): lambda: backward(dy, forward(x, w)[1]),
    }


def batch_racers(wanted: list[str], given: list[Tensor], _: str) -> dict:
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


@trial.reading
def copies(
    record: Record, step: str, phase: str, name: str = "rms"
) -> Interval:
    """Time in copies of x, median and quartiles over the rounds."""
    return race.in_units(
        record.values("seconds", race=name, step=step, phase=phase),
        record.values("seconds", race=name, step="copy", phase="forward"),
    )


@trial.reading
def gain(record: Record, step: str, over: str, phase: str) -> Interval:
    """How many times quicker a step is than another, round by round."""
    return race.in_units(
        record.values("seconds", race="rms", step=over, phase=phase),
        record.values("seconds", race="rms", step=step, phase=phase),
    )


@trial.reading
def table(record: Record) -> Table:
    """Return counted and measured copies of x, a row a step."""
    phases = {"forward": "forward", "both": "with backward"}
    head = [f"{n}, {how}" for n in phases.values() for how in HOW]
    rows = []
    for step in record.config["steps"]:
        name, *counted = STEPS[step]
        cells = []
        for count, phase in zip(counted, phases, strict=True):
            cells.append("" if count != count else f"{count}")
            cells.append(copies(record, step, phase))
        rows.append((name, *cells))
    return Table(("copies of x", *head), rows, describe(record))


@trial.reading
def some(
    record: Record, *names: str, phase: str = "both", name: str = "rms"
) -> Table:
    """Return the copies of x of some steps, counted for RMSNorm alone."""
    rows = []
    for step in names:
        label, *counted = STEPS[step]
        count = counted[phase == "both"]
        cell = (count if count == count else "",) * (name == "rms")
        label = label if name == "rms" else BATCH[step]
        rows.append((label, *cell, copies(record, step, phase, name)))
    return Table(("copies of x", *HOW[name == "batch" :]), rows)


@trial.reading
def on_gpu(record: Record) -> Table:
    """Return the table of the gpu record, or how to make one."""
    if records.exists(trial.name, "gpu"):
        return table(records.load(trial.name, "gpu"))
    command = f"python -m normlib record {trial.name} --preset gpu"
    return Table(("No GPU record yet",), [(command,)])


@trial.reading
def plot(record: Record) -> Figure:
    """Draw forward and backward as copies of x, a bar a step."""
    names = record.config["steps"]
    fig, (ax,) = figures.panels(1, height=0.45 * len(names) + 1.4)
    y = np.arange(len(names))[::-1]
    whole = [copies(record, s, "both") for s in names]
    part = [copies(record, s, "forward").mean for s in names]
    color = figures.STYLES["rms"][1]
    ax.barh(y, [w.mean for w in whole], color=color, alpha=0.45,
            label="with backward")  # fmt: skip
    ax.barh(y, part, color=color, label="forward")
    ax.errorbar(
        [w.mean for w in whole], y, fmt="none", ecolor="black",
        xerr=[[w.mean - w.low for w in whole],
              [w.high - w.mean for w in whole]],
    )  # fmt: skip
    ax.axvline(2.5, color="black", ls=":", label="2.5, the least")
    ax.set_yticks(y, [STEPS[s][0] for s in names])
    ax.set_xlabel("time, in copies of x")
    ax.grid(axis="y", visible=False)
    return figures.finish(fig, record)
