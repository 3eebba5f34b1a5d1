"""What does each norm cost, in units of a memory copy?

A norm moves memory and computes little, so a copy of x is the limit:
x is read once and y written once. Every technique in several libraries,
forward and forward with backward, and the bytes that it keeps.

On a GPU x fills the memory many times what its cache holds.

Scope: single layers by themselves, on one thread, on two where arrays are
large, or on one GPU.
"""

from collections.abc import Iterator
from itertools import product

import torch

from ...records import Record
from ...table import Table
from ..protocol import Config, Rows, Trial, Unit
from . import contenders, costs, entry, looped, memory, race, targets

N, C = 32, 64  # of the images

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm",),
    config={
        "features": [256, 1024, 4096, 8192, 16384, 32768],
        "rows": [1, 64, 1024, 8192, 65536],
        "images": [8, 14, 28, 56],
        "last": [14, 56],  # images whose channels come last in memory
        "matrices": [256, 1024, 4096],
        "most": 2**24,  # values of x
        "dtypes": ["float32"],
        "contenders": ["reference", "layers", "eager", "compiled", "loops"],
        "threads": [1, 2],  # more than one at the shapes of the figure
        "rounds": 9,
    },
    live={
        "features": [256, 4096], "rows": [1024], "images": [14], "last": [],
        "matrices": [1024], "contenders": ["reference", "layers", "eager"],
        "threads": [1], "rounds": 5,
    },
    gpu={
        "features": [
            4096, 1024, 16384, 2048, 8192, 5120, 3072, 32768, 65536, 131072,
        ],
        "rows": [], "most": 2**27,
        "bytes": 2**28,  # of x: as many rows as that makes
        "dtypes": ["bfloat16", "float32"],
        "float32": [4096, 1024, 16384, 65536, 131072],
        "slow": {  # seconds to compile: at some shapes, in bfloat16 alone
            "compiled": [1024, 4096, 16384],
            "quack": [1024, 4096, 16384, 65536],
        },
        "residual": [4096, 16384], "threads": [1],
        "images": [56], "last": [], "matrices": [4096],
        "contenders": [
            "elementwise", "eager", "compiled", "kernels", "liger",
            "liger kept", "quack",
        ],
        "rounds": 21,
    },
)  # fmt: skip


@trial.units
def units(config: Config) -> list[Unit]:
    """One unit races all contenders for a norm, a shape and a dtype."""
    found = []
    for dtype in config["dtypes"]:
        shapes = {
            "vectors": [*vectors(config, dtype)],
            "images": [(N, C, side, side) for side in config["images"]],
            "matrices": [(side, side) for side in config["matrices"]],
        }
        raced = [
            (norm, "×".join(map(str, shape)))
            for kind, norms in contenders.KINDS.items()
            for shape, norm in product(shapes[kind], norms)
            if norm != "residual"
            or shape[1] in config.get("residual", shape)
        ]
        raced += [
            (norm, f"{N}×{C}×{side}×{side}{costs.LAST}")
            for side in config.get("last", ())
            for norm in contenders.KINDS["images"]
        ]
        found += [
            {"norm": norm, "shape": shape, "dtype": dtype, "threads": n}
            for n in config["threads"]
            for norm, shape in raced
            if n == 1 or shape.removesuffix(costs.LAST) in costs.SHOWN
        ]
    return found


def vectors(config: Config, dtype: str) -> Iterator[tuple[int, int]]:
    """Yield rows and features: those listed, or rows to fill the bytes.

    A dtype may have features of its own.
    """
    size = contenders.DTYPES[dtype].itemsize
    for features in config.get(dtype, config["features"]):
        filling = config.get("bytes", 0) // size // features
        for rows in config["rows"] or [filling]:
            if rows * features <= config["most"]:
                yield rows, features


def entered(config: Config, unit: Unit) -> list[str]:
    """Leave out who is slow to compile where the preset says so."""
    features = costs.sides(unit)[1]
    first = unit["dtype"] == config["dtypes"][0]
    slow = config.get("slow", {})
    return [
        name
        for name in config["contenders"]
        if name not in slow or (first and features in slow[name])
    ]


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return seconds of each contender, phase and round; bytes of each.

    A row "absent" names a contender that is not there, fails or is wrong.
    """
    race.steady_memory()
    torch.set_num_threads(unit["threads"])
    torch._dynamo.reset()
    shape, last = costs.sides(unit), costs.LAST in unit["shape"]
    norm, wanted = unit["norm"], entered(config, unit)
    given = contenders.tensors(norm, shape, unit["dtype"], device)
    if last:
        given[0] = given[0].contiguous(memory_format=torch.channels_last)
    entries, faults = entry.enter(
        norm, wanted, given, unit["dtype"], looped.makers(norm)
    )
    runs = {name: one.phases for name, one in entries.items()}
    if "reference" in wanted:
        runs["reference"] = contenders.reference(norm, given)
    lap = {
        (name, "forward"): do
        for name, do in contenders.copies(given, wanted).items()
    } | {
        (name, phase): do
        for name, phases in runs.items()
        for phase, do in phases.items()
    }
    rows: Rows = []

    def add(name: str, phase: str, seed: int, **found: object) -> None:
        row = {"contender": name, "phase": phase, "seed": seed}
        row |= {"seconds": None, "host": None, "bytes": None, "note": ""}
        rows.append(row | found)

    for (name, phase), own in race.samples(
        lap, config["rounds"], device
    ).items():
        for seed, sample in enumerate(own):
            add(name, phase, seed, **{
                k: race.digits(v) for k, v in sample._asdict().items()
            })  # fmt: skip
    for name, phases in runs.items():
        top = memory.peak(phases["both"], device, name == "reference")
        add(name, "peak", 0, bytes=top)
    for name, one in entries.items():
        add(name, "saved", 0, bytes=memory.saved(one.function, given))
    for name, why in faults.items():
        add(name, "absent", 0, note=why)
    return rows


trial.reading(costs.plot)
trial.reading(costs.kept)
trial.reading(costs.table)
trial.reading(targets.goals)
trial.reading(looped.behind)
trial.reading(looped.raced)
trial.reading(looped.smallest)


@trial.reading
def loops(record: Record, threads: int = 0) -> Table:
    """Return what the loops are to reach, and do."""
    return looped.goals(record, threads)
