"""What does each norm cost, in units of a memory copy?

A norm moves memory and computes little, so a copy of x is the limit:
x is read once and y written once. Every technique in several libraries,
forward and forward with backward, and the bytes that it keeps.

Scope: single layers on one thread, by themselves.
"""

from itertools import product

import torch

from ..protocol import Config, Rows, Trial, Unit
from . import contenders, costs, memory, race

N, C = 32, 64  # of the images

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm",),
    config={
        "features": [256, 1024, 4096, 8192, 16384, 32768],
        "rows": [1, 64, 1024, 8192, 65536],
        "images": [8, 14, 28, 56],
        "matrices": [256, 1024, 4096],
        "most": 2**24,  # values of x
        "dtypes": ["float32"],
        "contenders": ["reference", "layers", "eager", "compiled"],
        "threads": 1,
        "rounds": 9,
    },
    live={
        "features": [256, 4096], "rows": [1024], "images": [14],
        "matrices": [1024], "contenders": ["reference", "layers", "eager"],
        "rounds": 5,
    },
    gpu={
        "features": [1024, 4096, 16384, 32768, 65536],
        "rows": [1, 8192, 65536], "most": 2**29, "dtypes": ["bfloat16"],
        "contenders": [
            "layers", "eager", "compiled", "kernels", "liger", "quack",
        ],
        "rounds": 21,
    },
)  # fmt: skip


@trial.units
def units(config: Config) -> list[Unit]:
    """One unit races all contenders for a norm, a shape and a dtype."""
    vectors = [
        (rows, features)
        for features, rows in product(config["features"], config["rows"])
        if rows * features <= config["most"]
    ]
    shapes = {
        "vectors": vectors,
        "images": [(N, C, side, side) for side in config["images"]],
        "matrices": [(side, side) for side in config["matrices"]],
    }
    return [
        {"norm": norm, "shape": "×".join(map(str, shape)), "dtype": dtype}
        for dtype in config["dtypes"]
        for kind, norms in contenders.KINDS.items()
        for norm, shape in product(norms, shapes[kind])
    ]


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return seconds of each contender, phase and round; bytes of each."""
    race.steady_memory()
    torch.set_num_threads(config["threads"])
    torch._dynamo.reset()
    shape = tuple(map(int, unit["shape"].split("×")))
    given = contenders.tensors(unit["norm"], shape, unit["dtype"], device)
    wanted = config["contenders"]
    functions = contenders.torch_contenders(unit["norm"], wanted)
    runs = {
        name: contenders.phases(function, given, device)
        for name, function in functions.items()
    }
    if "reference" in wanted:
        runs["reference"] = contenders.reference(unit["norm"], given)
    spare = torch.empty_like(given[0])
    lap = {("copy", "forward"): lambda: spare.copy_(given[0])} | {
        (name, phase): do
        for name, phases in runs.items()
        for phase, do in phases.items()
    }
    rows: Rows = []

    def add(name: str, phase: str, seed: int, **found: object) -> None:
        row = {"contender": name, "phase": phase, "seed": seed}
        rows.append(row | {"seconds": None, "bytes": None} | found)

    times = race.run(lap, config["rounds"], device)
    for (name, phase), seconds in times.items():
        for seed, value in enumerate(seconds):
            add(name, phase, seed, seconds=float(f"{value:.4g}"))
    for name, phases in runs.items():
        numpy = name == "reference"
        top = memory.peak(phases["both"], device, numpy)
        add(name, "peak", 0, bytes=top)
        if not numpy:
            add(
                name, "saved", 0, bytes=memory.saved(functions[name], given)
            )
    return rows


trial.reading(costs.plot)
trial.reading(costs.kept)
trial.reading(costs.table)
