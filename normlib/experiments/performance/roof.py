"""Memory or arithmetic: which one holds a norm back?

The steps of the ladder and the loop race once more, beside a copy of x and
a product of matrices. What each moves is counted by a program: of eager
PyTorch's operations as they run, of the compiler's loops by itself, and by
hand where neither can look.

Scope: RMSNorm at one shape, one thread of one CPU.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ...layers import functional as ours
from ..protocol import Config, Rows, Trial, Unit
from . import contenders, counts, entry, ladder, looped, race, steps, under

trial = Trial(
    __name__, __doc__, source=("williams2009roofline",),
    config={
        "shape": [8192, 1024],
        "steps": [*ladder.trial.presets["cpu"]["steps"], "loops"],
        "dtype": "float32", "threads": 1, "rounds": 21,
    },
    live={
        "shape": [2048, 1024],
        "steps": ["naive", "lean", "blocked", "autograd", "eager"],
        "rounds": 7,
    },
    gpu={
        "shape": [32768, 4096], "steps": ladder.ON_GPU,
        "dtype": "bfloat16", "rounds": 21,
    },
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return seconds of each step, phase and round, and copies counted.

    A row "absent" names a step that fails or is wrong.
    """
    race.steady_memory()
    torch.set_num_threads(config["threads"])
    dtype, wanted = config["dtype"], config["steps"]
    given = contenders.tensors("rms", config["shape"], dtype, device)
    raced, faults = ladder.rms_racers(wanted, given, dtype)
    makers = looped.makers("rms")
    entered = entry.enter(
        "rms", [n for n in wanted if n == "loops"], given, dtype, makers
    )
    for name, one in entered[0].items():
        raced |= {(name, phase): do for phase, do in one.phases.items()}
    x, n = given[0], under.SIDE
    a, b = torch.randn(2, n, n, device=device).to(x.dtype)
    spare = torch.empty_like(x)
    lap = {
        ("copy", "forward"): lambda: spare.copy_(x),
        ("product", "forward"): lambda: a @ b,
    }
    rows: Rows = []

    def add(step: str, phase: str, seed: int, **found: object) -> None:
        row = {"step": step, "phase": phase, "seed": seed}
        rows.append(row | {"seconds": None, "copies": None} | found)

    for (step, phase), own in race.samples(
        lap | raced, config["rounds"], device
    ).items():
        for seed, sample in enumerate(own):
            add(step, phase, seed, seconds=race.digits(sample.seconds))
    for step in {step for step, _ in raced}:
        for phase in under.OPERATIONS:
            moved = copies(step, phase, given)
            if moved is not None:
                add(step, phase, 0, copies=moved)
    for step in faults | entered[1]:
        add(step, "absent", 0)
    return rows


def copies(step: str, phase: str, given: list[Tensor]) -> float | None:
    """Return the copies of x that a step moves, counted by a program."""
    programs: dict[str, Callable] = {
        "autograd": lambda x, w: ours.rms_norm(x, w.shape, w, steps.EPS),
        "eager": lambda x, w: F.rms_norm(x, w.shape, w, steps.EPS),
    }
    leaves = [t.detach().requires_grad_(phase == "both") for t in given]
    unit = 2 * counts.stored(given[0])
    if step in programs:
        found = counts.counted(programs[step], *leaves)
        return round(sum(found.moved.values()) / unit, 1)
    if step == "eager compiled":
        return round(by_compiler(programs["eager"], leaves) / unit, 1)
    return None


def by_compiler(function: Callable, given: list[Tensor]) -> int:
    """Return the bytes that the compiler says its loops will move."""
    import logging

    from torch._inductor import compile_fx, config, metrics

    # It counts for its log alone, and nothing that it finds in a cache.
    compile_fx.inductor_metrics_log.setLevel(logging.INFO)
    torch._dynamo.reset()
    metrics.reset()
    with config.patch(force_disable_caches=True):
        y = contenders.compiled(function)(*given)
        if y.requires_grad:
            torch.autograd.grad(y, given, torch.ones_like(y))
    return metrics.num_bytes_accessed


trial.reading(under.table)
trial.reading(under.ridge)
trial.reading(under.in_time)
trial.reading(under.plot)
