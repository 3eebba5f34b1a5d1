"""Is RMSNorm quicker than LayerNorm, and because it computes no mean?

Both norms of the same rows race, forward, and forward with backward: in
NumPy, as a formula in PyTorch, as torch.nn has them, compiled, and as
loops fused by hand. In each race runs a LayerNorm that leaves out its mean
and nothing else. A seed is a fresh start: its own arrays, compiled anew,
raced in orders of its own.

Scope: 8192 rows of 1024 numbers in float32, one thread of one CPU. Rows
that a cache holds, and other shapes, are in `performance.benchmark`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...records import Record
from ...table import Table
from ..arms import Arm, Contrast, of
from ..batch_norm.spans import weakest
from ..decisions import Decision, Estimate, above, settle, within
from ..protocol import Config, Pilot, Rows, Trial, Unit, seeds
from . import contenders, race, unfused

LOW, HIGH = 13.0, 20.0  # per cent of LayerNorm's time
MIDDLE, HALF = (LOW + HIGH) / 2, (HIGH - LOW) / 2
MEAN = 5.0  # per cent that leaving out the mean has to save
PHASES = {"forward": "forward", "both": "both passes"}
LIBRARIES = {
    "numpy": "NumPy", "formula": "PyTorch's formula",
    "torch.nn": "torch.nn", "compiled": "compiled", "loops": "loops",
    "kernels": "kernels",
}  # fmt: skip
KIND = {n: n for n in unfused.KINDS} | {
    "again": "layer", "more rows": "layer"
}  # fmt: skip

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm", "jiang2023"),
    grid={"library": [n for n in LIBRARIES if n != "kernels"]},
    config={
        "shape": [8192, 1024], "dtype": "float32", "orders": 3,
        "rounds": 4, "first_seed": 400, "seeds": 40,
    },
    live={"library": ["numpy", "torch.nn"], "shape": [1024, 256],
          "orders": 2, "rounds": 2, "seeds": 2},
    gpu={"library": ["formula", "torch.nn", "compiled", "kernels"],
         "shape": [32768, 4096], "dtype": "bfloat16", "rounds": 7},
    pilots=[
        Pilot(range(900, 902), "Two seeds beside other work: NumPy saved "
              "31 and 33 per cent, the formula 27 and 70, torch.nn −56 and "
              "−207. To be run on a machine at rest."),
        Pilot(range(100, 110), "By the rules below, every norm on arrays "
              "of its own: LayerNorm against itself saved up to 8 per "
              "cent, by where its arrays lay. NumPy saved 41 and 28, the "
              "formula 38 and 32, torch.nn −97 and −208, compiled 32 and "
              "5, loops 1 and 11."),
        Pilot(range(200, 212), "By the same rules, on shared arrays, with "
              "twelve seeds: LayerNorm against itself 0 on average, its "
              "interval up to ±6. NumPy saved 40 and 28, the formula 38 "
              "and 33, torch.nn −167 and −297, compiled 36 and 2, loops 2 "
              "and 8 per cent."),
        Pilot(range(300, 340), "By the same rules, forty seeds, all norms "
              "in one order: LayerNorm against itself, as a loop, forward, "
              "saved 3.6 [1.6, 5.5]. NumPy saved 42 and 30, the formula 39 "
              "and 33, torch.nn −203 and −296, compiled 39 and 1, loops 1 "
              "and 15 per cent."),
        Pilot(range(910, 916), "Three libraries, some of these seeds, four "
              "orders of three rounds: LayerNorm against itself 1 on "
              "average, a seed up to ±11."),
    ],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return per cent of LayerNorm's time saved, and copies of x: medians
    over the rounds, of each norm and phase.
    """
    race.steady_memory()
    torch.set_num_threads(1)
    rows: Rows = []
    for seed in seeds(config):
        torch._dynamo.reset()
        lap = racers(config, unit["library"], seed, device)
        took = in_orders(lap, seed, config, device)
        copy = took.pop(("copy", "forward"))
        for (norm, phase), own in took.items():
            saved = 1 - np.median(own / took["layer", phase])
            rows.append({
                "seed": seed, "norm": norm, "phase": phase,
                "saved": round(100 * float(saved), 2),
                "copies": round(float(np.median(own / copy)), 2),
            })  # fmt: skip
    return rows


def in_orders(
    lap: dict[tuple[str, str], race.Do],
    seed: int,
    config: Config,
    device: str,
) -> dict[tuple[str, str], np.ndarray]:
    """Return seconds a call, of rounds in several orders: what ran before
    a norm counts, by what it leaves in the caches.
    """
    keys, draw = list(lap), np.random.default_rng(seed)
    laps = []
    for _ in range(config["orders"]):
        lap = {keys[i]: lap[keys[i]] for i in draw.permutation(len(keys))}
        laps.append(race.run(lap, config["rounds"], device))
    return {key: np.concatenate([own[key] for own in laps]) for key in keys}


def racers(
    config: Config, library: str, seed: int, device: str
) -> dict[tuple[str, str], Any]:
    """Return {(norm, phase): what to time}, and a copy.

    All read the same arrays, so that where these lie in memory is the same
    for all. A tenth more rows than the others has "more rows".
    """
    M, N = config["shape"]
    x, dy, w, b = given(seed, M + M // 10, N, config["dtype"], device)
    lap = {("copy", "forward"): contenders.copies([x[:M]], [])["copy"]}
    made = unfused.phases(library)
    for norm, kind in KIND.items():
        rows = len(x) if norm == "more rows" else M
        args = [x[:rows], w] if kind == "rms" else [x[:rows], w, b]
        if kind in made:
            own = made[kind](args, dy[:rows])
            lap |= {(norm, phase): own[phase] for phase in PHASES}
    return lap


def given(
    seed: int, M: int, N: int, dtype: str, device: str
) -> tuple[Tensor, ...]:
    """Return x and dy (M, N), γ and β (N,)."""
    g = torch.Generator(device).manual_seed(seed)
    x, dy, w, b = (
        torch.randn(shape, generator=g, device=device)
        for shape in ((M, N), (M, N), (N,), (N,))
    )
    kind = contenders.DTYPES[dtype]
    return tuple(t.to(kind) for t in (x, dy, 1 + 0.1 * w, 0.1 * b))


def saved(record: Record, norm: str, library: str, phase: str) -> Arm:
    """Per cent of LayerNorm's time that a norm saves, a seed each."""
    arm = {"norm": norm, "library": library, "phase": phase}
    return of(record.values("saved", **arm))


def arms(
    record: Record, norm: str, middle: float = 0.0
) -> dict[str, Contrast]:
    """Return what is saved beyond `middle`, by library and phase."""
    found = {}
    for library in record.distinct("library", norm=norm):
        for phase, name in PHASES.items():
            own = saved(record, norm, library, phase)
            peer = of([middle] * own.seeds)
            found[f"{LIBRARIES[library]}, {name}"] = Contrast(own, peer)
    return found


@trial.null
def the_same_again(record: Record) -> Estimate:
    """LayerNorm beside itself saves nothing, in any library."""
    return weakest(arms(record, "again"), within, HALF)


@trial.positive
def fewer_rows(record: Record) -> Estimate:
    """A tenth more rows cost 9 to 10 per cent, and have to be seen."""
    found = {
        name: Contrast(c.peer, c.own)
        for name, c in arms(record, "more rows").items()
    }
    return weakest(found, above, MEAN)


@trial.rule("rms.faster-15-20")
def in_the_range(record: Record) -> Decision:
    """What RMSNorm saves of LayerNorm's time, in per cent, forward and in
    both passes: in NumPy, by the formula in PyTorch, in torch.nn, compiled,
    and as loops. 15 to 20 percent faster is read both as 1.15 to 1.2 times
    as fast and as 15 to 20 per cent of the time: so {LOW:g} to {HIGH:g}
    per cent are saved. It is so where the interval lies within, and not
    where it lies outside. Means over seeds, 95 % intervals, Bonferroni over
    all. All: holds; some, and the rest not: holds when; none: does not
    hold. Otherwise open.
    """
    found = arms(record, "rms", MIDDLE)
    means = [c.own.at_best.mean() for c in found.values()]
    told = f"RMSNorm saves {min(means):.0f} to {max(means):.0f} % "
    return settle(
        found, within, HALF, when="it is {arms}",
        because="Per cent saved, beyond " + f"{MIDDLE:g}" + ": {arms}.",
        says={
            "holds": "RMSNorm is 15 to 20 % faster in every library.",
            "holds when": told + "of the time; 15 to 20 in {clear_count}.",
            "does not hold": told + "of the time, by implementation.",
        },
    )  # fmt: skip


@trial.rule("rms.why-faster")
def by_the_mean(record: Record) -> Decision:
    """LayerNorm beside the same without its mean, its shift kept, in four
    libraries, forward and in both passes. The mean is a reason where
    leaving it out saves over {MEAN:g} per cent of LayerNorm's time, and
    none where it surely saves less. Means over seeds, 95 % intervals,
    Bonferroni over all. All: holds; some, and the rest not: holds when;
    none: does not hold. Otherwise open.
    """
    return settle(
        arms(record, "no mean"), above, MEAN, when="it is {arms}",
        because="Per cent saved by leaving out the mean: {arms}.",
        says={
            "holds": "Leaving out the mean saves time, fused or not.",
            "holds when": "Leaving out the mean saves over 5 % in "
            "{clear_count} of {count} cases.",
            "does not hold": "Leaving out the mean saves no 5 % in any "
            "library.",
        },
    )  # fmt: skip


@trial.reading
def told(record: Record, library: str, phase: str) -> str:
    """Say what RMSNorm saves in a library, in per cent."""
    found = saved(record, "rms", library, phase).interval()
    return f"{LIBRARIES[library]}, {PHASES[phase]}: {found} % saved"


@trial.reading
def table(record: Record) -> Table:
    """Return copies of x, a row a library and phase."""
    norms = {"layer": "LayerNorm", "no mean": "without mean",
             "rms": "RMSNorm"}  # fmt: skip
    rows = []
    for library in record.distinct("library"):
        for phase, name in PHASES.items():
            found = [
                record.values("copies", norm=norm, library=library,
                              phase=phase)
                for norm in norms
            ]  # fmt: skip
            cells = (f"{np.mean(own):.1f}" if own else "–" for own in found)
            rows.append((f"{LIBRARIES[library]}, {name}", *cells))
    return Table(("copies of x", *norms.values()), rows)
